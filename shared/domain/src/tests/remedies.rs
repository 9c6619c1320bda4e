//! What is decided about alarms, and what becomes of a remedy whose call is refused or lost. Whole lives are in `tests/`.

use super::stage::{Quirk, Stage};
use crate::accept::{Event, accept};
use crate::action::RefusalKind;
use crate::check::check;
use crate::limits::{ALERTS_HOLD_SECS, Limits};
use crate::record::Want;
use crate::remedy::{Decided, Decision, Remedy, decide};
use crate::slot::{AlarmKind, Slot};
use crate::time::Timestamp;
use serde_json::{Value, json};

fn live(spec: &Value) -> Stage {
    let mut stage = Stage::new(spec);
    stage.play(4000);
    stage.want(Want::Live);
    stage.play(4000);
    stage.now = stage.now.plus_secs(300);
    stage
}

fn two_inputs() -> Value {
    let push = |name: &str| json!({"name": name, "type": "RTMP_PUSH"});
    json!({"name": "two", "inputs": [push("main"), push("backup")], "remediation": {"mode": "act"}})
}

fn alarm(stage: &mut Stage, kind: AlarmKind, firing: bool) {
    let (slot, at) = (Slot::Alarm(kind), stage.now);
    stage.event(&Event::Alarm { slot, firing, reason: "a datapoint".to_owned(), at });
}

/// Time passes, ten seconds at a time.
fn pass(stage: &mut Stage, seconds: i64) {
    let end = stage.now.plus_secs(seconds);
    while stage.now < end {
        stage.event(&Event::Attended);
        let next = stage.now.plus_secs(10);
        stage.play(10);
        stage.now = next;
    }
}

/// How often the call was sent after the alarm, and whether it is still to be done.
fn sent(kind: AlarmKind, call: &str, quirk: Quirk) -> (usize, bool) {
    let mut stage = live(&two_inputs());
    stage.title("alarm");
    stage.quirk(call, quirk);
    alarm(&mut stage, kind, true);
    pass(&mut stage, if matches!(kind, AlarmKind::ActiveAlerts(_)) { ALERTS_HOLD_SECS + 130 } else { 220 });
    assert_eq!(stage.record.state.remedies.lately.len(), 1, "{}", stage.since_title());
    let channel = stage.record.slot(&Slot::Channel).unwrap();
    assert!(channel.failure.is_none() && channel.doing.is_none(), "the channel's slot has no part in it");
    assert!(!stage.text().contains("WRONG"), "{}", stage.text());
    let lines = stage.since_title().lines().filter(|line| line.contains(&format!("{call} ["))).count();
    (lines, stage.record.state.remedies.doing.is_some())
}

#[test]
fn a_restart_is_sent_again_only_where_it_surely_did_not_happen() {
    let restart = |quirk| sent(AlarmKind::ActiveAlerts(0), "Restart channel", quirk);
    let refused = |kind| Quirk::Refused(kind, "CodeException");
    for kind in [RefusalKind::Throttled, RefusalKind::NotSent] {
        assert_eq!(restart(refused(kind)), (2, false), "{kind:?}");
    }
    for kind in [RefusalKind::Conflict, RefusalKind::Denied, RefusalKind::Rejected, RefusalKind::Unsure] {
        assert_eq!(restart(refused(kind)), (1, false), "{kind:?}");
    }
    for quirk in [Quirk::Lost, Quirk::Unheard, Quirk::Crash] {
        assert_eq!(restart(quirk.clone()), (1, false), "{quirk:?}");
    }
}

#[test]
fn a_switch_is_sent_again_until_it_is_answered() {
    let switch = |quirk| sent(AlarmKind::InputLoss(0), "Switch channel", quirk);
    let refused = |kind| Quirk::Refused(kind, "CodeException");
    for kind in [RefusalKind::Throttled, RefusalKind::NotSent, RefusalKind::Unsure] {
        assert_eq!(switch(refused(kind)), (2, false), "{kind:?}");
    }
    for kind in [RefusalKind::Conflict, RefusalKind::Denied, RefusalKind::Rejected] {
        assert_eq!(switch(refused(kind)), (1, false), "{kind:?}");
    }
    for quirk in [Quirk::Lost, Quirk::Unheard, Quirk::Crash] {
        assert_eq!(switch(quirk.clone()), (2, false), "{quirk:?}");
    }
}

#[test]
fn a_switch_that_aws_refused_did_not_happen() {
    let mut stage = live(&two_inputs());
    stage.quirk("Switch channel", Quirk::Refused(RefusalKind::Denied, "AccessDeniedException"));
    alarm(&mut stage, AlarmKind::InputLoss(0), true);
    pass(&mut stage, 60);
    assert_eq!(stage.record.state.remedies.switched, None, "{}", stage.text());
    assert!(stage.text().contains("could not switch to input backup: AccessDeniedException"), "{}", stage.text());
}

#[test]
fn the_same_record_and_moment_decide_the_same_and_attending_twice_changes_nothing() {
    let mut stage = live(&two_inputs());
    alarm(&mut stage, AlarmKind::ActiveAlerts(0), true);
    stage.event(&Event::Attended);
    let due = stage.now.plus_secs(ALERTS_HOLD_SECS);
    let decided = decide(&stage.record, due, Limits::default());
    assert!(matches!(&decided, Decision::Do(wish) if wish.remedy == Remedy::RestartPipelines(vec![0])), "{decided:?}");
    assert_eq!(decide(&stage.record, due, Limits::default()), decided);
    assert_eq!(decide(&stage.record, due.plus_secs(-1), Limits::default()), Decision::Nothing);
    let mut record = stage.record.clone();
    assert_eq!(accept(&mut record, &Event::Attended, due, Limits::default()).len(), 1);
    let once = record.clone();
    assert_eq!(accept(&mut record, &Event::Attended, due, Limits::default()), vec![]);
    assert_eq!(record, once);
}

#[test]
fn nothing_is_done_around_the_begin_and_the_end_of_an_event() {
    use crate::broadcast::OnAir;
    use crate::calendar::{Airing, MissedStart};
    let mut stage = live(&two_inputs());
    alarm(&mut stage, AlarmKind::InputLoss(0), true);
    let now = stage.now;
    let airing = |start: i64, end: i64| Airing {
        event: "e".to_owned(),
        occurrence: "o".to_owned(),
        title: "t".to_owned(),
        on_at: now.plus_secs(start),
        start: now.plus_secs(start),
        end: now.plus_secs(end),
        off_at: now.plus_secs(end + 600),
        missed_start: MissedStart::StartLate,
    };
    let mut record = stage.record.clone();
    accept(&mut record, &Event::Attended, now, Limits::default());
    record.state.remedies = crate::remedy::Remedies { input: record.state.remedies.input, ..Default::default() };
    let does = |record: &crate::record::Record| matches!(decide(record, now, Limits::default()), Decision::Do(_));
    assert!(does(&record));
    for (start, end, expected) in [(-600, 600, true), (-30, 600, false), (-600, 30, false), (-600, -30, false)] {
        let airing = airing(start, end);
        record.state.broadcasts.on_air = Some(OnAir { since: airing.on_at, airing, course: None });
        assert_eq!(does(&record), expected, "on air from {start} to {end}");
    }
    record.state.broadcasts.on_air = None;
    record.state.broadcasts.next = Some(airing(30, 600));
    assert!(!does(&record), "one is about to begin");
    record.state.broadcasts.next = None;
    record.asked.spec.hands_off = Some(crate::spec::HandsOffSpec { until: now.plus_secs(60).to_string() });
    assert!(!does(&record), "hands off");
}

#[test]
fn check_finds_an_hour_with_too_many_remedies() {
    let mut record = live(&two_inputs()).record;
    let decided = |minute: i64| Decided {
        at: Timestamp(minute * 60_000),
        remedy: Remedy::RestartPipelines(vec![0]),
        most: 2,
        dry_run: false,
    };
    record.state.remedies.lately = [0, 30, 60, 90].map(decided).to_vec();
    assert_eq!(check(&record), Vec::<String>::new());
    record.state.remedies.lately = [0, 30, 59].map(decided).to_vec();
    assert_eq!(check(&record).len(), 1, "{:?}", check(&record));
}
