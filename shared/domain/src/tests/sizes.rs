//! The record is bounded.

use crate::accept::{Event, accept};
use crate::action::{Action, Answer, Object, Outcome, Refusal, RefusalKind, Seen, Status, Verb};
use crate::broadcast::{self, Broadcasts, Fate, OnAir, Past, Planned, Stop};
use crate::calendar::{Airing, Calendar, MissedStart};
use crate::course::{Course, Span};
use crate::drift::{Difference, Does, Drift, Found, Repairs};
use crate::ids::PlatformKey;
use crate::limits::{
    DRIFT_FIELDS_KEPT, DRIFT_SLOTS_A_DAY, DRIFT_VALUE_KEPT, DRIFTS_KEPT, Limits, MAX_EVENTS, MESSAGE_TEXT, OUTBOX_MOST,
    PAST_AIRINGS, REMEDIES_KEPT,
};
use crate::meter::{Runs, Sum};
use crate::outbox::{Kind, Message, Outbox, Stage, Told};
use crate::record::{Asked, Intent, Record, SCHEMA, State, Want};
use crate::remedy::{Decided, Doing, Ending, Held, Over, Remedies, Remedy, Switched, Trouble};
use crate::request::desired;
use crate::slot::{AlarmKind, Slot};
use crate::spec::read;
use crate::time::Timestamp;
use serde_json::{Value, json};

/// The largest platform: 20 inputs of the wordiest types, 10 rungs, 8 renditions and captions, and every text as long
/// as the bound of the whole lets it be.
pub fn largest() -> Record {
    let taken = (1..500).map_while(|length| read(&wordy(length)).ok()).last();
    let asked = Asked {
        schema: SCHEMA,
        key: PlatformKey::new("default", "p-0123456789ab"),
        created_at: Timestamp(0),
        spec: taken.unwrap(),
        intent: Intent { want: Want::Live, by: "api".to_owned(), at: Timestamp(0), said_at: None },
        generation: 1,
        stream_key: "0123456789abcdef".to_owned(),
        rotated_stream_keys: std::collections::BTreeMap::new(),
        secret_rotations: 0,
        unknown: serde_json::Map::new(),
    };
    Record {
        asked,
        state: State { schema: SCHEMA, ..State::default() },
        calendar: Calendar::default(),
        messages: Vec::new(),
    }
}

/// A request whose texts have this length, as far as they may.
fn wordy(length: usize) -> Value {
    let name = |kind: &str, n: usize| format!("{kind}-{n:0>width$}", width = 30 - kind.len());
    let mut inputs: Vec<_> = (0..18).map(|n| wordy_input(&name("in", n), n, length)).collect();
    let cidrs: Vec<String> = (0..10).map(|n| format!("198.51.100.{}/32", 100 + n)).collect();
    inputs.extend((0..2).map(|n| json!({"name": name("push", n), "type": "RTMP_PUSH", "allowFrom": cidrs})));
    let conditions = json!({"blackMs": 3_600_000, "silenceMs": 3_600_000});
    inputs[18]["failover"] = json!({"input": name("push", 1), "conditions": conditions});
    let rung = |n: usize| json!({"name": name("rung", n), "width": 1920, "height": 1080, "bitrate": 6_000_000 + n});
    let label = |n: usize| format!("{n:0>64}");
    let rendition = |n: usize| {
        let source = json!({"pid": 8_000 + n});
        json!({"name": name("audio", n), "layout": "stereo", "language": "eng", "label": label(n), "source": source})
    };
    let track = |n: usize| json!({"name": name("vtt", n), "language": "eng", "channel": n + 1, "label": label(n)});
    let slate = format!("https://a.example.net/{}.png", "x".repeat(length));
    let tags: serde_json::Map<_, _> = (0..40).map(|n| (format!("{n:0>20}"), json!("v".repeat(20)))).collect();
    json!({
        "name": "n".repeat(80), "description": "d".repeat(500), "channelClass": "standard", "inputs": inputs,
        "ladder": {"rungs": (0..10).map(rung).collect::<Value>()},
        "audio": (0..8).map(rendition).collect::<Value>(),
        "captions": (0..4).map(track).collect::<Value>(),
        "inputLoss": {"repeatSeconds": 1000, "show": "slate", "slateUrl": slate},
        "tags": tags,
    })
}

/// The two types that take the most words, in turn.
fn wordy_input(name: &str, n: usize, length: usize) -> Value {
    let text = |most: usize| "x".repeat(length.min(most));
    let arn = format!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:{}", text(200));
    let source = |host: &str| {
        let decryption = json!({"algorithm": "AES256", "passphraseSecretArn": arn});
        json!({"address": format!("{host}.example.net"), "port": 65_535, "streamId": text(128),
               "minimumLatencyMs": 15_000, "decryption": decryption})
    };
    if n.is_multiple_of(2) {
        return json!({"name": name, "type": "SRT_CALLER", "srt": {"sources": [source("a"), source("b")]}});
    }
    let url = |host: &str| format!("https://{host}.example.net/{}", text(490));
    json!({
        "name": name, "type": "MP4_FILE", "urls": [url("a"), url("b")], "loop": true,
        "username": text(64), "passwordParameter": text(128),
    })
}

#[test]
fn a_request_that_the_record_has_no_room_for_is_refused_as_a_whole() {
    let problems = read(&wordy(480)).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].pointer, "");
    assert!(problems[0].detail.contains("shorten URLs, tags or allow-lists"), "{problems:?}");
}

#[test]
fn the_largest_record_stays_under_64_kilobytes() {
    let mut record = largest();
    let now = Timestamp(1_767_225_600_000);
    for slot in desired(&record.asked.spec) {
        record.intend(&[Action::Create { slot: slot.clone(), incarnation: 1, unsure: false }], now);
        let object = Object {
            id: "i".repeat(60),
            arn: "a".repeat(150),
            urls: vec!["u".repeat(120); 2],
            domain: Some("d".repeat(40)),
        };
        let made = Outcome {
            slot: slot.clone(),
            incarnation: 1,
            verb: Verb::Create,
            id: None,
            asked_at: now,
            result: Ok(Answer::Made(object, Seen::new(Status::Ready))),
        };
        accept(&mut record, &Event::Outcome(made), now, Limits::default());
        if matches!(slot, Slot::Alarm(_)) {
            let alarm = Event::Alarm { slot: slot.clone(), firing: true, reason: "r".repeat(2_000), at: now };
            accept(&mut record, &alarm, now, Limits::default());
        }
        record.intend(&[Action::Delete { slot: slot.clone(), incarnation: 1, id: "i".repeat(60) }], now);
        let refusal = Refusal::new(RefusalKind::Conflict, "ConflictException", &"w".repeat(5_000));
        let refused =
            Outcome { slot, incarnation: 1, verb: Verb::Delete, id: None, asked_at: now, result: Err(refusal) };
        accept(&mut record, &Event::Outcome(refused), now, Limits::default());
    }
    record.state.remedies = fullest_remedies(&record);
    record.state.drift = fullest_drift(&record);
    record.state.outbox = Outbox {
        number: u64::MAX,
        told: Some(Told::Degraded),
        well_since: Some(now),
        stage: Some(Stage::Upcoming),
        tries: u32::MAX,
        retry_at: Some(now),
    };
    let bytes = serde_json::to_vec(&record).unwrap().len();
    assert!(bytes > 20_000, "the largest record has {bytes} bytes: is it the largest?");
    assert!(bytes < 64 * 1024, "the largest record has {bytes} bytes");
}

/// As many occurrences as are remembered, one that is on, and one that waits.
fn fullest_broadcasts() -> Broadcasts {
    let now = Timestamp(1_767_225_600_000);
    let airing = Airing {
        event: "e-0123456789ab".to_owned(),
        occurrence: "2026-01-01T19:00:00".to_owned(),
        title: "\u{1F3AC}".repeat(80),
        on_at: now,
        start: now,
        end: now,
        off_at: now,
        missed_start: MissedStart::StartLate,
    };
    let span = Span { millis: 86_400_000, times: u32::MAX, since: Some(now) };
    let course = Course {
        asked_at: now,
        live_at: Some(now),
        off_at: Some(now),
        closed: true,
        on: span,
        trouble: span,
        cost: Sum { millis: 86_400_000, micros: 1_000_000_000 },
        runs: Some(Runs { since: now, rate: 100_000_000 }),
        remedies_before: u32::MAX,
        remedies: u32::MAX,
    };
    let past = Past {
        event: airing.event.clone(),
        occurrence: airing.occurrence.clone(),
        title: airing.title.clone(),
        fate: Fate::Cancelled,
        at: now,
        planned: Some(Planned::from(&airing)),
        course: Some(course.clone()),
    };
    Broadcasts {
        on_air: Some(OnAir { airing: airing.clone(), since: now, course: Some(course) }),
        next: Some(airing.clone()),
        held: Some(broadcast::Held { airing, retry_at: now }),
        past: vec![past; PAST_AIRINGS],
        stop: Some(Stop { said_at: now, of: Some(("e-0123456789ab".to_owned(), "2026-01-01T19:00:00".to_owned())) }),
        spent: Some(now),
        look_at: Some(now),
    }
}

/// Beside the largest record: it is 75 KB with them, far from the 400 KB that an item of the table may have.
#[test]
fn what_is_kept_of_occurrences_is_bounded() {
    let bytes = serde_json::to_vec(&fullest_broadcasts()).unwrap().len();
    assert!((8 * 1024..12 * 1024).contains(&bytes), "occurrences take {bytes} bytes");
}

/// What an earlier version wrote of an occurrence is read, and is the same when it is written again.
#[test]
fn occurrences_from_before_courses_were_kept_are_read() {
    let past = json!({"event": "e-1", "occurrence": "2026-01-01T19:00", "title": "x", "fate": "aired", "at": 5});
    let airing = json!({"event": "e-1", "occurrence": "2026-01-01T19:00", "title": "x", "on_at": 1, "start": 2, "end": 3,
                        "off_at": 4, "missed_start": "skip", "since": 1});
    let before = json!({"past": [past], "on_air": airing});
    let broadcasts: Broadcasts = serde_json::from_value(before.clone()).unwrap();
    assert_eq!((broadcasts.past[0].planned, &broadcasts.past[0].course), (None, &None));
    assert_eq!(serde_json::to_value(&broadcasts).unwrap(), before);
}

/// An item each, and all of them are read with the record.
#[test]
fn messages_that_wait_are_bounded() {
    let now = Timestamp(1_767_225_600_000);
    let data = json!({
        "event": "e-0123456789ab", "occurrence": now.to_string(), "title": "t".repeat(MESSAGE_TEXT),
        "start": now.to_string(), "end": now.to_string(),
    });
    let message = Message { sequence: u64::MAX, kind: Kind::GivenUp, at: now, data };
    let bytes = OUTBOX_MOST * serde_json::to_vec(&message).unwrap().len();
    assert!((10_000..32 * 1024).contains(&bytes), "{OUTBOX_MOST} messages have {bytes} bytes");
}

/// As many differences as are kept, and every slot repaired today.
fn fullest_drift(record: &Record) -> Drift {
    let now = Timestamp(1_767_225_600_000);
    let slots = desired(&record.asked.spec);
    let value = "v".repeat(DRIFT_VALUE_KEPT);
    let field = Difference { field: "packaging channel".to_owned(), found: value.clone(), wanted: value };
    let found = Found { at: now, generation: u64::MAX, fields: vec![field; DRIFT_FIELDS_KEPT], does: Does::GiveUp };
    Drift {
        last: slots.first().cloned(),
        last_at: Some(now),
        found: slots.iter().take(DRIFTS_KEPT).map(|slot| (slot.clone(), found.clone())).collect(),
        repairs: slots.iter().take(DRIFT_SLOTS_A_DAY).map(|slot| (slot.clone(), Repairs(now, 3))).collect(),
    }
}

/// Every trouble at once, every input without video, and as many decisions as are kept.
fn fullest_remedies(record: &Record) -> Remedies {
    let now = Timestamp(1_767_225_600_000);
    let names: Vec<String> = record.asked.spec.inputs.iter().map(|input| input.name.clone()).collect();
    let remedy = Remedy::SwitchInput(names[0].clone());
    let trouble =
        Trouble { since: now, ok_since: Some(now), tries: u32::MAX, not_before: now, told: Some(Held::HandsOff) };
    let switched = Switched { input: names[0].clone(), at: now, failed: u32::MAX };
    let alarms = (0..2).map(|pipeline| Slot::Alarm(AlarmKind::ActiveAlerts(pipeline)));
    Remedies {
        pipelines: alarms.map(|slot| (slot, trouble.clone())).collect(),
        input: Some(trouble.clone()),
        without: names,
        switched: Some(switched.clone()),
        doing: Some(Doing {
            remedy: remedy.clone(),
            name: "n".repeat(45),
            since: now,
            tries: u32::MAX,
            unanswered: true,
            retry_at: Some(now),
            before: Some(switched),
        }),
        over: Some(Over { name: "n".repeat(45), ending: Ending::Refused }),
        lately: vec![Decided { at: now, remedy, most: 10, dry_run: true }; REMEDIES_KEPT],
        number: u32::MAX,
        look_at: Some(now),
    }
}

/// As many events as there may be, each as long as it may be.
#[test]
fn the_fullest_calendar_stays_under_64_kb() {
    let exceptions: Vec<String> = (1..=30).map(|day| format!("2026-{:02}-{:02}", 1 + day / 20, 1 + day % 20)).collect();
    let body = json!({
        "title": "\u{1F3AC}".repeat(80), "start": "2026-01-01T00:00:00", "end": "2026-01-01T01:00:00",
        "timeZone": "America/Argentina/ComodRivadavia", "warmupSeconds": 14_400, "overrunSeconds": 43_200,
        "recurrence": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;INTERVAL=52;UNTIL=20991231T235959Z",
        "exceptions": exceptions, "missedStart": "start-late",
    });
    let event = super::calendar::planned(&body);
    let calendar = Calendar { version: u64::MAX, events: vec![event; MAX_EVENTS], ..Calendar::default() };
    let bytes = serde_json::to_vec(&calendar).unwrap().len();
    assert!((48 * 1024..64 * 1024).contains(&bytes), "the fullest calendar has {bytes} bytes");
}

#[test]
fn a_record_survives_being_written_and_read_with_fields_it_does_not_know() {
    let mut value = serde_json::to_value(largest()).unwrap();
    value["state"]["fromTheFuture"] = json!({"a": 1});
    value["asked"]["alsoNew"] = json!(2);
    let record: Record = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&record).unwrap(), value);
}
