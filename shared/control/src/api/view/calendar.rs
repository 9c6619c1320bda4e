//! Planned events as the API shows them. Only the function `planned-events` works a calendar out; the platform and the player
//! read the moments that the record keeps.

use super::{feed, report};
use headend_domain::calendar::{Airing, PlannedEvent, SHOWN};
use headend_domain::record::Record;
use headend_domain::time::Timestamp;
use serde_json::{Value, json};

/// All planned events of a platform, and the next occurrences of all together.
pub fn events(record: &Record, now: Timestamp) -> Value {
    let all: Vec<Value> = record.calendar.events.iter().map(|planned| event(record, planned, now)).collect();
    let upcoming: Vec<Value> =
        record.calendar.airings(now, SHOWN).iter().take(SHOWN).map(|it| occurrence(record, it)).collect();
    let mut view = json!({"events": all, "upcoming": upcoming});
    if let Some(feed) = &record.calendar.feed {
        view["feed"] = json!(feed::address(record, feed));
    }
    view
}

/// One planned event with its next occurrences, and what became of its last ones.
pub fn event(record: &Record, planned: &PlannedEvent, now: Timestamp) -> Value {
    let mut view = json!(planned.plan);
    view["id"] = json!(planned.id);
    let next: Vec<Value> = planned.airings(now).take(SHOWN).map(|airing| occurrence(record, &airing)).collect();
    view["upcoming"] = json!(next);
    let past = record.state.broadcasts.past.iter().rev().filter(|past| past.event == planned.id);
    let past: Vec<Value> = past
        .map(|past| {
            let report = report::link(record, &past.event, &past.occurrence);
            json!({"occurrence": past.occurrence, "fate": past.fate, "at": past.at.to_string(), "report": report})
        })
        .collect();
    view["past"] = json!(past);
    view
}

/// The view of an event that is not there yet: its id would lead to nothing.
pub fn preview(mut event: Value) -> Value {
    let without = |view: &mut Value, field: &str| view.as_object_mut().and_then(|fields| fields.remove(field));
    without(&mut event, "id");
    for occurrence in event["upcoming"].as_array_mut().into_iter().flatten() {
        without(occurrence, "event");
    }
    event
}

fn occurrence(record: &Record, airing: &Airing) -> Value {
    let on_air = record.state.broadcasts.on_air.as_ref();
    let has_it = on_air.is_some_and(|it| it.airing.event == airing.event && it.airing.occurrence == airing.occurrence);
    let mut view = kept(airing);
    view["offAirAt"] = json!(airing.off_at.to_string());
    view["onAir"] = json!(has_it);
    view
}

/// The occurrence that a platform is on air for, or waits for.
pub fn kept(airing: &Airing) -> Value {
    json!({
        "event": airing.event,
        "occurrence": airing.occurrence,
        "title": airing.title,
        "onAirAt": airing.on_at.to_string(),
        "start": airing.start.to_string(),
        "end": airing.end.to_string(),
    })
}

/// What viewers wait for: the next start that lies ahead.
pub fn countdown(record: &Record, now: Timestamp) -> Option<Value> {
    let broadcasts = &record.state.broadcasts;
    let on_air = broadcasts.on_air.as_ref().map(|on_air| &on_air.airing);
    let ahead = on_air.into_iter().chain(&broadcasts.next).find(|airing| airing.start > now)?;
    Some(json!({"title": ahead.title, "start": ahead.start.to_string()}))
}
