//! EventBridge: messages onto the stack's own bus. Nothing is awaited of it, and nothing is found again: what is not known to be
//! taken is sent again under the same id.

use crate::Account;
use crate::refusal::told;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use headend_control::ports::{BusEvent, Messages};
use headend_domain::action::{Refusal, RefusalKind};

/// What rules on the bus match.
const SOURCE: &str = "headend";

impl Messages for Account {
    async fn put_events(&self, events: &[BusEvent]) -> Result<usize, Refusal> {
        let entries = events.iter().map(|event| entry(event, &self.config.bus)).collect();
        let answer = self.events.put_events().set_entries(Some(entries)).send().await;
        let answer = answer.map_err(|error| told(&error).refusal())?;
        taken(answer.failed_entry_count, answer.entries(), events.len())
    }
}

fn entry(event: &BusEvent, bus: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source(SOURCE)
        .detail_type(event.kind)
        .time(DateTime::from_millis(event.at.0))
        .detail(&event.detail)
        .event_bus_name(bus)
        .build()
}

/// The answer is 200 even where entries failed; those carry a code in place of an id, in the order of the request.
fn taken(failed: i32, results: &[PutEventsResultEntry], sent: usize) -> Result<usize, Refusal> {
    if failed == 0 {
        return Ok(sent);
    }
    let first = results.iter().position(|result| result.error_code.is_some()).unwrap_or(0);
    match results.get(first).filter(|_| first == 0) {
        Some(result) => {
            let code = result.error_code.as_deref().unwrap_or("NoCode");
            Err(Refusal::new(RefusalKind::Throttled, code, result.error_message.as_deref().unwrap_or("no message")))
        }
        None => Ok(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(code: Option<&str>) -> PutEventsResultEntry {
        PutEventsResultEntry::builder().set_error_code(code.map(str::to_owned)).build()
    }

    #[test]
    fn what_comes_after_an_entry_that_failed_is_sent_again_too() {
        let results = [result(None), result(Some("ThrottlingException")), result(None)];
        assert_eq!(taken(1, &results, 3), Ok(1));
        assert_eq!(taken(0, &[], 3), Ok(3));
        let refusal = taken(1, &results[1..], 2).unwrap_err();
        assert_eq!(refusal.code, "ThrottlingException");
    }
}
