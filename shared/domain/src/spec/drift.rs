//! What is done about what somebody else changed or deleted of a platform's resources (decision 017).

use super::reader::Object;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftSpec {
    pub mode: DriftMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriftMode {
    /// The spec is what was asked for: what differs is changed back where no picture suffers from it.
    #[default]
    Repair,
    /// It is told, and nothing is done.
    Report,
    /// Nobody looks.
    Off,
}

pub(super) fn read(body: &mut Object<'_>) -> DriftSpec {
    let Some(mut object) = body.object("drift") else { return DriftSpec::default() };
    let read = DriftSpec { mode: object.word("mode", "repair, report, off").unwrap_or_default() };
    object.finish();
    read
}
