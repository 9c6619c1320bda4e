//! The calendar for programs: what its routes answer, held against the contract, and what stands in the document. That other
//! programs can read it is tests/foreign/calendar_feed.py's to show.

use super::answers::{answered, hold, look};
use super::operation;
use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::api::HttpResponse;
use headend_control::api::view::feed::document;
use headend_control::handlers::accept::Change;
use headend_domain::calendar::PlannedEvent;
use headend_domain::limits::{FEED_MOST, MAX_EVENTS};
use headend_domain::phase::Phase;
use headend_domain::spec::ChannelClass;
use headend_domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// 1 January 2026, 00:00 UTC: when lives begin.
const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn ready() -> Story {
    let mut story = Story::create(quiet(11), &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, HOUR);
    story
}

fn plan(story: &mut Story, body: &Value) -> String {
    let id = story.id.clone();
    let answer = answered(story.life.planned("POST", &id, None, body, None));
    assert_eq!(answer.status, 201, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned()
}

fn feed(story: &mut Story, method: &str) -> (u16, Value) {
    let id = story.id.clone();
    let answer = answered(story.life.calendar_feed(method, &id));
    hold(if method == "POST" { "makeCalendarFeed" } else { "removeCalendarFeed" }, &answer);
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

/// The key of an address.
fn key(made: &Value) -> String {
    made["feed"].as_str().unwrap().split_once("?key=").unwrap().1.to_owned()
}

fn read(story: &mut Story, key: Option<&str>, etag: Option<&str>) -> HttpResponse {
    let id = story.id.clone();
    let answer = answered(story.life.calendar(&id, key, etag));
    hold("calendarFeed", &answer);
    answer
}

/// The lines of the events, folded ones made whole (RFC 5545, 3.1).
fn events(document: &str) -> Vec<Vec<String>> {
    assert!(document.starts_with("BEGIN:VCALENDAR\r\n") && document.ends_with("END:VCALENDAR\r\n"), "{document}");
    assert!(document.lines().all(|line| line.len() <= 75), "a line of more than 75 octets: {document}");
    let whole = document.replace("\r\n ", "");
    let events = whole.split("BEGIN:VEVENT\r\n").skip(1);
    let events: Vec<Vec<String>> =
        events.map(|it| it.split("END:VEVENT").next().unwrap().lines().map(str::to_owned).collect()).collect();
    let uids: BTreeSet<&str> = events.iter().map(|event| value(event, "UID")).collect();
    assert_eq!(uids.len(), events.len(), "an occurrence is there once: {events:?}");
    events
}

fn value<'e>(event: &'e [String], name: &str) -> &'e str {
    let all: Vec<&str> = event.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':')).collect();
    assert_eq!(all.len(), 1, "{name} in {event:?}");
    all[0]
}

fn kind(answer: &Value) -> &str {
    answer["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap()
}

#[test]
fn every_occurrence_around_now_is_an_event_at_its_moment_and_says_what_became_of_it() {
    let mut story = ready();
    let id = story.id.clone();
    // By the clocks of Paris, over the night of 29 March 2026.
    let derby = plan(
        &mut story,
        &json!({
            "title": "Derby; live, \\ with a title that is long enough to be folded, and é",
            "start": "2026-01-04T19:00", "end": "2026-01-04T20:30", "timeZone": "Europe/Paris",
            "recurrence": "FREQ=WEEKLY", "exceptions": ["2026-01-18"]
        }),
    );
    plan(
        &mut story,
        &json!({"title": "Far", "start": "2026-09-01T10:00", "end": "2026-09-01T11:00", "timeZone": "Etc/UTC"}),
    );
    let (status, made) = feed(&mut story, "POST");
    assert_eq!(status, 201);
    let key = key(&made);
    let document = read(&mut story, Some(&key), None).body;
    let all = events(&document);
    // 13 Sundays lie within 90 days of 1 January, one of them an exception.
    let starts: Vec<&str> = all.iter().map(|event| value(event, "DTSTART")).collect();
    assert_eq!(starts.len(), 12, "{starts:?}");
    assert_eq!(starts[..3], ["20260104T180000Z", "20260111T180000Z", "20260125T180000Z"]);
    assert_eq!(starts[11], "20260329T170000Z", "the clocks of Paris were put forward that night");
    assert_eq!(value(&all[0], "DTEND"), "20260104T193000Z");
    assert_eq!(value(&all[0], "UID"), format!("{derby}.2026-01-04T19:00:00@{id}"));
    let title = "Derby\\; live\\, \\\\ with a title that is long enough to be folded\\, and é";
    assert_eq!(value(&all[0], "SUMMARY"), title);
    assert_eq!(value(&all[0], "STATUS"), "CONFIRMED");
    let uids: BTreeSet<&str> = all.iter().map(|event| value(event, "UID")).collect();
    let sequence = |event: &[String]| value(event, "SEQUENCE").parse::<u64>().unwrap();
    let first = sequence(&all[0]);

    // A week later: the first is over and has gone well; the next one is moved, and has the same UID.
    story.life.run_until(7 * 24 * HOUR, |_| false);
    let answer = answered(story.life.planned("PATCH", &id, Some(&derby), &json!({"end": "2026-01-04T21:00"}), None));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let all = events(&read(&mut story, Some(&key), None).body);
    let over = all.iter().find(|event| value(event, "DTSTART") == "20260104T180000Z").unwrap();
    let told = value(over, "DESCRIPTION");
    assert!(told.contains("the channel was stopped") || told.contains("was on air to its end"), "{told}");
    assert_eq!(value(over, "DTEND"), "20260104T193000Z", "as it was when it was on");
    let next = all.iter().find(|event| value(event, "DTSTART") == "20260111T180000Z").unwrap();
    assert_eq!(value(next, "DTEND"), "20260111T200000Z");
    assert!(uids.contains(value(next, "UID")) && sequence(next) > first, "{next:?}");
    assert!(value(next, "DESCRIPTION").contains("started 2026-01-11 17:5"), "{next:?}");

    // What is cancelled while it lies ahead is there no more; what took place stays.
    assert_eq!(answered(story.life.planned("DELETE", &id, Some(&derby), &Value::Null, None)).status, 200);
    let all = events(&read(&mut story, Some(&key), None).body);
    assert_eq!(all.len(), 1, "{all:?}");
    look(&story, &id);
}

#[test]
fn an_event_that_had_begun_before_it_was_planned_is_shown_from_then_on() {
    let mut story = ready();
    // It is past midnight on 1 January; the series has begun a month ago, on paper.
    plan(
        &mut story,
        &json!({"title": "x", "start": "2025-12-01T10:00", "end": "2025-12-01T11:00", "timeZone": "Etc/UTC", "recurrence": "FREQ=DAILY;COUNT=40"}),
    );
    let (_, made) = feed(&mut story, "POST");
    let all = events(&read(&mut story, Some(&key(&made)), None).body);
    assert_eq!((all.len(), value(&all[0], "DTSTART")), (9, "20260101T100000Z"));
}

#[test]
fn the_fullest_calendar_is_an_answer_that_a_function_may_give() {
    let story = ready();
    let inner = story.life.sim.0.borrow();
    let mut record = inner.table.records()[0].clone();
    let body = json!({
        "title": "\u{1F3AC}".repeat(80), "start": "2025-11-01T12:00", "end": "2025-11-01T12:01",
        "timeZone": "America/Argentina/ComodRivadavia", "recurrence": "FREQ=DAILY"
    });
    let plan = headend_domain::calendar::read(&body, ChannelClass::Standard).unwrap();
    record.calendar.events = (0..MAX_EVENTS)
        .map(|at| PlannedEvent {
            id: format!("e-{at:012}"),
            version: u64::MAX,
            placed_at: Timestamp(0),
            plan: plan.clone(),
        })
        .collect();
    record.calendar.version = u64::MAX;
    let document = document(&record, NOW);
    assert_eq!(events(&document).len(), FEED_MOST);
    // As it is in the function's answer: a text within JSON.
    let bytes = json!(document).to_string().len();
    assert!((2_000_000..5_000_000).contains(&bytes), "{bytes} bytes");
}

#[test]
fn whoever_has_not_the_key_of_the_moment_is_told_nothing() {
    let mut story = ready();
    let id = story.id.clone();
    let (status, none) = feed(&mut story, "DELETE");
    assert_eq!((status, kind(&none)), (404, "unknown-feed"));
    let without = read(&mut story, Some(""), None);
    let (status, made) = feed(&mut story, "POST");
    assert_eq!(status, 201);
    let first = key(&made);
    let listed: Value =
        serde_json::from_str(&answered(story.life.planned("GET", &id, None, &Value::Null, None)).body).unwrap();
    assert_eq!(listed["feed"], made["feed"]);
    let almost = format!("{}{}", &first[..31], if first.ends_with('0') { '1' } else { '0' });
    for wrong in [None, Some(""), Some("x"), Some(almost.as_str()), Some(&first[..31]), Some(&format!("{first}0"))] {
        let answer = read(&mut story, wrong, None);
        assert_eq!((answer.status, &answer.body), (404, &without.body), "{wrong:?} and no feed at all look the same");
    }
    let nobody = answered(story.life.calendar("p-000000000000", Some(&first), None));
    hold("calendarFeed", &nobody);
    assert_eq!((nobody.status, nobody.body.replace("p-000000000000", &id)), (404, without.body.clone()));

    // Known already: nothing is sent again, until something is planned.
    let answer = read(&mut story, Some(&first), None);
    let etag = answer.headers.iter().find(|(name, _)| name == "etag").unwrap().1.clone();
    story.life.run_until(MINUTE, |_| false);
    assert_eq!(read(&mut story, Some(&first), Some(&etag)).status, 304);
    plan(
        &mut story,
        &json!({"title": "x", "start": "2026-01-05T19:00", "end": "2026-01-05T20:00", "timeZone": "Etc/UTC"}),
    );
    assert_eq!(read(&mut story, Some(&first), Some(&etag)).status, 200);

    // Renewed, the first address leads nowhere; taken back, none does.
    let (_, renewed) = feed(&mut story, "POST");
    let second = key(&renewed);
    assert_ne!(first, second);
    assert_eq!((read(&mut story, Some(&first), None).status, read(&mut story, Some(&second), None).status), (404, 200));
    assert_eq!(feed(&mut story, "DELETE").0, 200);
    assert_eq!(read(&mut story, Some(&second), None).status, 404);
    let listed: Value =
        serde_json::from_str(&answered(story.life.planned("GET", &id, None, &Value::Null, None)).body).unwrap();
    assert_eq!((listed["feed"].clone(), listed["events"].as_array().unwrap().len()), (Value::Null, 1));

    let inner = story.life.sim.0.borrow();
    let of = inner.table.records()[0].asked.key.clone();
    let lines = inner.table.timeline(&of, None, 500).unwrap().items.into_iter().map(|entry| entry.text);
    let lines: Vec<String> = lines.filter(|line| line.contains("calendar address")).collect();
    assert_eq!(lines.len(), 3, "made, renewed, taken back: {lines:?}");
    assert!(lines.iter().all(|line| !line.contains(&first) && !line.contains(&second)), "{lines:?}");
}

#[test]
fn a_platform_that_leaves_gets_no_address_and_one_that_is_gone_has_none() {
    let mut story = ready();
    let (_, made) = feed(&mut story, "POST");
    let key = key(&made);
    story.ask(Change::Teardown);
    let (status, answer) = feed(&mut story, "POST");
    assert_eq!((status, kind(&answer)), (409, "tearing-down"));
    assert_eq!(read(&mut story, Some(&key), None).status, 200, "what is planned is planned until it is gone");
    story.reach(Phase::Gone, 4 * HOUR);
    assert_eq!(read(&mut story, Some(&key), None).status, 404);
    let documented = operation("calendarFeed").document["responses"].as_object().unwrap();
    assert!(!documented.contains_key("401"), "calendar programs cannot sign in");
}
