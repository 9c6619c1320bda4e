//! What a platform costs, by the price file: for an hour at rest, for an hour on air, for each planned event. It knows what
//! the spec asks for, and takes the number of viewers as it is told.

use crate::calendar::PlannedEvent;
use crate::price::{Price, micros, price};
use crate::record::Record;
use crate::request::desired;
use crate::slot::Slot;
use crate::spec::{ChannelClass, FrameRate, Resolution, Spec};

/// The archive has the tallest rung of at most so many lines (`aws-media`, the encoder's settings).
const ARCHIVE_LINES: u32 = 1080;
/// Above this a rung counts as HD (aws-facts 1.15; AWS's own example has 540 lines as SD and 720 as HD).
const SD_LINES: u32 = 576;
const HD_LINES: u32 = 1080;

/// One price, and how much of it an hour takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    pub price: &'static Price,
    /// In the price's unit, for one hour.
    pub quantity: f64,
    /// What it is for: a rung, an input.
    pub of: String,
}

impl Cost {
    /// Millionths of a dollar for an hour.
    pub fn micros(&self) -> i64 {
        micros(self.price.usd * self.quantity)
    }
}

/// What one occurrence of a planned event costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCost {
    pub event: String,
    pub title: String,
    /// Warm-up and event; with the overrun it is at most `most_seconds`.
    pub seconds: i64,
    pub most_seconds: i64,
    pub micros: i64,
    pub most_micros: i64,
}

pub fn total(costs: &[Cost]) -> i64 {
    costs.iter().map(Cost::micros).sum()
}

pub fn is_verified(costs: &[Cost]) -> bool {
    costs.iter().all(|cost| cost.price.verified)
}

/// An hour with the channel stopped.
pub fn idle(spec: &Spec) -> Vec<Cost> {
    let mut costs = vec![cost("medialive/idle/channel", 1.0, "the channel")];
    let pushed = spec.inputs.iter().filter(|input| input.kind.is_push());
    costs.extend(pushed.map(|input| cost("medialive/idle/push-input", 1.0, &input.name)));
    costs.extend(always(spec));
    costs.into_iter().flatten().collect()
}

/// An hour on air, with so many viewers from its beginning to its end.
pub fn live(spec: &Spec, viewers: u32) -> Vec<Cost> {
    let mut costs = running(spec);
    costs.extend(always(spec).into_iter().flatten());
    if viewers > 0 {
        // Each rung is fetched for each format once; the edges have it then.
        let formats = spec.endpoints.len() as f64;
        let fetched =
            cost("mediapackage/origination", formats * gigabytes(sent(spec)), "all rungs, for each format once");
        // Nobody watches more than the best picture with one sound.
        let best = spec.ladder.rungs.iter().map(|rung| u64::from(rung.bitrate)).max().unwrap_or(0);
        let sound = spec.audio.iter().map(|audio| u64::from(audio.bitrate)).max().unwrap_or(0);
        let of = format!("{viewers} viewers of the best picture");
        let watched = cost("cloudfront/transfer", f64::from(viewers) * gigabytes(best + sound), &of);
        costs.extend([fetched, watched].into_iter().flatten());
    }
    costs
}

/// What of it begins and ends with the channel: what a stop saves. The meter counts this.
pub fn running(spec: &Spec) -> Vec<Cost> {
    let pipelines = f64::from(spec.channel_class.pipelines());
    let mut costs = Vec::new();
    // Every attached input is charged for, on air or not.
    costs.extend(spec.inputs.iter().map(|it| cost(&input_id(spec), pipelines, &format!("input {}", it.name))));
    let rung = |height, bitrate| output_id(height, bitrate, spec.ladder.frame_rate);
    let rungs = spec.ladder.rungs.iter();
    costs.extend(rungs.map(|it| cost(&rung(it.height, it.bitrate), pipelines, &format!("rung {}", it.name))));
    let sounds = spec.audio.iter().map(|it| cost("medialive/output/audio", pipelines, &format!("audio {}", it.name)));
    costs.extend(sounds);
    if let Some(kept) = archived(spec) {
        costs.push(cost(&rung(kept.height, kept.bitrate), pipelines, "archive"));
        costs.push(cost("s3/storage", pipelines * gigabytes(u64::from(kept.bitrate)), "archive"));
    }
    costs.push(cost("mediapackage/ingest", pipelines * gigabytes(sent(spec)), "all rungs and sounds"));
    costs.into_iter().flatten().collect()
}

/// Millionths of a dollar that the running channel takes in an hour.
pub fn running_micros(spec: &Spec) -> i64 {
    total(&running(spec))
}

/// Of each planned event, one occurrence. Nights on which clocks change are an hour longer or shorter.
pub fn events(record: &Record, viewers: u32) -> Vec<EventCost> {
    let hour = total(&live(&record.asked.spec, viewers));
    record.calendar.events.iter().map(|event| of_event(event, hour)).collect()
}

fn of_event(event: &PlannedEvent, hour: i64) -> EventCost {
    let plan = &event.plan;
    let seconds = i64::from(plan.warmup_seconds) + plan.start.seconds_until(&plan.end).max(0);
    let most_seconds = seconds + i64::from(plan.overrun_seconds);
    EventCost {
        event: event.id.clone(),
        title: plan.title.clone(),
        seconds,
        most_seconds,
        micros: hour * seconds / 3_600,
        most_micros: hour * most_seconds / 3_600,
    }
}

/// On air or not.
fn always(spec: &Spec) -> Vec<Option<Cost>> {
    let alarms = desired(spec).iter().filter(|slot| matches!(slot, Slot::Alarm(_))).count();
    let mut costs = vec![cost("secretsmanager/secret", 1.0, "the secret")];
    if alarms > 0 {
        costs.push(cost("cloudwatch/alarm", alarms as f64, "the alarms"));
    }
    costs
}

fn cost(id: &str, quantity: f64, of: &str) -> Option<Cost> {
    Some(Cost { price: price(id)?, quantity, of: of.to_owned() })
}

fn input_id(spec: &Spec) -> String {
    let wanted = &spec.input_specification;
    let resolution = match wanted.resolution {
        Resolution::Sd => "SD",
        Resolution::Hd => "HD",
        Resolution::Uhd => "UHD",
    };
    let band = wanted.maximum_bitrate.trim_start_matches("MAX_").trim_end_matches("_MBPS");
    format!("medialive/input/{}/{resolution}/{band}", wanted.codec)
}

fn output_id(height: u32, bitrate: u32, rate: FrameRate) -> String {
    let resolution = if height <= SD_LINES {
        "SD"
    } else if height <= HD_LINES {
        "HD"
    } else {
        "UHD"
    };
    let band = if bitrate <= 10_000_000 {
        10
    } else if bitrate <= 20_000_000 {
        20
    } else {
        50
    };
    let frames = if rate.nominal() <= 30 { 30 } else { 60 };
    format!("medialive/output/{resolution}/{band}/{frames}")
}

fn archived(spec: &Spec) -> Option<&crate::spec::Rung> {
    let rungs = || spec.ladder.rungs.iter().filter(|_| spec.archive.enabled);
    let fit = rungs().filter(|rung| rung.height <= ARCHIVE_LINES).max_by_key(|rung| rung.height);
    fit.or_else(|| rungs().min_by_key(|rung| rung.height))
}

/// Bits a second that one pipeline sends to the packager.
fn sent(spec: &Spec) -> u64 {
    let rungs: u64 = spec.ladder.rungs.iter().map(|rung| u64::from(rung.bitrate)).sum();
    rungs + spec.audio.iter().map(|audio| u64::from(audio.bitrate)).sum::<u64>()
}

/// Of an hour.
fn gigabytes(bits_a_second: u64) -> f64 {
    bits_a_second as f64 * 3_600.0 / 8.0 / 1e9
}

/// What the numbers take for granted, in words.
pub fn assumptions(class: ChannelClass, viewers: u32) -> Vec<String> {
    let mut all = vec![
        "prices on demand, without free tiers, discounts and taxes".to_owned(),
        "AWS charges running channels by the minute, for ten minutes at least".to_owned(),
    ];
    if class == ChannelClass::Standard {
        all.push("two pipelines are taken for twice the price of one, which is somewhat too much".to_owned());
    }
    all.push(match viewers {
        0 => "no viewers: traffic is not in it; say ?viewers=100".to_owned(),
        _ => format!("{viewers} viewers all the time, each with the best picture"),
    });
    all
}
