//! Health in words: which metrics tell how a channel on air does, and what each says to a person. Pure: `probes` names what to ask
//! CloudWatch for, `judge` reads the answers (decision 020).

mod verdict;

use crate::action::Status;
use crate::limits::Limits;
use crate::record::Record;
use crate::slot::Slot;
use crate::time::Timestamp;
use serde::Serialize;

/// How far back is asked; the newest of the periods counts.
pub const WINDOW_SECS: i64 = 300;
/// A minute is the finest that all of these metrics have (aws-facts 1.14, 2.10).
pub const PERIOD_SECS: i32 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    Average,
    Minimum,
    Maximum,
    Sum,
}

impl Statistic {
    /// CloudWatch's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::Sum => "Sum",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    FrameRate,
    NetworkIn,
    FillTime,
    DroppedFrames,
    SlowEncoding,
    Locked,
    NetworkOut,
    Alerts,
    Answered,
    Refused,
    Failed,
}

/// One question to CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    measure: Measure,
    pub pipeline: Option<u8>,
    pub namespace: &'static str,
    pub metric: &'static str,
    pub dimensions: Vec<(&'static str, String)>,
    pub statistic: Statistic,
    unit: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The channel does not run: there is nothing to measure.
    Off,
    Ok,
    /// CloudWatch has nothing (yet).
    Unknown,
    Warning,
    Critical,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The worst of all.
    pub verdict: Verdict,
    /// One sentence: the worst of all in words.
    pub summary: String,
    pub metrics: Vec<Reading>,
    pub alarms: Vec<Firing>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// CloudWatch's name.
    pub metric: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<u8>,
    /// Of the newest minute that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    pub unit: &'static str,
    pub verdict: Verdict,
    /// Cause and cure.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Firing {
    pub alarm: String,
    pub since: String,
    pub reason: String,
}

/// What to ask for; nothing where the channel does not run.
pub fn probes(record: &Record) -> Vec<Probe> {
    let running = record.seen(&Slot::Channel).map(|seen| seen.status);
    let Some(channel) = record.object(&Slot::Channel).filter(|_| is_on(running)) else { return Vec::new() };
    let pipelines = record.asked.spec.channel_class.pipelines();
    let mut all = Vec::new();
    for pipeline in 0..pipelines {
        let dimensions = vec![("ChannelId", channel.id.clone()), ("Pipeline", pipeline.to_string())];
        let of = |(measure, metric, statistic, unit)| Probe {
            measure,
            pipeline: Some(pipeline),
            namespace: "AWS/MediaLive",
            metric,
            dimensions: dimensions.clone(),
            statistic,
            unit,
        };
        all.extend(OF_PIPELINES.map(of));
        // Two of one channel only.
        all.extend((pipelines == 2).then(|| of((Measure::Locked, "PipelinesLocked", Statistic::Minimum, "1 is yes"))));
    }
    if let Some(packaging) = record.object(&Slot::Packaging) {
        all.extend(OF_PACKAGER.map(|(measure, range)| Probe {
            measure,
            pipeline: None,
            namespace: "AWS/MediaPackage",
            metric: "EgressRequestCount",
            dimensions: vec![("Channel", packaging.id.clone()), ("StatusCodeRange", range.to_owned())],
            statistic: Statistic::Sum,
            unit: "requests a minute",
        }));
    }
    all
}

/// A pipeline's, with the dimensions ChannelId and Pipeline (aws-facts 1.14).
const OF_PIPELINES: [(Measure, &str, Statistic, &str); 7] = [
    (Measure::FrameRate, "InputVideoFrameRate", Statistic::Maximum, "frames a second"),
    (Measure::NetworkIn, "NetworkIn", Statistic::Average, "Mb/s"),
    (Measure::FillTime, "FillMsec", Statistic::Maximum, "ms"),
    (Measure::DroppedFrames, "DroppedFrames", Statistic::Sum, "frames a minute"),
    (Measure::SlowEncoding, "SvqTime", Statistic::Maximum, "%"),
    (Measure::NetworkOut, "NetworkOut", Statistic::Average, "Mb/s"),
    (Measure::Alerts, "ActiveAlerts", Statistic::Maximum, "alerts"),
];

/// By class of status (aws-facts 2.10).
const OF_PACKAGER: [(Measure, &str); 3] =
    [(Measure::Answered, "2xx"), (Measure::Refused, "4xx"), (Measure::Failed, "5xx")];

fn is_on(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Running | Status::Recovering))
}

/// `values` are the answers to `probes(record)`, in their order.
pub fn judge(record: &Record, values: &[Option<f64>], now: Timestamp, limits: Limits) -> Health {
    let probes = probes(record);
    let alarms: Vec<Firing> = firing(record);
    if probes.is_empty() {
        let summary = "the channel does not run: there is nothing to measure; start it to see its health".to_owned();
        return Health { verdict: Verdict::Off, summary, metrics: Vec::new(), alarms };
    }
    let young = record.state.live_since.is_none_or(|since| now.millis_since(since) < limits.of_account(WINDOW_SECS));
    let about = verdict::About { spec: &record.asked.spec, probes: &probes, values, young };
    let metrics: Vec<Reading> = (0..probes.len()).map(|index| about.reading(index)).collect();
    let worst = metrics.iter().max_by_key(|it| it.verdict).map_or(Verdict::Unknown, |it| it.verdict);
    // The first of the worst: the list goes with the signal, and what comes first is the cause of the rest.
    let named = metrics.iter().find(|it| it.verdict == worst && worst > Verdict::Ok);
    let (verdict, summary) = match (named, alarms.first()) {
        (Some(reading), _) => (worst, reading.text.clone()),
        (None, Some(firing)) => (Verdict::Warning, format!("{} is in ALARM: {}", firing.alarm, firing.reason)),
        (None, None) => (Verdict::Ok, "video arrives, is encoded and sent on; nothing is wrong".to_owned()),
    };
    Health { verdict, summary, metrics, alarms }
}

fn firing(record: &Record) -> Vec<Firing> {
    let firing = record.state.alarms.iter().filter(|(_, fact)| fact.firing);
    let told = firing.map(|(slot, fact)| Firing {
        alarm: slot.to_string(),
        since: fact.at.to_string(),
        reason: fact.reason.clone(),
    });
    told.collect()
}
