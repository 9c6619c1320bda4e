//! What running channels publish: metrics every ten seconds, and alerts when the picture goes (aws-facts 1.13, 1.14).

use std::collections::BTreeMap;

use serde_json::json;

use super::{Alert, AlertKind, Channel, ChannelState, Input, InputType, Measured, SourceState, Step};
use crate::world::cloudwatch::{Datum, Metric};
use crate::world::{Ms, Timer, World};

const NAMESPACE: &str = "AWS/MediaLive";
const WINDOW_MS: Ms = 10_000;

/// What arrives at a pipeline: frames and megabits per second, dropped frames, milliseconds of fill frames.
struct Signal {
    frame_rate: f64,
    network_in: f64,
    dropped_frames: f64,
    fill_ms: f64,
    loss_secs: f64,
}

impl Signal {
    /// A real source is as it was measured, a simulated one as its state says.
    fn of(source: SourceState, measured: Option<Measured>) -> Self {
        let simulated = Self::simulated(source);
        match measured {
            Some(real) => {
                let network_in = real.megabits.unwrap_or(simulated.network_in);
                Self { frame_rate: real.frame_rate, network_in, ..simulated }
            }
            None => simulated,
        }
    }

    fn simulated(source: SourceState) -> Self {
        let (frame_rate, network_in, dropped_frames, fill_ms, loss_secs) = match source {
            SourceState::On => (30.0, 12.0, 0.0, 0.0, 0.0),
            SourceState::Degraded => (14.0, 3.0, 42.0, 900.0, 1.0),
            SourceState::Off => (0.0, 0.0, 0.0, 10_000.0, 10.0),
        };
        Self { frame_rate, network_in, dropped_frames, fill_ms, loss_secs }
    }
}

impl World {
    /// Sets the publishing timer, unless it is set or metrics are switched off.
    pub(super) fn begin_publishing(&mut self, region: &str, at: Ms, id: &str) {
        if !self.switches.metrics {
            return;
        }
        let due = at + self.scaled(WINDOW_MS);
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else {
            return;
        };
        if !channel.publishing {
            channel.publishing = true;
            let step = Step::Publish { id: id.to_owned() };
            self.later(due, Timer::MediaLive { region: region.to_owned(), step });
        }
    }

    /// Publishes one window and sets the next. Only pipelines that run publish, and of one that recovers its alert; none
    /// of either ends it.
    pub(super) fn publish(&mut self, region: &str, at: Ms, id: &str) {
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else {
            return;
        };
        channel.publishing = false;
        if channel.pipelines_running() == 0 && channel.state != ChannelState::Recovering {
            return;
        }
        let channel = channel.clone();
        let (source, input) = self.active_source(region, &channel);
        let kind = input.as_ref().map(|input| input.kind);
        let signal = Signal::of(source, input.and_then(|input| input.measured));
        for pipeline in (0..2).filter(|pipeline| channel.pipelines[*pipeline]) {
            for (metric, value) in window(&channel, pipeline, &signal, kind) {
                self.record_metric(region, metric, Datum::single(at, value));
            }
        }
        for pipeline in channel.alerts.keys().filter(|pipeline| !channel.pipelines[**pipeline]) {
            let alerts = metric("ActiveAlerts", &dimensions(&channel, *pipeline));
            self.record_metric(region, alerts, Datum::single(at, 1.0));
        }
        self.begin_publishing(region, at, id);
    }

    /// Alerts follow the source and the pipeline: SET when it is gone, CLEARED with the same id when it is back or the
    /// channel stops.
    pub(super) fn refresh_alerts(&mut self, region: &str, at: Ms, id: &str) {
        let Some(channel) = self.region(region).medialive.channels.get(id).cloned() else {
            return;
        };
        let (source, _) = self.active_source(region, &channel);
        for pipeline in 0..channel.class.pipelines() {
            let wanted = match (channel.pipelines[pipeline], source) {
                (true, SourceState::Off) => Some(AlertKind::VideoNotDetected),
                (true, _) if channel.stuck[pipeline] => Some(AlertKind::OutputFailed),
                (false, _) if channel.state == ChannelState::Recovering => Some(AlertKind::PipelineDown),
                (true, SourceState::On | SourceState::Degraded) | (false, _) => None,
            };
            let alert = channel.alerts.get(&pipeline);
            let set = alert.and_then(|alert| self.alert_kind(region, id, alert));
            if set == wanted {
                continue;
            }
            if let Some(alert) = alert {
                self.alert_event(region, at, &channel, (pipeline, set.unwrap_or_default()), "CLEARED", alert);
                self.clear_alert(region, at, id, alert);
                self.set_alert(region, id, pipeline, None);
            }
            if let Some(kind) = wanted {
                let alert = self.dice.between(1, i64::from(u32::MAX)).to_string();
                self.alert_event(region, at, &channel, (pipeline, kind), "SET", &alert);
                self.log_alert(region, id, Alert { id: alert.clone(), kind, pipeline, set_at: at, cleared_at: None });
                self.set_alert(region, id, pipeline, Some(alert));
            }
        }
    }

    /// A channel without inputs has no picture.
    fn active_source(&mut self, region: &str, channel: &Channel) -> (SourceState, Option<Input>) {
        let inputs = &self.region(region).medialive.inputs;
        channel
            .active_attachment()
            .and_then(|attachment| inputs.get(&attachment.input_id))
            .map_or((SourceState::Off, None), |input| (input.source, Some(input.clone())))
    }

    fn set_alert(&mut self, region: &str, id: &str, pipeline: usize, alert: Option<String>) {
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else {
            return;
        };
        match alert {
            Some(alert) => channel.alerts.insert(pipeline, alert),
            None => channel.alerts.remove(&pipeline),
        };
    }

    fn alert_event(
        &mut self,
        region: &str,
        at: Ms,
        channel: &Channel,
        (pipeline, kind): (usize, AlertKind),
        alarm_state: &str,
        alarm_id: &str,
    ) {
        let detail = json!({
            "alarm_state": alarm_state,
            "alarm_id": alarm_id,
            "alert_type": kind.as_str(),
            "pipeline": pipeline.to_string(),
            "channel_arn": channel.arn,
            "message": format!("{} on pipeline {pipeline} of channel {}", kind.as_str(), channel.name),
        });
        let resource = channel.arn.clone();
        self.medialive_event(region, at, "MediaLive Channel Alert", resource, detail);
    }
}

/// One pipeline's metrics of one window.
fn window(channel: &Channel, pipeline: usize, signal: &Signal, kind: Option<InputType>) -> Vec<(Metric, f64)> {
    let dimensions = dimensions(channel, pipeline);
    let alerts = f64::from(u8::from(channel.alerts.contains_key(&pipeline)));
    let mut values = vec![
        ("ActiveAlerts", alerts),
        ("InputVideoFrameRate", signal.frame_rate),
        ("NetworkIn", signal.network_in),
        ("NetworkOut", 18.0),
        ("DroppedFrames", signal.dropped_frames),
        ("FillMsec", signal.fill_ms),
        ("SvqTime", 0.0),
    ];
    if channel.class.pipelines() == 2 {
        values.push(("PipelinesLocked", f64::from(u8::from(channel.pipelines_running() == 2))));
    }
    if matches!(kind, Some(InputType::RtpPush | InputType::MediaConnect)) {
        values.push(("InputLossSeconds", signal.loss_secs));
    }
    let mut metrics: Vec<_> = values.into_iter().map(|(name, value)| (metric(name, &dimensions), value)).collect();
    for group in &channel.output_groups {
        let mut dimensions = dimensions.clone();
        dimensions.insert("OutputGroupName".into(), group.name.clone());
        metrics.push((metric("ActiveOutputs", &dimensions), f64::from(group.outputs)));
        metrics.push((metric("Output4xxErrors", &dimensions), 0.0));
        metrics.push((metric("Output5xxErrors", &dimensions), 0.0));
    }
    metrics
}

fn dimensions(channel: &Channel, pipeline: usize) -> BTreeMap<String, String> {
    BTreeMap::from([("ChannelId".to_owned(), channel.id.clone()), ("Pipeline".to_owned(), pipeline.to_string())])
}

fn metric(name: &str, dimensions: &BTreeMap<String, String>) -> Metric {
    Metric { namespace: NAMESPACE.to_owned(), name: name.to_owned(), dimensions: dimensions.clone() }
}
