//! When planned events take place: daylight-saving nights, recurrence, and what a producer may say.

use crate::calendar::{Airing, PlannedEvent, Recurrence, read, usual_warmup};
use crate::spec::ChannelClass;
use crate::time::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

pub fn moment(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

pub fn planned(body: &Value) -> PlannedEvent {
    let plan = read(body, ChannelClass::Single).unwrap_or_else(|problems| panic!("{problems:?}"));
    PlannedEvent { id: "e-000000000001".to_owned(), version: 1, placed_at: Timestamp(0), plan }
}

/// Starts and ends after a moment.
fn times(body: &Value, after: &str, most: usize) -> Vec<(String, String)> {
    let short = |moment: Timestamp| moment.to_string().replace(":00.000Z", "Z");
    let pair = |airing: Airing| (short(airing.start), short(airing.end));
    planned(body).airings(moment(after)).take(most).map(pair).collect()
}

fn event(start: &str, end: &str, zone: &str, recurrence: &str) -> Value {
    let mut body = json!({"title": "x", "start": start, "end": end, "timeZone": zone, "overrunSeconds": 0});
    if !recurrence.is_empty() {
        body["recurrence"] = json!(recurrence);
    }
    body
}

#[track_caller]
fn check(body: &Value, after: &str, due: &[(&str, &str)]) {
    let due: Vec<_> = due.iter().map(|(start, end)| ((*start).to_owned(), (*end).to_owned())).collect();
    assert_eq!(times(body, after, due.len()), due);
}

#[test]
fn a_weekly_event_keeps_its_time_on_the_wall_when_the_clocks_change() {
    let body = event("2026-03-20T19:00", "2026-03-20T20:00", "Europe/Paris", "FREQ=WEEKLY");
    let spring = [
        ("2026-03-20T18:00Z", "2026-03-20T19:00Z"),
        ("2026-03-27T18:00Z", "2026-03-27T19:00Z"),
        ("2026-04-03T17:00Z", "2026-04-03T18:00Z"),
    ];
    check(&body, "2026-01-01T00:00:00Z", &spring);
    let autumn = [("2026-10-23T17:00Z", "2026-10-23T18:00Z"), ("2026-10-30T18:00Z", "2026-10-30T19:00Z")];
    check(&body, "2026-10-20T00:00:00Z", &autumn);
    // South of the equator the other way round, and half an hour only on Lord Howe Island.
    let body = event("2026-04-04T12:00", "2026-04-04T13:00", "Australia/Lord_Howe", "FREQ=WEEKLY");
    let howe = [("2026-04-04T01:00Z", "2026-04-04T02:00Z"), ("2026-04-11T01:30Z", "2026-04-11T02:30Z")];
    check(&body, "2026-04-01T00:00:00Z", &howe);
}

#[test]
fn a_time_that_the_clock_leaves_out_is_as_much_later_as_it_jumps() {
    let daily = |start: &str, end: &str| event(start, end, "Europe/Paris", "FREQ=DAILY");
    let nights = [
        ("2026-03-28T01:30Z", "2026-03-28T02:00Z"),
        // 02:30 does not exist on the 29th: it is 03:30, and 03:00 has been already.
        ("2026-03-29T01:30Z", "2026-03-29T02:00Z"),
        ("2026-03-30T00:30Z", "2026-03-30T01:00Z"),
    ];
    check(&daily("2026-03-28T02:30", "2026-03-28T03:00"), "2026-03-28T00:00:00Z", &nights);
    // One that goes on through the jump is an hour shorter, and ends when the clock says so.
    let through = [("2026-03-28T22:00Z", "2026-03-29T03:00Z"), ("2026-03-29T21:00Z", "2026-03-30T03:00Z")];
    check(&daily("2026-03-27T23:00", "2026-03-28T05:00"), "2026-03-28T12:00:00Z", &through);
}

#[test]
fn a_time_that_the_clock_shows_twice_is_the_first() {
    let body = event("2026-10-24T02:30", "2026-10-24T02:45", "Europe/Paris", "FREQ=DAILY");
    let nights = [
        ("2026-10-24T00:30Z", "2026-10-24T00:45Z"),
        ("2026-10-25T00:30Z", "2026-10-25T00:45Z"),
        ("2026-10-26T01:30Z", "2026-10-26T01:45Z"),
    ];
    check(&body, "2026-10-24T00:00:00Z", &nights);
    let through = event("2026-10-24T23:00", "2026-10-25T05:00", "Europe/Paris", "");
    check(&through, "2026-10-24T00:00:00Z", &[("2026-10-24T21:00Z", "2026-10-25T04:00Z")]);
}

/// The same dates, found the slow way: every day is looked at.
fn slowly(rule: &Recurrence, start: Date, last: Date) -> Vec<Date> {
    let text = rule.to_string();
    let part = |name: &str| text.split(';').find_map(|part| part.strip_prefix(name)).map(str::to_owned);
    let interval: i64 = part("INTERVAL=").map_or(1, |number| number.parse().unwrap());
    let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let own = names[usize::from(start.weekday().to_monday_zero_offset().unsigned_abs())];
    let days = part("BYDAY=").unwrap_or_else(|| own.to_owned());
    let count = part("COUNT=").map_or(usize::MAX, |number| number.parse().unwrap());
    let monday = start - i64::from(start.weekday().to_monday_zero_offset()).days();
    let mut found = Vec::new();
    let mut day = start;
    while day <= last {
        let name = names[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())];
        let since = |from: Date| i64::from(from.until(day).unwrap().get_days());
        let fits = if text.starts_with("FREQ=DAILY") {
            since(start) % interval == 0
        } else {
            (since(monday) / 7) % interval == 0 && days.split(',').any(|it| it == name)
        };
        if fits && found.len() < count {
            found.push(day);
        }
        day = day.tomorrow().unwrap();
    }
    found
}

#[test]
fn a_series_is_what_looking_at_every_day_finds() {
    let (start, last) = (date(2026, 1, 7), date(2027, 6, 30));
    let rules = [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;INTERVAL=10;COUNT=5",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;BYDAY=WE,SU;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE;INTERVAL=2;COUNT=17",
        "FREQ=WEEKLY;BYDAY=WE,TH;INTERVAL=52",
    ];
    for text in rules {
        let rule = Recurrence::parse(text).unwrap();
        let all = slowly(&rule, start, last);
        for from in ["2025-12-01", "2026-01-07", "2026-01-10", "2026-05-31", "2027-01-01"] {
            let from: Date = from.parse().unwrap();
            let due: Vec<Date> = all.iter().copied().filter(|day| *day >= from).collect();
            let found: Vec<Date> =
                rule.dates(start, from).take_while(|day| *day <= last).filter(|day| *day >= from).collect();
            assert_eq!(found, due, "{text} from {from}");
        }
        assert_eq!(Recurrence::parse(&rule.to_string()), Ok(rule), "{text} is written as it was read");
    }
}

#[test]
fn a_series_of_ten_years_is_passed_over_at_once() {
    let rule = Recurrence::parse("FREQ=DAILY").unwrap();
    let (start, from) = (date(2016, 1, 1), date(2026, 1, 1));
    assert!(rule.dates(start, from).take_while(|day| *day < from).count() <= 2);
}

#[test]
fn until_and_exceptions_end_and_interrupt_a_series() {
    let until = |text: &str| {
        let body = event("2026-03-06T23:30", "2026-03-07T01:00", "Europe/Paris", &format!("FREQ=WEEKLY;UNTIL={text}"));
        times(&body, "2026-01-01T00:00:00Z", 10).len()
    };
    // A date is the last day there; a moment the last moment.
    assert_eq!((until("20260320"), until("20260319"), until("20260306")), (3, 2, 1));
    assert_eq!((until("20260320T223000Z"), until("20260320T222959Z")), (3, 2));
    let mut body = event("2026-03-06T19:00", "2026-03-06T20:00", "Europe/Paris", "FREQ=WEEKLY;COUNT=4");
    body["exceptions"] = json!(["2026-03-20", "2026-03-13", "2026-03-20"]);
    check(
        &body,
        "2026-01-01T00:00:00Z",
        &[("2026-03-06T18:00Z", "2026-03-06T19:00Z"), ("2026-03-27T18:00Z", "2026-03-27T19:00Z")],
    );
    assert_eq!(times(&body, "2026-01-01T00:00:00Z", 10).len(), 2, "exceptions count");
}

#[test]
fn the_channel_time_is_warm_up_before_and_overrun_after() {
    let mut body = event("2026-03-06T19:00", "2026-03-06T20:00", "Etc/UTC", "");
    body["overrunSeconds"] = json!(600);
    let event = planned(&body);
    let airing = event.airings(Timestamp(0)).next().unwrap();
    assert_eq!(airing.on_at, moment("2026-03-06T18:54:00Z"));
    assert_eq!(airing.off_at, moment("2026-03-06T20:10:00Z"));
    assert_eq!(event.airings(airing.off_at).next(), None, "over");
    assert_eq!(event.airings(airing.off_at.plus_millis(-1)).next().as_ref(), Some(&airing));
    assert!(usual_warmup(ChannelClass::Standard) > usual_warmup(ChannelClass::Single));
    // Planned when its time had come already: nobody can have stopped it before.
    let late = PlannedEvent { placed_at: moment("2026-03-06T18:58:00Z"), ..event };
    assert_eq!(late.airings(Timestamp(0)).next().unwrap().on_at, late.placed_at);
}

fn problems(body: &Value) -> Vec<String> {
    let problems = read(body, ChannelClass::Single).expect_err("is refused");
    problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.detail)).collect()
}

#[test]
fn everything_that_is_wrong_with_a_plan_is_said_at_once() {
    let body = json!({
        "title": " ", "start": "2026-03-27T19:00Z", "end": "tomorrow", "timeZone": "Paris", "warmupSeconds": -1,
        "recurrence": "FREQ=MONTHLY", "exceptions": ["2026-04-03", 3, "2026-13-01"], "missedStart": "never", "more": 1,
    });
    let all = problems(&body);
    let words = [
        "/title must not be empty",
        "/start must be like 2026-03-27T19:00, without an offset",
        "/end must be like",
        "/timeZone \"Paris\" is no time zone",
        "/warmupSeconds must be a whole number from 0 to 14400",
        "/recurrence FREQ=MONTHLY: events recur DAILY or WEEKLY",
        "/exceptions/1 must be a date",
        "/exceptions/2 must be a date",
        "/missedStart must be one of start-late, skip",
        "/more unknown field",
    ];
    for word in words {
        assert!(all.iter().any(|problem| problem.starts_with(word)), "{word}: {all:#?}");
    }
    assert_eq!(all.len(), words.len(), "{all:#?}");
    assert_eq!(problems(&json!({})).len(), 4, "what is required");
}

#[test]
fn start_end_and_recurrence_have_to_go_together() {
    let refused = |start, end, recurrence: &str| problems(&event(start, end, "Etc/UTC", recurrence)).join("; ");
    assert!(refused("2026-03-27T19:00", "2026-03-27T19:00", "").contains("/end must be after the start"));
    assert!(refused("2026-03-27T19:00", "2026-03-26T20:00", "").contains("/end must be after the start"));
    assert!(refused("2026-03-27T19:00", "2026-04-03T19:01", "").contains("/end an event lasts a week at most"));
    assert!(
        refused("2026-03-27T19:00", "2026-03-27T20:00", "FREQ=WEEKLY;BYDAY=MO").contains("day of the week of start")
    );
    for (rule, word) in [
        ("", "is not NAME=VALUE"),
        ("INTERVAL=2", "FREQ is missing"),
        ("FREQ=DAILY;BYDAY=MO", "BYDAY goes with"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20260401", "do not go together"),
        ("FREQ=WEEKLY;FREQ=DAILY", "said twice"),
        ("FREQ=WEEKLY;COUNT=0", "COUNT must be a whole number"),
        ("FREQ=WEEKLY;INTERVAL=53", "INTERVAL must be a whole number from 1 to 52"),
        ("FREQ=WEEKLY;UNTIL=2026-04-01", "UNTIL must be a date"),
        ("FREQ=WEEKLY;UNTIL=20260401T250000Z", "UNTIL must be a date"),
        ("FREQ=WEEKLY;BYDAY=1FR", "BYDAY takes"),
        ("FREQ=WEEKLY;WKST=SU", "WKST=MO"),
        ("FREQ=WEEKLY;BYSETPOS=1", "BYSETPOS is not known"),
    ] {
        let said = Recurrence::parse(rule).expect_err(rule);
        assert!(said.contains(word), "{rule}: {said}");
    }
}

#[test]
fn a_plan_is_written_and_read_again() {
    let mut body = event(
        "2026-03-06T19:00",
        "2026-03-06T20:00",
        "Europe/Paris",
        "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260401T120000Z",
    );
    body["exceptions"] = json!(["2026-03-13"]);
    let event = planned(&body);
    let text = serde_json::to_string(&event).unwrap();
    assert!(text.contains("\"FREQ=WEEKLY;UNTIL=20260401T120000Z\"") && text.contains("[\"2026-03-13\"]"), "{text}");
    assert_eq!(serde_json::from_str::<PlannedEvent>(&text).unwrap(), event);
    assert_eq!(read(&json!(event.plan), ChannelClass::Single).as_ref(), Ok(&event.plan));
}
