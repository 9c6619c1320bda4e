//! Faults that a test asks for, call by call: a refusal without an effect, or an effect without an answer.

use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use crate::world::AwsError;

/// What happens to the next calls of one operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// As it is signed for, `cloudwatch` included.
    pub service: String,
    pub operation: String,
    pub kind: Kind,
    /// How many calls; one when it is not told.
    #[serde(default = "one")]
    pub times: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Kind {
    /// The call is refused and has no effect.
    Refuse { status: u16, code: String, message: String },
    /// The call takes effect, and the connection breaks before the answer has arrived.
    Lost,
}

fn one() -> u32 {
    1
}

/// The faults that are still to come.
#[derive(Default)]
pub struct Faults {
    waiting: Mutex<Vec<Fault>>,
}

impl Faults {
    pub fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// The fault that this call meets, if any; it counts as met.
    pub(super) fn meet(&self, service: &str, operation: &str) -> Option<Kind> {
        let service = if service == "monitoring" { "cloudwatch" } else { service };
        let mut waiting = self.lock();
        let index = waiting.iter().position(|f| f.service == service && f.operation == operation)?;
        let kind = waiting[index].kind.clone();
        waiting[index].times = waiting[index].times.saturating_sub(1);
        waiting.retain(|fault| fault.times > 0);
        Some(kind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    /// The refusal that comes in place of the effect.
    pub(super) fn refusal(&self) -> Option<AwsError> {
        match self {
            Self::Refuse { status, code, message } => Some(AwsError::new(*status, code, message.clone())),
            Self::Lost => None,
        }
    }
}
