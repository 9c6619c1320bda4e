//! What the function `planned-events` answers, held against the contract: every status that is documented.

use super::answers::{acceptor, answered, get, hold, look};
use super::{operation, validator_of, wrong};
use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use futures::executor::block_on;
use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::accept::{Allowance, Change};
use headend_domain::phase::Phase;
use headend_local::ports::SimStore;
use headend_local::world::Quotas;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn event(start: &str, end: &str) -> Value {
    json!({"title": "x", "start": format!("2026-01-05T{start}"), "end": format!("2026-01-05T{end}"), "timeZone": "Etc/UTC"})
}

fn body(answer: &HttpResponse) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

/// Asks, holds the answer against the contract, and says its status and body.
fn ask(story: &mut Story, method: &str, event: Option<&str>, with: &Value) -> (u16, Value) {
    let id = story.id.clone();
    let answer = answered(story.life.planned(method, &id, event, with, None));
    let operation = match (method, event) {
        ("GET", None) => "listPlannedEvents",
        ("GET", Some(_)) => "showEvent",
        ("POST", _) => "planEvent",
        ("PATCH", _) => "changeEvent",
        _ => "cancelEvent",
    };
    hold(operation, &answer);
    (answer.status, body(&answer))
}

fn ready() -> Story {
    let mut story = Story::create(quiet(10), &body_of("create-platform-minimal"));
    story.reach(Phase::Ready, HOUR);
    story
}

#[test]
fn a_life_of_planned_events_answers_what_the_contract_says() {
    let mut story = ready();
    let id = story.id.clone();
    assert_eq!(ask(&mut story, "GET", None, &Value::Null), (200, json!({"events": [], "upcoming": []})));
    let (status, made) = ask(&mut story, "POST", None, &event("19:00", "20:00"));
    assert_eq!((status, made["upcoming"].as_array().unwrap().len(), &made["warnings"]), (201, 1, &Value::Null));
    let first = made["id"].as_str().unwrap().to_owned();
    let mut weekly = event("20:00", "21:00");
    weekly["recurrence"] = json!("FREQ=WEEKLY");
    weekly["warmupSeconds"] = json!(30);
    let (status, made) = ask(&mut story, "POST", None, &weekly);
    assert_eq!((status, made["warnings"][0]["pointer"].as_str()), (201, Some("/warmupSeconds")));
    assert_eq!(made["upcoming"].as_array().unwrap().len(), 10);
    let (status, all) = ask(&mut story, "GET", None, &Value::Null);
    assert_eq!(
        (status, all["events"].as_array().unwrap().len(), all["upcoming"].as_array().unwrap().len()),
        (200, 2, 10)
    );
    let (_, patched) = ask(&mut story, "PATCH", Some(&first), &json!({"title": "y", "overrunSeconds": null}));
    assert_eq!((patched["title"].as_str(), patched["overrunSeconds"].as_i64()), (Some("y"), Some(900)));
    story.life.run_until(MINUTE, |_| false);
    let view = look(&story, &id);
    assert_eq!(view["nextEvent"]["start"], "2026-01-05T19:00:00.000Z");
    assert_eq!((view["intent"]["want"].as_str(), view["intent"]["by"].as_str()), (Some("Idle"), Some("dev")));
    let left = 1_767_225_600_000 + 4 * 24 * HOUR + 18 * HOUR + 58 * MINUTE - story.life.now();
    story.life.run_until(left, |_| false);
    let view = look(&story, &id);
    assert_eq!((view["phase"].as_str(), view["intent"]["by"].as_str()), (Some("Live"), Some("planned event \"y\"")));
    assert_eq!(view["onAirEvent"]["event"].as_str(), Some(first.as_str()));
    let (_, shown) = ask(&mut story, "GET", Some(&first), &Value::Null);
    assert_eq!(shown["upcoming"][0]["onAir"], true);
    story.life.run_until(3 * HOUR, |_| false);
    let (_, shown) = ask(&mut story, "GET", Some(&first), &Value::Null);
    assert_eq!((&shown["upcoming"], shown["past"][0]["fate"].as_str()), (&json!([]), Some("aired")));
    assert_eq!(ask(&mut story, "DELETE", Some(&first), &Value::Null).0, 200);
    assert_eq!(ask(&mut story, "DELETE", Some(&first), &Value::Null).0, 404);
    assert_eq!(ask(&mut story, "GET", Some(&first), &Value::Null).0, 404);
}

#[test]
fn what_cannot_take_place_is_refused_when_it_is_planned() {
    let mut story = ready();
    let (_, made) = ask(&mut story, "POST", None, &event("19:00", "20:00"));
    let first = made["id"].as_str().unwrap().to_owned();
    let kind = |answer: &Value| answer["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap().to_owned();
    for (start, end, kinds) in [
        ("19:59", "21:00", "event-overlaps"),
        ("18:00", "19:01", "event-overlaps"),
        ("18:00", "21:00", "event-overlaps"),
    ] {
        let (status, answer) = ask(&mut story, "POST", None, &event(start, end));
        assert_eq!((status, kind(&answer).as_str()), (409, kinds), "{start} to {end}");
        assert!(answer["errors"][0]["detail"].as_str().unwrap().contains(&first), "{answer}");
    }
    assert_eq!(ask(&mut story, "POST", None, &event("20:00", "21:00")).0, 201, "back to back");
    let mut daily = event("22:00", "23:00");
    daily["end"] = json!("2026-01-06T22:30");
    daily["recurrence"] = json!("FREQ=DAILY");
    let (status, answer) = ask(&mut story, "POST", None, &daily);
    assert_eq!((status, answer["errors"][0]["pointer"].as_str()), (409, Some("/recurrence")), "{answer}");
    let mut past = event("10:00", "11:00");
    (past["start"], past["end"]) = (json!("2025-12-31T10:00"), json!("2025-12-31T11:00"));
    assert_eq!(ask(&mut story, "POST", None, &past).0, 422);
    let (status, answer) = ask(&mut story, "PATCH", Some(&first), &event("19:30", "20:30"));
    assert_eq!((status, kind(&answer).as_str()), (409, "event-overlaps"));
    story.ask(Change::Teardown);
    let (status, answer) = ask(&mut story, "POST", None, &event("12:00", "13:00"));
    assert_eq!((status, kind(&answer).as_str()), (409, "tearing-down"));

    let mut config = quiet(8);
    config.world.quotas = Quotas::uniform(0);
    let mut story = Story::create(config, &body_of("create-platform-minimal"));
    story.reach(Phase::Failed, HOUR);
    let (status, answer) = ask(&mut story, "POST", None, &event("12:00", "13:00"));
    assert_eq!((status, kind(&answer).as_str()), (409, "platform-failed"));
}

#[test]
fn a_calendar_is_full_at_sixty_events_and_the_past_makes_room() {
    let mut story = ready();
    for day in 0..60 {
        let date = jiff::civil::date(2026, 1, 5).checked_add(jiff::Span::new().days(day)).unwrap();
        let mut body = event("12:00", "13:00");
        (body["start"], body["end"]) = (json!(format!("{date}T12:00")), json!(format!("{date}T13:00")));
        assert_eq!(ask(&mut story, "POST", None, &body).0, 201, "{date}");
    }
    let later = json!({"title": "x", "start": "2027-01-05T12:00", "end": "2027-01-05T13:00", "timeZone": "Etc/UTC"});
    let (status, answer) = ask(&mut story, "POST", None, &later);
    assert_eq!((status, answer["type"].as_str()), (409, Some("urn:headend:problem:calendar-full")));
}

#[test]
fn every_status_that_planning_and_changing_are_documented_to_answer_is_answered() {
    let mut story = ready();
    let (_, made) = ask(&mut story, "POST", None, &event("19:00", "20:00"));
    let first = made["id"].as_str().unwrap().to_owned();
    let store = SimStore(story.life.sim.clone());
    let acceptor = acceptor(&store, Allowance::default());
    let (kind, any) = (("content-type", "application/json"), ("if-match", "*"));
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(300_000));
    let good = event("12:00", "13:00").to_string();
    let overlapping = event("19:30", "20:30").to_string();
    let mut seen = BTreeSet::from([("planEvent", 409_u16), ("planEvent", 404)]);
    let mut send =
        |method: &str, event: bool, headers: &[(&str, &str)], query: &[(&str, &str)], body: &str, due: u16| {
            let suffix = if event { format!("/planned-events/{first}") } else { "/planned-events".to_owned() };
            let mut request: HttpRequest = get(&story.id, &suffix, query, headers);
            (request.method, request.body) = (method.to_owned(), body.as_bytes().to_vec());
            if event {
                request.path_parameters.insert("eventId".to_owned(), first.clone());
            }
            let answer = block_on(acceptor.planned_events(&request));
            let operation = if event { "changeEvent" } else { "planEvent" };
            assert_eq!(answer.status, due, "{operation} {body:.60}: {}", answer.body);
            hold(operation, &answer);
            seen.insert((operation, due));
            answer
        };
    let before = store.0.0.borrow().table.records()[0].calendar.version;
    send("POST", false, &[kind], &[("dryRun", "true")], &good, 200);
    send("PATCH", true, &[kind, any], &[("dryRun", "true")], "{\"title\": \"z\"}", 200);
    assert_eq!(store.0.0.borrow().table.records()[0].calendar.version, before, "a dry run saves nothing");
    send("PATCH", true, &[kind, any], &[("dryRun", "true")], "{\"title\": \"\"}", 422);
    send("PATCH", true, &[kind], &[], "{}", 428);
    send("PATCH", true, &[kind, ("if-match", "\"e0\"")], &[], "{}", 412);
    let second = json!({"title": "y", "start": "2026-01-05T20:00", "end": "2026-01-05T21:00", "timeZone": "Etc/UTC"});
    let keyed = [kind, ("idempotency-key", "plan-it")];
    let once = send("POST", false, &keyed, &[], &second.to_string(), 201);
    let again = send("POST", false, &keyed, &[], &second.to_string(), 201);
    assert_eq!(once.body, again.body, "the same request, the same answer");
    assert!(again.headers.iter().any(|(name, value)| name == "idempotency-replayed" && value == "true"));
    send("POST", false, &keyed, &[], &good, 422);
    send("PATCH", true, &[kind, any], &[], &overlapping, 409);
    for (method, event) in [("POST", false), ("PATCH", true)] {
        send(method, event, &[("content-type", "text/plain"), any], &[], "{}", 415);
        send(method, event, &[kind, any], &[], &large, 413);
        send(method, event, &[kind, any], &[], "{", 400);
        send(method, event, &[kind, any], &[], "{\"more\": 1}", 422);
        send(method, event, &[kind, any], &[("dry", "1")], "{}", 422);
    }
    let change = operation("changeEvent").document["responses"].as_object().unwrap();
    let plan = operation("planEvent").document["responses"].as_object().unwrap();
    // What API Gateway or a broken table answers is the wire tests', and 404 the test above's.
    let elsewhere = [401, 403, 404, 429, 500, 503];
    for (id, documented) in [("changeEvent", change), ("planEvent", plan)] {
        let missing: Vec<u16> = documented
            .keys()
            .map(|status| status.parse().unwrap())
            .filter(|status| !elsewhere.contains(status) && !seen.contains(&(id, *status)))
            .collect();
        assert_eq!(missing, Vec::<u16>::new(), "{id}");
    }
}

#[test]
fn what_a_producer_may_say_of_an_event_is_what_the_schema_says() {
    let schema = validator_of("EventRequest");
    let mut full = event("19:00", "20:00");
    for (field, good, bad) in [
        ("warmupSeconds", json!(0), json!(14_401)),
        ("overrunSeconds", json!(43_200), json!(-1)),
        ("missedStart", json!("skip"), json!("never")),
        ("exceptions", json!(["2026-01-12"]), json!(["12 January"])),
        ("recurrence", json!("FREQ=DAILY"), json!("")),
        ("title", json!("t".repeat(80)), json!("t".repeat(81))),
        ("start", json!("2026-01-05T18:00:30"), json!("2026-01-05 18:00")),
        ("more", Value::Null, json!(1)),
    ] {
        let said =
            |body: &Value| headend_domain::calendar::read(body, headend_domain::spec::ChannelClass::Single).is_ok();
        full[field] = bad;
        assert!(!said(&full) && !schema.is_valid(&full), "{field}: {full}");
        full[field] = good;
        if field == "more" {
            full.as_object_mut().unwrap().remove("more");
        }
        assert_eq!((said(&full), wrong(&schema, &full)), (true, Vec::new()), "{field}");
    }
}

#[test]
fn a_list_of_fixtures_is_planned_as_a_whole_or_not_at_all() {
    let mut story = ready();
    let csv = |text: &str| json!({"csv": text});
    let good = "\u{feff}title,start,end,timeZone,overrunSeconds,exceptions,recurrence\r\n\
                \"Final, live\",2026-01-06T19:00,2026-01-06T20:00,Etc/UTC,600,,\r\n\
                News,2026-01-07T19:00,2026-01-07T20:00,Etc/UTC,,2026-01-08 2026-01-09,FREQ=DAILY;COUNT=4\r\n";
    let id = story.id.clone();
    let import = |story: &mut Story, body: &Value, query: &[(&str, &str)]| {
        let mut request = get(&id, "/fixtures", query, &[("content-type", "application/json")]);
        (request.method, request.body) = ("POST".to_owned(), body.to_string().into_bytes());
        let answer = answered(story.life.api(request, None));
        hold("importEvents", &answer);
        (answer.status, self::body(&answer))
    };
    let answer = |story: &mut Story, body: &Value| import(story, body, &[]);
    let (status, preview) = import(&mut story, &csv(good), &[("dryRun", "true")]);
    assert_eq!((status, preview["events"].as_array().map(Vec::len)), (200, Some(2)), "{preview:#}");
    assert_eq!(preview["events"][0]["id"], Value::Null, "what is not there has no id");
    assert_eq!(ask(&mut story, "GET", None, &Value::Null).1["events"], json!([]), "a preview plans nothing");

    let (status, made) = answer(&mut story, &csv(good));
    assert!(made["events"][1]["id"].is_string(), "{made:#}");
    assert_eq!(
        (status, &made["events"][0]["title"], &made["events"][1]["line"]),
        (201, &json!("Final, live"), &json!(3))
    );
    let (_, all) = ask(&mut story, "GET", None, &Value::Null);
    let events = all["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[0]["overrunSeconds"]), (2, &json!(600)));
    assert_eq!(events[1]["exceptions"], json!(["2026-01-08", "2026-01-09"]));
    story.life.run_until(MINUTE, |_| false);
    assert_eq!(look(&story, &id)["nextEvent"]["title"], "Final, live");

    // Each line with its own problems, and nothing of the list is planned; lines are held against one another, too.
    let bad = "end,title,start,timeZone,warmupSeconds\n\
               2026-01-10T20:00,One,2026-01-10T19:00,Etc/UTC,soon\n\
               2026-01-10T20:00,,2026-01-10T19:00,Mars/Olympus,\n\
               2026-01-11T20:00,Three,2026-01-11T19:00,Etc/UTC,\n\
               2026-01-11T20:30,Four,2026-01-11T19:30,Etc/UTC,\n\
               2025-01-11T20:30,Five,2025-01-11T19:30,Etc/UTC,\n";
    let (status, refused) = answer(&mut story, &csv(bad));
    let pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    let expected =
        ["/lines/2/warmupSeconds", "/lines/3/title", "/lines/3/timeZone", "/lines/5/start", "/lines/6/start"];
    assert_eq!((status, pointers.as_slice()), (422, expected.as_slice()), "{refused:#}");
    for (text, words) in [
        ("title,begin,end,timeZone\nx,y,z,w\n", "unknown column \\\"begin\\\""),
        ("title,start,start,end,timeZone\nx,y,y,z,w\n", "column start is there twice"),
        ("title,start,end,timeZone\na,b\n", "has 2 cells, and there are 4 columns"),
        ("title,start,end,timeZone\n", "no line but that of the column names"),
        ("", "column title is missing"),
    ] {
        let (status, refused) = answer(&mut story, &csv(text));
        assert!(status == 422 && refused.to_string().contains(words), "{text:?}: {refused:#}");
    }
    for wrong in [json!({}), json!({"csv": 1}), json!({"csv": "x", "more": 1}), json!([])] {
        assert_eq!(answer(&mut story, &wrong).0, 422, "{wrong}");
    }
    assert_eq!(ask(&mut story, "GET", None, &Value::Null).1["events"].as_array().unwrap().len(), 2);
}
