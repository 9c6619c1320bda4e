//! What a value says: verdict, and one sentence with cause and cure.

use super::{Measure, Probe, Reading, Verdict};
use crate::spec::Spec;

/// Less than this is nothing: what protocols say without video.
const SILENCE_MBPS: f64 = 0.05;
/// Frame rates that differ by more judder.
const RATE_TOLERANCE: f64 = 0.1;
/// Frames that have been made up for so long are no hiccup any more. The metric says for how long that has gone on (MediaLive's
/// guide, output metrics).
const OUTAGE_MSEC: f64 = 10_000.0;
/// Of all requests, and how many at least: one viewer with an old address is no trouble.
const REFUSED_SHARE: f64 = 0.1;
const FAILED_SHARE: f64 = 0.01;
const REFUSED_LEAST: f64 = 5.0;
/// Of the highest rung: less in the source is upscaled.
const ROOM: f64 = 1.5;

pub(super) struct About<'a> {
    pub spec: &'a Spec,
    pub probes: &'a [Probe],
    pub values: &'a [Option<f64>],
    /// The channel has run for less than is asked for.
    pub young: bool,
}

impl About<'_> {
    pub fn reading(&self, index: usize) -> Reading {
        let probe = &self.probes[index];
        let value = self.values.get(index).copied().flatten();
        let (verdict, text) = match value {
            Some(value) => self.say(probe, value),
            None => self.silent(probe.measure),
        };
        let rounded = value.map(|value| (value * 1000.0).round() / 1000.0);
        Reading { metric: probe.metric, pipeline: probe.pipeline, value: rounded, unit: probe.unit, verdict, text }
    }

    /// What the same pipeline, or the packager, says of another measure.
    fn other(&self, probe: &Probe, measure: Measure) -> Option<f64> {
        let at = self.probes.iter().position(|it| it.measure == measure && it.pipeline == probe.pipeline)?;
        self.values.get(at).copied().flatten()
    }

    fn silent(&self, measure: Measure) -> (Verdict, String) {
        if matches!(measure, Measure::Answered | Measure::Refused | Measure::Failed) {
            return (Verdict::Ok, "no such request in the last five minutes".to_owned());
        }
        let text = if self.young {
            "not measured yet: the first values come a minute or two after a channel begins to run"
        } else {
            "MediaLive has published nothing for five minutes; see the channel in the AWS console"
        };
        (Verdict::Unknown, text.to_owned())
    }

    fn say(&self, probe: &Probe, value: f64) -> (Verdict, String) {
        match probe.measure {
            Measure::FrameRate => self.frame_rate(probe, value),
            Measure::NetworkIn => self.network_in(value),
            Measure::FillTime => fill_time(value),
            Measure::DroppedFrames => limit(value, "no frame is dropped", |n| {
                format!(
                    "{n:.0} frames a minute are dropped: the encoder gets more than it can take; send the \
                 ladder's frame rate, without bursts"
                )
            }),
            Measure::SlowEncoding => limit(value, "encoding keeps up", |percent| {
                format!(
                    "for {percent:.0} % of the time MediaLive encodes with less quality to keep up: take a \
                 rung off the ladder, or a lower frame rate"
                )
            }),
            Measure::NetworkOut if value < SILENCE_MBPS => (
                Verdict::Critical,
                "the channel sends nothing to the packager: see its alerts; a restart often \
                 helps"
                    .to_owned(),
            ),
            Measure::NetworkOut => (Verdict::Ok, format!("{value:.1} Mb/s go to the packager")),
            Measure::Alerts => limit(value, "MediaLive has no alerts", |n| {
                format!(
                    "MediaLive has {n:.0} alerts about this pipeline: the AWS console names them, and the \
                 timeline says what is done"
                )
            }),
            Measure::Locked if value < 1.0 => {
                let text = "the two pipelines are not in step: a change from one to the other would be seen; \
                 restart the channel when it is off air";
                (Verdict::Warning, text.to_owned())
            }
            Measure::Locked => (Verdict::Ok, "the two pipelines are in step".to_owned()),
            Measure::Answered => (Verdict::Ok, format!("{value:.0} requests a minute are answered with video")),
            Measure::Refused => self.refused(probe, value),
            Measure::Failed => self.failed(probe, value),
        }
    }

    fn frame_rate(&self, probe: &Probe, value: f64) -> (Verdict, String) {
        if value < 1.0 {
            let bytes = self.other(probe, Measure::NetworkIn).is_some_and(|mbps| mbps >= SILENCE_MBPS);
            let text = if bytes {
                "something arrives, but no video that can be decoded: send H.264 (or what inputSpecification.codec says) with \
                 yuv420p"
            } else {
                "no video arrives: start the encoder, or the source that is pulled, and compare address and stream key with the \
                 platform's"
            };
            return (Verdict::Critical, text.to_owned());
        }
        let rate = self.spec.ladder.frame_rate;
        let wanted = f64::from(rate.numerator) / f64::from(rate.denominator.max(1));
        if (value - wanted).abs() > wanted * RATE_TOLERANCE {
            let word = String::from(rate);
            let text = format!(
                "{value:.2} frames a second arrive and {word} are made, so that motion judders: set \
             {word} in the encoder, or ladder.frameRate"
            );
            return (Verdict::Warning, text);
        }
        (Verdict::Ok, format!("video arrives with {value:.2} frames a second"))
    }

    fn network_in(&self, value: f64) -> (Verdict, String) {
        if value < SILENCE_MBPS {
            let text = "nothing arrives from the network: check the encoder's uplink, its address, and allowFrom";
            return (Verdict::Critical, text.to_owned());
        }
        let highest = self.spec.ladder.rungs.iter().map(|rung| rung.bitrate).max().unwrap_or(0);
        let highest = f64::from(highest) / 1e6;
        if value < highest {
            let wanted = highest * ROOM;
            let text = format!(
                "{value:.1} Mb/s arrive and the highest rung has {highest:.1}: it cannot be better \
             than its source; set {wanted:.1} Mb/s in the encoder"
            );
            return (Verdict::Warning, text);
        }
        (Verdict::Ok, format!("{value:.1} Mb/s arrive"))
    }

    /// All requests of the minute.
    fn requests(&self, probe: &Probe) -> f64 {
        let kinds = [Measure::Answered, Measure::Refused, Measure::Failed];
        kinds.iter().filter_map(|kind| self.other(probe, *kind)).sum()
    }

    fn refused(&self, probe: &Probe, value: f64) -> (Verdict, String) {
        let share = value / self.requests(probe).max(1.0);
        if value < REFUSED_LEAST || share <= REFUSED_SHARE {
            return (
                Verdict::Ok,
                format!(
                    "{value:.0} requests a minute are for what is not there: usual at a start \
             and an end"
                ),
            );
        }
        let percent = share * 100.0;
        let text = format!(
            "{percent:.0} % of what the CDN asks for is refused: players have old addresses, or the \
         CDN secret does not fit; rotate it (POST rotate-cdn-secret)"
        );
        (Verdict::Warning, text)
    }

    fn failed(&self, probe: &Probe, value: f64) -> (Verdict, String) {
        let share = value / self.requests(probe).max(1.0);
        if share <= FAILED_SHARE {
            return (Verdict::Ok, "the packager answers without errors of its own".to_owned());
        }
        let percent = share * 100.0;
        let text = format!(
            "{percent:.0} % of what the CDN asks for fails in the packager: see the AWS Health \
         Dashboard; viewers lose the picture"
        );
        (Verdict::Critical, text)
    }
}

fn fill_time(value: f64) -> (Verdict, String) {
    if value <= 0.0 {
        return (Verdict::Ok, "no frame had to be made up".to_owned());
    }
    let text = format!(
        "for {value:.0} ms frames have been made up, because they came late or not at all: use a cable and not wireless, or \
         lower the encoder's bitrate"
    );
    (if value >= OUTAGE_MSEC { Verdict::Critical } else { Verdict::Warning }, text)
}

/// Anything above zero is a warning.
fn limit(value: f64, fine: &str, bad: impl Fn(f64) -> String) -> (Verdict, String) {
    if value > 0.0 { (Verdict::Warning, bad(value)) } else { (Verdict::Ok, fine.to_owned()) }
}
