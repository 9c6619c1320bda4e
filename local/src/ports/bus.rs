//! The stack's bus in a simulated life: what was put on it, in the order of arrival.

use super::Sim;
use crate::world::Ms;
use headend_control::ports::{BusEvent, Messages};
use headend_domain::action::{Refusal, RefusalKind};

#[derive(Debug, Default)]
pub struct Bus {
    /// When it was taken, and what.
    pub taken: Vec<(Ms, BusEvent)>,
    /// Takes nothing, as if the permission were missing.
    pub refuses: bool,
    /// Entries that it takes of one call; the others fail.
    pub most: Option<usize>,
}

impl Messages for Sim {
    async fn put_events(&self, events: &[BusEvent]) -> Result<usize, Refusal> {
        let (events, on) = (events.to_vec(), format!("{} events", events.len()));
        let put = move |inner: &mut super::Inner| {
            let (now, bus) = (inner.now, &mut inner.bus);
            if bus.refuses {
                return Err(Refusal::new(RefusalKind::Denied, "AccessDeniedException", "not authorized"));
            }
            let taken = bus.most.unwrap_or(events.len()).min(events.len());
            bus.taken.extend(events.into_iter().take(taken).map(|event| (now, event)));
            if taken == 0 {
                return Err(Refusal::new(RefusalKind::Throttled, "ThrottlingException", "later"));
            }
            Ok(taken)
        };
        let lost = |_| Refusal::new(RefusalKind::Unsure, "Timeout", "no answer came");
        self.call("PutEvents", true, &on, put).await.map_err(lost)?
    }
}
