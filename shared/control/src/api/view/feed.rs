//! The calendar of a platform as calendar programs read it: iCalendar (RFC 5545), an event for each occurrence, in UTC. What is
//! known of time zones stays here: a program with older rules than ours shows the right moment all the same.

use headend_domain::broadcast::Fate;
use headend_domain::calendar::{Feed, Shown, shown};
use headend_domain::record::Record;
use headend_domain::time::Timestamp;
use icalendar::{Calendar, Component as _, Event, EventStatus, Property};

/// How often programs are asked to read it again: a change of plan is in their users' hands in time for the next warm-up.
const REFRESH: &str = "PT15M";

/// The secret address, relative to the site's and to the API's.
pub fn address(record: &Record, feed: &Feed) -> String {
    format!("/platforms/{}/calendar.ics?key={}", record.asked.key.id, feed.key)
}

/// The document. The same for the same plan: nothing in it is of the moment at which it was asked for, but what lies around it.
pub fn document(record: &Record, now: Timestamp) -> String {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Headend//Planned events//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", &record.asked.spec.name),
        ("X-WR-CALNAME", &record.asked.spec.name),
        ("X-PUBLISHED-TTL", REFRESH),
    ] {
        calendar.append_property((name, value));
    }
    calendar.append_property(Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done());
    for it in shown(record, now) {
        calendar.push(event(record, &it));
    }
    calendar.to_string()
}

fn event(record: &Record, it: &Shown) -> Event {
    let key = &record.asked.key;
    let mut event = Event::new();
    event
        .uid(&format!("{}.{}@{}", it.event, it.occurrence, key.id))
        // Grows with each change of the calendar, and so with each of this event.
        .sequence(u32::try_from(record.calendar.version).unwrap_or(u32::MAX))
        .add_property("DTSTAMP", utc(it.written_at))
        .add_property("DTSTART", utc(it.start))
        .add_property("DTEND", utc(it.end))
        // It says what is on air, not that whoever reads it is busy.
        .add_property("TRANSP", "TRANSPARENT")
        .summary(&it.title)
        .description(&told(record, it));
    event.status(if it.fate == Some(Fate::Cancelled) { EventStatus::Cancelled } else { EventStatus::Confirmed });
    event.done()
}

fn told(record: &Record, it: &Shown) -> String {
    let name = &record.asked.spec.name;
    let (on, off) = (minute(it.on_at), minute(it.off_at));
    match it.fate {
        None => format!("{name}: the channel is started {on} and stopped {off} at the latest."),
        Some(Fate::Aired) => format!("{name}: was on air to its end."),
        Some(Fate::Stopped) => format!("{name}: the channel was stopped before the end."),
        Some(Fate::Cancelled) => format!("{name}: cancelled or moved while it was on."),
        Some(Fate::Missed) => format!("{name}: missed; it was too late to begin."),
        Some(Fate::NoRoom) => format!("{name}: not on air; as many channels ran as may."),
    }
}

/// For people, like 2026-03-27 18:54 UTC.
fn minute(moment: Timestamp) -> String {
    let text = moment.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

/// DATE-TIME in UTC, to the second.
fn utc(moment: Timestamp) -> String {
    let text = moment.to_string();
    let to_the_second = text.split('.').next().unwrap_or(&text).trim_end_matches('Z');
    let digits: String = to_the_second.chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
    digits + "Z"
}
