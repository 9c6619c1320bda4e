//! `alarm-handler`: puts alarms where the lease holder folds them in. It decides nothing.

use crate::handlers::events::{AlarmChange, AwsEvent};
use crate::ports::{Clock, Wakeups};
use crate::store::{Fact, Inbox, InboxItem, Lookup, StoreError};
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;

pub struct AlarmHandler<'a, S, Q, C> {
    pub store: &'a S,
    pub wakeups: &'a Q,
    pub clock: &'a C,
}

impl<S: Lookup + Inbox, Q: Wakeups, C: Clock> AlarmHandler<'_, S, Q, C> {
    /// # Errors
    /// The store's; the event is then delivered again.
    pub async fn handle(&self, event: &AwsEvent) -> Result<(), StoreError> {
        for arn in &event.resources {
            let Some((key, slot)) = self.store.platform_of(arn).await? else {
                tracing::info!(metric = "UnknownResourceEvents", arn, "alarm of a resource that is not ours");
                continue;
            };
            let Some(item) = self.item(event, slot) else { continue };
            self.store.put_fact(&key, &item, self.clock.now()).await?;
            if let Err(why) = self.wakeups.wake(&key, 0).await {
                tracing::warn!(platform = %key, why, "no wake-up was sent; the sweep will look");
            }
        }
        Ok(())
    }

    fn item(&self, event: &AwsEvent, slot: Slot) -> Option<InboxItem> {
        let fact = if matches!(slot, Slot::Alarm(_)) {
            alarm_fact(event, slot, self.clock.now())?
        } else {
            Fact::Hint { slot }
        };
        // The event's own id: delivered twice, it is put once.
        Some(InboxItem { id: event.id.clone(), fact })
    }
}

fn alarm_fact(event: &AwsEvent, slot: Slot, now: Timestamp) -> Option<Fact> {
    match serde_json::from_value::<AlarmChange>(event.detail.clone()) {
        Ok(change) => {
            let at = change.state.timestamp.parse::<jiff::Timestamp>().map_or(now, |at| Timestamp(at.as_millisecond()));
            Some(Fact::Alarm { slot, firing: change.state.value == "ALARM", reason: change.state.reason, at })
        }
        Err(error) => {
            tracing::error!(metric = "UnreadableEvents", event = event.id, %error, "an alarm event cannot be read");
            None
        }
    }
}
