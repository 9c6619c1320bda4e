//! Ids, keys, moments and the words that they are written in.

use crate::ids::{PlatformKey, is_platform_id, platform_id};
use crate::record::{Record, Stray, Want};
use crate::slot::Slot;
use crate::time::Timestamp;

#[test]
fn an_id_is_p_and_twelve_lower_case_letters_or_digits() {
    for good in ["p-0123456789ab", "p-abcdefghijkl", "p-000000000000"] {
        assert!(is_platform_id(good), "{good}");
    }
    for bad in [
        "",
        "p-",
        "p-0123456789a",
        "p-0123456789abc",
        "q-0123456789ab",
        "p-0123456789aB",
        "p-0123456789a_",
        "0123456789ab",
    ] {
        assert!(!is_platform_id(bad), "{bad}");
    }
}

#[test]
fn every_byte_makes_a_letter_of_an_id() {
    for byte in 0..=255 {
        assert!(is_platform_id(&platform_id([byte; 16])), "{byte}");
    }
    assert_eq!(platform_id([0; 16]), "p-000000000000");
    assert_eq!(platform_id([31, 32, 33, 10, 17, 18, 22, 255, 64, 65, 5, 6, 7, 8, 9, 1]), "p-z01ahjpz0156");
}

#[test]
fn a_key_is_read_as_it_is_written() {
    let key = PlatformKey::new("news", "p-0123456789ab");
    assert_eq!(key.to_string(), "news/p-0123456789ab");
    assert_eq!(PlatformKey::parse("news/p-0123456789ab"), Some(key));
    for bad in ["p-0123456789ab", "/p-0123456789ab", "news/", "news/p-1", "news/more/p-0123456789ab"] {
        assert_eq!(PlatformKey::parse(bad), None, "{bad}");
    }
}

#[test]
fn moments_are_counted_in_milliseconds_and_written_in_utc() {
    let moment = Timestamp(1_767_225_600_123);
    assert_eq!(moment.to_string(), "2026-01-01T00:00:00.123Z");
    assert_eq!(moment.plus_secs(2).plus_millis(5).millis_since(moment), 2005);
    assert_eq!(moment.millis_since(moment.plus_secs(1)), -1000);
    assert_eq!(Timestamp(i64::MAX).to_string(), format!("{}ms", i64::MAX));
}

/// Each thing that must not be, alone, in a record that is sound without it.
#[test]
fn check_names_each_thing_that_must_not_be() {
    let sound = || super::stage::built_record();
    assert_eq!(crate::check::check(&sound()), Vec::<String>::new());
    let wrong = |break_it: fn(&mut Record)| {
        let mut record = sound();
        break_it(&mut record);
        crate::check::check(&record)
    };
    type Break = fn(&mut Record);
    let cases: [(Break, &str); 9] = [
        (|record| slot(record).token.clear(), "incarnation 1 with token"),
        (|record| slot(record).incarnation = 0, "never decided to make one"),
        (|record| slot(record).object.as_mut().unwrap().id.clear(), "is empty or belongs to two slots"),
        (|record| slot(record).seen = None, "object and observation do not go together"),
        (
            |record| {
                let token = record.slot(&Slot::Packaging).unwrap().token.clone();
                slot(record).token = token;
            },
            "is used twice",
        ),
        (|record| record.state.gone_at = Some(Timestamp(0)), "left over in a platform that is gone"),
        (|record| record.state.seen_generation = 99, "a generation that nobody asked for"),
        (
            |record| {
                let id = slot(record).object.clone().unwrap().id;
                let of = Slot::Group("rtmp".to_owned());
                record.state.strays.push(Stray { slot: of, id, tries: 0, retry_at: Timestamp(0), code: String::new() });
            },
            "is kept and stray at once",
        ),
        (
            |record| {
                for state in record.state.slots.values_mut() {
                    (state.object, state.seen, state.watch) = (None, None, None);
                }
                record.state.gone_at = Some(Timestamp(0));
                record.asked.intent.want = Want::Idle;
            },
            "not asked to go",
        ),
    ];
    for (break_it, words) in cases {
        let found = wrong(break_it);
        assert!(found.iter().any(|it| it.contains(words)), "{words}: {found:?}");
    }
}

fn slot(record: &mut Record) -> &mut crate::record::SlotState {
    record.state.slots.get_mut(&Slot::Group("rtmp".to_owned())).unwrap()
}

/// The edges of every block that is not public, and their neighbours that are.
#[test]
fn every_special_block_ends_where_it_ends() {
    let public = |text: &str| crate::spec::is_public_address(text.parse().unwrap());
    let blocks = [
        ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
        ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"),
        ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"),
        ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"),
        ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"),
        ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"),
        ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"),
        ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"),
        ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"),
        ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"),
        ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"),
        ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"),
        ("224.0.0.0", "255.255.255.255", "223.255.255.255", "1.0.0.0"),
        ("0.0.0.0", "0.255.255.255", "1.0.0.0", "8.8.8.8"),
        ("2001::", "2001:1ff:ffff::1", "2000:ffff::1", "2001:200::"),
        ("2001:db8::", "2001:db8:ffff::1", "2001:db7:ffff::1", "2001:db9::"),
        ("2002::", "2002:ffff::1", "2001:ffff::1", "2003::"),
        ("3fff::", "ffff::1", "3ffe:ffff::1", "2a00::"),
    ];
    for (first, last, before, after) in blocks {
        assert!(!public(first) && !public(last), "{first} to {last}");
        assert!(public(before) && public(after), "{before} and {after}");
    }
    for other in
        ["88.0.99.1", "51.198.100.1", "8.168.1.1", "8.16.0.1", "8.64.0.1", "8.254.0.1", "203.1.113.1", "192.88.1.99"]
    {
        assert!(public(other), "{other} only looks like a special one");
    }
}

#[test]
fn every_failure_has_a_cure() {
    use crate::action::{RefusalKind, Verb};
    let cure = |kind| {
        let failure = crate::record::Failure {
            verb: Verb::Create,
            kind,
            code: String::new(),
            message: String::new(),
            at: Timestamp(0),
        };
        failure.cure()
    };
    assert!(cure(RefusalKind::Quota).contains("Service Quotas"));
    assert!(cure(RefusalKind::Denied).contains("permission"));
    assert!(cure(RefusalKind::Rejected).contains("configuration"));
    for kind in [RefusalKind::Conflict, RefusalKind::Throttled, RefusalKind::Unsure, RefusalKind::NotSent] {
        assert!(cure(kind).contains("console"), "{kind:?}");
    }
}

#[test]
fn a_distribution_needs_the_paths_of_its_endpoints() {
    let mut record = super::stage::built_record();
    let paths = |record: &Record| {
        crate::request::Requests { record, stack: "stack" }.distribution().map(|request| request.path_patterns)
    };
    assert_eq!(paths(&record).unwrap().len(), 3);
    let hls = Slot::Endpoint(crate::slot::Format::Hls);
    for bad in
        ["https://host.example.net/out/v1//index.m3u8", "https://host.example.net/in/v1/a/index.m3u8", "no address"]
    {
        record.state.slots.get_mut(&hls).unwrap().object.as_mut().unwrap().urls = vec![bad.to_owned()];
        assert_eq!(paths(&record), None, "{bad}");
    }
}

#[test]
fn what_cannot_be_read_of_an_address_is_shown_by_an_example_of_its_kind() {
    let problems = |kind: &str, url: &str| {
        let input = serde_json::json!({"name": "a", "type": kind, "urls": [url]});
        let problems = crate::spec::read(&serde_json::json!({"name": "n", "inputs": [input]})).unwrap_err();
        problems.into_iter().map(|problem| problem.detail).collect::<Vec<_>>().join("; ")
    };
    assert!(problems("RTMP_PULL", "nothing").contains("rtmp://origin.example.net/app/stream"));
    assert!(problems("URL_PULL", "nothing").contains("https://origin.example.net/live/master.m3u8"));
    for url in [
        "https://me@a.example.net/a.m3u8",
        "https://:secret@a.example.net/a.m3u8",
        "https://me:secret@a.example.net/a.m3u8",
    ] {
        assert!(problems("URL_PULL", url).contains("user name or password"), "{url}");
    }
}

#[test]
fn a_channel_is_live_when_it_runs_and_has_been_seen_to_begin() {
    use crate::action::{Seen, Status};
    use crate::phase::{Phase, phase};
    let mut record = super::stage::built_record();
    record.asked.intent.want = Want::Live;
    let mut with = |status, since: Option<Timestamp>| {
        record.state.slots.get_mut(&Slot::Channel).unwrap().seen = Some(Seen::new(status));
        record.state.live_since = since;
        phase(&record)
    };
    assert_eq!(with(Status::Recovering, None), Phase::Starting);
    assert_eq!(with(Status::Recovering, Some(Timestamp(1))), Phase::Live);
    assert_eq!(with(Status::Ready, Some(Timestamp(1))), Phase::Starting);
}

#[test]
fn after_a_doubt_what_cannot_change_is_still_known() {
    use crate::request::{after_doubt, replaces};
    let known = |text: &str| after_doubt(Some(text.to_owned()));
    assert_eq!(known("fixed.rest"), Some("fixed.".to_owned()));
    assert_eq!((known("whole"), after_doubt(None)), (None, None));
    let input = Slot::Input("a".to_owned());
    assert!(!replaces(&input, known("fixed.rest").as_ref(), "fixed.other"));
    assert!(replaces(&input, known("fixed.rest").as_ref(), "another.rest"));
    assert!(replaces(&input, None, "fixed.rest"));
    assert!(!replaces(&Slot::Channel, None, "whole"));
}
