//! `alarm-handler`: puts alarms where the lease holder folds them in. It decides nothing.

use crate::handlers::events::AlarmChange;
use crate::ports::{Clock, Wakeups};
use crate::store::{Fact, Inbox, InboxItem, Lookup, StoreError};
use aws_lambda_events::cloudwatch_alarms::CloudWatchAlarmStateValue;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
use serde::Deserialize as _;

pub struct AlarmHandler<'a, S, Q, C> {
    pub store: &'a S,
    pub wakeups: &'a Q,
    pub clock: &'a C,
}

impl<S: Lookup + Inbox, Q: Wakeups, C: Clock> AlarmHandler<'_, S, Q, C> {
    /// # Errors
    /// The store's; the event is then delivered again.
    pub async fn handle(&self, event: &EventBridgeEvent) -> Result<(), StoreError> {
        for arn in event.resources.iter().flatten() {
            let Some((key, slot)) = self.store.platform_of(arn).await? else {
                tracing::info!(metric = "UnknownResourceEvents", arn, "alarm of a resource that is not ours");
                continue;
            };
            let Some(item) = item(event, slot) else { continue };
            self.store.put_fact(&key, &item, self.clock.now()).await?;
            if let Err(why) = self.wakeups.wake(&key, 0).await {
                tracing::warn!(platform = %key, why, "no wake-up was sent; the sweep will look");
            }
        }
        Ok(())
    }
}

/// What the event says of a slot. What cannot be read would be no better if it were delivered again: it is dropped
/// and counted.
fn item(event: &EventBridgeEvent, slot: Slot) -> Option<InboxItem> {
    let unreadable = |why: &str| {
        tracing::error!(metric = "UnreadableEvents", event = event.id, why, "an alarm event cannot be read");
        None
    };
    // The event's own id: delivered twice, it is put once.
    let Some(id) = event.id.clone() else { return unreadable("it has no id") };
    if !matches!(slot, Slot::Alarm(_)) {
        return Some(InboxItem { id, fact: Fact::Hint { slot } });
    }
    let state = match AlarmChange::deserialize(&event.detail) {
        Ok(AlarmChange { state: Some(state), .. }) => state,
        Ok(_) => return unreadable("its detail has no state"),
        Err(error) => return unreadable(&error.to_string()),
    };
    let at = Timestamp(state.timestamp.timestamp_millis());
    let firing = state.value == CloudWatchAlarmStateValue::Alarm;
    Some(InboxItem { id, fact: Fact::Alarm { slot, firing, reason: state.reason, at } })
}

#[cfg(test)]
mod tests {
    use super::item;
    use crate::store::{Fact, InboxItem};
    use aws_lambda_events::eventbridge::EventBridgeEvent;
    use headend_domain::slot::{AlarmKind, Slot};
    use headend_domain::time::Timestamp;
    use serde_json::{Value, json};

    fn event(id: Value, state: Value) -> EventBridgeEvent {
        let detail = json!({"alarmName": "a", "configuration": {}, "state": state});
        let kind = "CloudWatch Alarm State Change";
        let event = json!({"id": id, "source": "aws.cloudwatch", "detail-type": kind, "detail": detail});
        serde_json::from_value(event).unwrap()
    }

    fn alarm() -> Slot {
        Slot::Alarm(AlarmKind::Cdn5xx)
    }

    fn state(value: &str, timestamp: &str) -> Value {
        json!({"value": value, "reason": "why", "reasonData": "{}", "timestamp": timestamp})
    }

    #[test]
    fn an_alarm_that_changes_is_a_fact_of_its_slot_at_the_events_time() {
        for (value, firing) in [("ALARM", true), ("OK", false), ("INSUFFICIENT_DATA", false)] {
            let item = item(&event(json!("e-1"), state(value, "2026-01-14T09:10:00.250+0000")), alarm());
            let at = Timestamp(1_768_381_800_250);
            let fact = Fact::Alarm { slot: alarm(), firing, reason: "why".to_owned(), at };
            assert_eq!(item, Some(InboxItem { id: "e-1".to_owned(), fact }), "{value}");
        }
    }

    #[test]
    fn of_any_other_slot_an_event_is_a_hint_whatever_its_detail() {
        let hint = Fact::Hint { slot: Slot::Channel };
        let item = item(&event(json!("e-1"), Value::Null), Slot::Channel);
        assert_eq!(item, Some(InboxItem { id: "e-1".to_owned(), fact: hint }));
    }

    #[test]
    fn an_event_that_cannot_be_read_is_dropped() {
        let good = || state("ALARM", "2026-01-14T09:10:00.000+0000");
        assert!(item(&event(json!("e-1"), good()), alarm()).is_some());
        assert_eq!(item(&event(Value::Null, good()), alarm()), None, "without an id");
        assert_eq!(item(&event(json!("e-1"), Value::Null), alarm()), None, "without a state");
        assert_eq!(item(&event(json!("e-1"), state("LOUD", "2026-01-14T09:10:00.000+0000")), alarm()), None);
        assert_eq!(item(&event(json!("e-1"), state("ALARM", "yesterday")), alarm()), None);
    }
}
