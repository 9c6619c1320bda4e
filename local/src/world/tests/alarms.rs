//! Metrics and alarms (aws-facts 1.14, 4).

use super::*;
use crate::world::cloudwatch::{
    Alarm, AlarmFilter, AlarmSpec, AlarmState, Comparison, Datum, GetStatistics, Metric, MissingData, Statistic,
};
use crate::world::medialive::SourceState;

fn metric() -> Metric {
    Metric::new("Test", "M", &[("D", "1")])
}

/// One period of a minute, above 10 is bad.
fn spec(missing_data: MissingData) -> AlarmSpec {
    AlarmSpec {
        name: "a".into(),
        description: Some("why".into()),
        metric: metric(),
        statistic: Statistic::Maximum,
        period_secs: 60,
        evaluation_periods: 1,
        datapoints_to_alarm: None,
        comparison: Comparison::GreaterThanThreshold,
        threshold: 10.0,
        missing_data,
        actions_enabled: true,
        ok_actions: Vec::new(),
        alarm_actions: Vec::new(),
        insufficient_data_actions: Vec::new(),
        unit: None,
        tags: Tags::new(),
    }
}

fn put(account: &mut Account, spec: AlarmSpec) {
    account.world.put_metric_alarm(HOME, account.now, spec).unwrap();
}

fn alarm(account: &mut Account) -> Alarm {
    let filter = AlarmFilter::default();
    account.world.describe_alarms(HOME, account.now, &filter, &Page::default()).unwrap().items.remove(0)
}

fn datum(account: &mut Account, value: f64) {
    let data = vec![(metric(), Datum::single(account.now, value))];
    account.world.put_metric_data(HOME, account.now, data).unwrap();
}

// aws-facts 4: new alarms start INSUFFICIENT_DATA; then the four treatments of missing data differ.
#[test]
fn missing_data_is_treated_as_asked() {
    for (treatment, expected) in [
        (MissingData::Missing, AlarmState::InsufficientData),
        (MissingData::Ignore, AlarmState::InsufficientData),
        (MissingData::Breaching, AlarmState::Alarm),
        (MissingData::NotBreaching, AlarmState::Ok),
    ] {
        let mut account = Account::calm();
        put(&mut account, spec(treatment));
        assert_eq!(alarm(&mut account).state, AlarmState::InsufficientData);
        account.pass(2 * MINUTE);
        assert_eq!(alarm(&mut account).state, expected, "{treatment:?}");
    }
}

// CloudWatch's own table for gaps, three of three and two of three: a datapoint is x (breaching), o (fine) or - (none).
#[test]
fn gaps_are_judged_by_the_published_table() {
    use AlarmState::{Alarm, InsufficientData, Ok};
    use MissingData::{Breaching, Ignore, Missing, NotBreaching};
    let treatments = [Missing, Ignore, Breaching, NotBreaching];
    // The state before is INSUFFICIENT_DATA: where `ignore` keeps it, it stays.
    let table = [
        (3, "o-x-x", [Ok, Ok, Ok, Ok]),
        (3, "----o", [Ok, Ok, Ok, Ok]),
        (3, "-----", [InsufficientData, InsufficientData, Alarm, Ok]),
        (3, "oxxxx", [Alarm, Alarm, Alarm, Alarm]),
        (3, "--x--", [Alarm, InsufficientData, Alarm, Ok]),
        (2, "o-x-x", [Alarm, Alarm, Alarm, Alarm]),
        (2, "oox-x", [Alarm, Alarm, Alarm, Alarm]),
        (2, "o-x--", [Ok, Ok, Alarm, Ok]),
        (2, "----o", [Ok, Ok, Alarm, Ok]),
        (2, "----x", [Alarm, InsufficientData, Alarm, Ok]),
    ];
    for (to_alarm, points, expected) in table {
        for (treatment, expected) in treatments.into_iter().zip(expected) {
            let mut account = Account::calm();
            for point in points.chars() {
                match point {
                    'x' => datum(&mut account, 11.0),
                    'o' => datum(&mut account, 1.0),
                    _ => {}
                }
                account.pass(MINUTE);
            }
            // The alarm appears so that its first look comes now.
            account.now -= MINUTE;
            put(
                &mut account,
                AlarmSpec { evaluation_periods: 3, datapoints_to_alarm: Some(to_alarm), ..spec(treatment) },
            );
            account.pass(MINUTE);
            let state = alarm(&mut account).state;
            assert_eq!(state, expected, "{to_alarm} of 3, {points}, {treatment:?}");
        }
    }
}

// aws-facts 4: every transition is an event on the alarm's region, without any action configured.
#[test]
fn a_transition_is_an_event_of_the_documented_shape() {
    let mut account = Account::calm();
    put(&mut account, spec(MissingData::NotBreaching));
    account.pass(MINUTE);
    datum(&mut account, 11.0);
    account.pass(MINUTE);
    let events = account.world.take_events(account.now);
    let values: Vec<_> = events.iter().map(|it| it.event["detail"]["state"]["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["OK", "ALARM"]);
    let event = &events[1].event;
    assert_eq!(event["source"], "aws.cloudwatch");
    assert_eq!(event["detail-type"], "CloudWatch Alarm State Change");
    let arn = format!("arn:aws:cloudwatch:{HOME}:123456789012:alarm:a");
    assert_eq!(event["resources"], serde_json::json!([arn]));
    let detail = &event["detail"];
    assert_eq!(detail["alarmName"], "a");
    assert_eq!(detail["previousState"]["value"], "OK");
    assert_eq!(detail["configuration"]["description"], "why");
    let stat = &detail["configuration"]["metrics"][0]["metricStat"];
    assert_eq!(stat["metric"]["namespace"], "Test");
    assert_eq!(stat["metric"]["dimensions"]["D"], "1");
    assert_eq!((stat["period"].as_u64(), stat["stat"].as_str()), (Some(60), Some("Maximum")));
    let data = detail["state"]["reasonData"].as_str().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["recentDatapoints"], serde_json::json!([11.0]));
    assert!(detail["state"]["timestamp"].as_str().unwrap().ends_with("+0000"));
}

// aws-facts 4: upsert by name keeps the state; a missing name can be deleted.
#[test]
fn putting_an_alarm_again_overwrites_it_and_keeps_its_state() {
    let mut account = Account::calm();
    put(&mut account, spec(MissingData::Breaching));
    account.pass(MINUTE);
    put(&mut account, AlarmSpec { threshold: 99.0, ..spec(MissingData::Breaching) });
    let after = alarm(&mut account);
    assert_eq!((after.state, after.spec.threshold), (AlarmState::Alarm, 99.0));
    account.world.delete_alarms(HOME, account.now, &["a".into(), "b".into()]).unwrap();
    assert_eq!(account.world.inventory(), []);
    account.pass(HOUR);
    assert_eq!(account.world.next_timer(), None, "nobody evaluates a deleted alarm");
}

// aws-facts 4: SetAlarmState is an event, and the next evaluation takes it back.
#[test]
fn a_set_state_holds_until_the_next_evaluation() {
    let mut account = Account::calm();
    put(&mut account, spec(MissingData::NotBreaching));
    account.pass(MINUTE);
    account.world.set_alarm_state(HOME, account.now, "a", AlarmState::Alarm, "test", "").unwrap();
    assert_eq!(alarm(&mut account).state, AlarmState::Alarm);
    account.pass(MINUTE);
    assert_eq!(alarm(&mut account).state, AlarmState::Ok);
    let unknown = account.world.set_alarm_state(HOME, account.now, "b", AlarmState::Ok, "test", "");
    assert_eq!(refusal(unknown).0, 404);
}

// aws-facts 1.14: an input-loss alarm per pipeline fires when the source goes and returns when it is back.
#[test]
fn an_input_loss_alarm_follows_the_source() {
    let mut account = Account::calm();
    let channel = account.running();
    let dimensions = [("ChannelId", channel.id.as_str()), ("Pipeline", "0")];
    put(
        &mut account,
        AlarmSpec {
            metric: Metric::new("AWS/MediaLive", "InputVideoFrameRate", &dimensions),
            comparison: Comparison::LessThanThreshold,
            threshold: 1.0,
            period_secs: 10,
            evaluation_periods: 3,
            ..spec(MissingData::NotBreaching)
        },
    );
    account.pass(MINUTE);
    assert_eq!(alarm(&mut account).state, AlarmState::Ok);
    let input = channel.attachments[0].input_id.clone();
    account.world.set_source(HOME, account.now, &input, SourceState::Off).unwrap();
    account.pass(50_000);
    assert_eq!(alarm(&mut account).state, AlarmState::Alarm);
    account.world.set_source(HOME, account.now, &input, SourceState::On).unwrap();
    account.pass(50_000);
    assert_eq!(alarm(&mut account).state, AlarmState::Ok);
}

// aws-facts 1.14: only running channels publish; dimension sets are {ChannelId, Pipeline}, never ChannelId alone.
#[test]
fn only_running_channels_publish() {
    let mut account = Account::calm();
    let id = account.channel().id;
    account.pass(5 * MINUTE);
    let listed = |account: &mut Account| {
        let page = Page::default();
        account.world.list_metrics(HOME, account.now, Some("AWS/MediaLive"), None, &[], &page).unwrap().items
    };
    assert_eq!(listed(&mut account), []);
    account.world.start_channel(HOME, account.now, &id).unwrap();
    account.pass(5 * MINUTE);
    let metrics = listed(&mut account);
    assert!(metrics.iter().any(|it| it.name == "ActiveAlerts" && it.dimensions["Pipeline"] == "1"));
    assert!(metrics.iter().all(|it| it.dimensions.contains_key("Pipeline")));
    assert!(metrics.iter().all(|it| it.name != "InputVideoFreeze"), "no such metric");
    account.world.stop_channel(HOME, account.now, &id).unwrap();
    account.pass(5 * MINUTE);
    assert_eq!(account.world.next_timer(), None, "an idle channel costs no timers");
}

#[test]
fn without_metrics_nothing_ticks_but_new_alarms_settle() {
    let mut account = Account::with(|it| it.switches.metrics = false);
    account.running();
    put(&mut account, spec(MissingData::NotBreaching));
    account.pass(MINUTE);
    assert_eq!(alarm(&mut account).state, AlarmState::Ok);
    assert_eq!(account.world.next_timer(), None);
}

// The periods of alarms are divided by the speed.
#[test]
fn alarms_are_faster_in_a_fast_world() {
    let mut account = Account::with(|it| it.speed = 20.0);
    put(&mut account, spec(MissingData::Breaching));
    account.pass(3_000);
    assert_eq!(alarm(&mut account).state, AlarmState::Alarm);
}

#[test]
fn statistics_are_kept_by_period() {
    let mut account = Account::calm();
    for value in [1.0, 3.0] {
        datum(&mut account, value);
        account.pass(30_000);
    }
    datum(&mut account, 7.0);
    let request = GetStatistics { metric: metric(), start: START, end: account.now + 1, period_secs: 60 };
    let found = account.world.get_metric_statistics(HOME, account.now, &request).unwrap();
    let averages: Vec<_> = found.iter().map(|it| (it.at - START, it.value(Statistic::Average))).collect();
    assert_eq!(averages, [(0, 2.0), (MINUTE, 7.0)]);
    let foreign = vec![(Metric::new("AWS/MediaLive", "M", &[]), Datum::single(START, 1.0))];
    let refused = account.world.put_metric_data(HOME, account.now, foreign);
    assert_eq!(refusal(refused), (400, "InvalidParameterValue".into()));
}
