//! What each value of each metric says.

use super::stage::built_record;
use crate::action::Seen;
use crate::action::Status;
use crate::health::{Health, Reading, Verdict, judge, probes};
use crate::limits::Limits;
use crate::phase::{ConditionStatus, signal, viewers_signal};
use crate::record::{AlarmFact, Record, Want};
use crate::slot::{AlarmKind, Slot};
use crate::spec::ChannelClass;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

/// On air for an hour, 25 frames a second, highest rung as the usual ladder's.
fn on_air() -> Record {
    let mut record = built_record();
    let channel = record.state.slots.get_mut(&Slot::Channel).unwrap();
    channel.seen = Some(Seen::new(Status::Running));
    record.state.live_since = Some(NOW.plus_secs(-3600));
    record
}

/// Values of a healthy channel, but for these: (metric, which of that name, value).
fn measured(record: &Record, changed: &[(&str, usize, Option<f64>)]) -> Health {
    let rate = record.asked.spec.ladder.frame_rate;
    let mut values: Vec<Option<f64>> = probes(record)
        .iter()
        .map(|probe| match probe.metric {
            "InputVideoFrameRate" => Some(f64::from(rate.numerator) / f64::from(rate.denominator)),
            "NetworkIn" | "NetworkOut" => Some(18.0),
            "PipelinesLocked" => Some(1.0),
            "EgressRequestCount" => Some(if probe.dimensions[1].1 == "2xx" { 100.0 } else { 0.0 }),
            _ => Some(0.0),
        })
        .collect();
    for (metric, nth, value) in changed {
        let mut places = probes(record).into_iter().enumerate().filter(|(_, probe)| probe.metric == *metric);
        let (at, _) = places.nth(*nth).unwrap_or_else(|| panic!("there is no {metric}"));
        values[at] = *value;
    }
    judge(record, &values, NOW, Limits::default())
}

fn reading<'a>(health: &'a Health, metric: &str) -> &'a Reading {
    health.metrics.iter().find(|it| it.metric == metric).unwrap()
}

#[test]
fn a_channel_at_rest_has_nothing_to_measure() {
    let mut record = on_air();
    record.state.slots.get_mut(&Slot::Channel).unwrap().seen = Some(Seen::new(Status::Ready));
    assert!(probes(&record).is_empty());
    let health = judge(&record, &[], NOW, Limits::default());
    assert_eq!((health.verdict, health.metrics.len()), (Verdict::Off, 0));
}

#[test]
fn everything_well_is_said_to_be_well() {
    let health = measured(&on_air(), &[]);
    assert_eq!(health.verdict, Verdict::Ok, "{health:#?}");
    assert!(health.metrics.iter().all(|it| it.verdict == Verdict::Ok && !it.text.is_empty()));
}

#[test]
fn each_defect_has_its_verdict_its_cause_and_its_cure() {
    let cases: [(&str, usize, f64, Verdict, &str); 14] = [
        ("InputVideoFrameRate", 0, 0.0, Verdict::Critical, "something arrives, but no video"),
        ("InputVideoFrameRate", 0, 12.5, Verdict::Warning, "12.50 frames a second arrive"),
        ("NetworkIn", 0, 0.0, Verdict::Critical, "check the encoder's uplink"),
        ("NetworkIn", 0, 0.2, Verdict::Warning, "it cannot be better than its source"),
        ("FillMsec", 0, 900.0, Verdict::Warning, "for 900 ms frames have been made up"),
        ("FillMsec", 0, 10_000.0, Verdict::Critical, "use a cable"),
        ("DroppedFrames", 0, 42.0, Verdict::Warning, "42 frames a minute are dropped"),
        ("SvqTime", 0, 7.0, Verdict::Warning, "take a rung off the ladder"),
        ("NetworkOut", 0, 0.0, Verdict::Critical, "sends nothing to the packager"),
        ("ActiveAlerts", 0, 2.0, Verdict::Warning, "2 alerts"),
        ("EgressRequestCount", 1, 30.0, Verdict::Warning, "rotate-cdn-secret"),
        ("EgressRequestCount", 1, 4.0, Verdict::Ok, "usual at a start"),
        ("EgressRequestCount", 2, 2.0, Verdict::Critical, "fails in the packager"),
        ("EgressRequestCount", 2, 1.0, Verdict::Ok, "without errors"),
    ];
    for (metric, nth, value, verdict, words) in cases {
        let health = measured(&on_air(), &[(metric, nth, Some(value))]);
        let told = health.metrics.iter().filter(|it| it.metric == metric).nth(nth).unwrap();
        assert_eq!((told.verdict, told.value), (verdict, Some(value)), "{metric} {value}: {told:?}");
        assert!(told.text.contains(words), "{metric} {value}: {}", told.text);
        if verdict > Verdict::Ok {
            assert_eq!((health.verdict, &health.summary), (verdict, &told.text), "{metric} {value}");
        }
    }
}

#[test]
fn without_any_byte_the_sentence_is_about_the_encoder_and_not_the_codec() {
    let health = measured(&on_air(), &[("InputVideoFrameRate", 0, Some(0.0)), ("NetworkIn", 0, Some(0.0))]);
    assert!(health.summary.contains("stream key"), "{}", health.summary);
}

#[test]
fn the_first_of_the_worst_is_the_summary() {
    let changed = [("SvqTime", 0, Some(7.0)), ("NetworkOut", 0, Some(0.0)), ("FillMsec", 0, Some(10_000.0))];
    let health = measured(&on_air(), &changed);
    assert_eq!(health.verdict, Verdict::Critical);
    assert_eq!(health.summary, reading(&health, "FillMsec").text);
}

#[test]
fn two_pipelines_are_measured_each_and_held_against_one_another() {
    let mut record = on_air();
    record.asked.spec.channel_class = ChannelClass::Standard;
    let health = measured(&record, &[("PipelinesLocked", 1, Some(0.0))]);
    let unlocked: Vec<_> = health.metrics.iter().filter(|it| it.verdict == Verdict::Warning).collect();
    assert_eq!((unlocked.len(), unlocked[0].pipeline), (1, Some(1)), "{health:#?}");
    assert!(unlocked[0].text.contains("not in step"));
    record.asked.spec.channel_class = ChannelClass::Single;
    assert!(probes(&record).iter().all(|probe| probe.metric != "PipelinesLocked"));
}

#[test]
fn what_is_not_measured_is_unknown_and_a_young_channel_says_that_this_is_usual() {
    let mut record = on_air();
    let silent = [("InputVideoFrameRate", 0, None), ("EgressRequestCount", 0, None)];
    let health = measured(&record, &silent);
    assert_eq!(health.verdict, Verdict::Unknown);
    assert!(health.summary.contains("published nothing"), "{}", health.summary);
    record.state.live_since = Some(NOW.plus_secs(-60));
    let health = measured(&record, &silent);
    assert!(health.summary.contains("not measured yet"), "{}", health.summary);
    let viewers = health.metrics.iter().find(|it| it.metric == "EgressRequestCount").unwrap();
    assert_eq!((viewers.verdict, viewers.value), (Verdict::Ok, None), "nobody watches");
}

#[test]
fn an_alarm_that_fires_is_a_warning_where_the_metrics_are_well() {
    let mut record = on_air();
    let fact = AlarmFact { firing: true, reason: "too many errors".to_owned(), at: NOW };
    record.state.alarms.insert(Slot::Alarm(AlarmKind::Cdn5xx), fact);
    let health = measured(&record, &[]);
    assert_eq!((health.verdict, health.alarms.len()), (Verdict::Warning, 1));
    assert!(health.summary.contains("too many errors"), "{}", health.summary);
}

#[test]
fn viewers_have_a_picture_while_one_of_two_pipelines_has_one() {
    let mut record = on_air();
    record.asked.spec.channel_class = ChannelClass::Standard;
    record.asked.intent.want = Want::Live;
    record.state.slots.get_mut(&Slot::Channel).unwrap().seen.as_mut().unwrap().pipelines = 2;
    let mut seen = Vec::new();
    for pipeline in [0, 1] {
        let fact = AlarmFact { firing: true, reason: "no video".to_owned(), at: NOW };
        record.state.alarms.insert(Slot::Alarm(AlarmKind::InputLoss(pipeline)), fact);
        seen.push((signal(&record).status, viewers_signal(&record)));
    }
    let (ok, broken) = (ConditionStatus::Ok, ConditionStatus::Broken);
    assert_eq!(seen, [(broken, ok), (broken, broken)]);
}
