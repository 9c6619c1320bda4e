//! Automatic input failover (aws-facts 1.8): from the primary of a pair to its secondary when the primary's picture is gone for
//! long enough, and back when it has been there for long enough and is preferred.
//!
//! Of the conditions only the loss of the input is simulated: nobody looks whether a picture is black or a sound silent.

use serde_json::{Value, json};

use super::{Channel, Input, SourceState, Step};
use crate::world::{Ms, Timer, World};

/// What an attachment asks for; MediaLive's defaults where it says nothing.
struct Pair<'a> {
    primary: &'a str,
    secondary: &'a str,
    prefers_primary: bool,
    loss_ms: Ms,
    clear_ms: Ms,
}

const LOSS_MS: Ms = 3_000;
const CLEAR_MS: Ms = 30_000;

impl Channel {
    /// The pair that the attachment in use belongs to, unless the schedule has switched to another.
    fn pair(&self) -> Option<Pair<'_>> {
        let primary = self.chosen_attachment()?;
        let settings = self.failover_settings(&primary.input_id)?;
        let conditions = settings["failoverConditions"].as_array().into_iter().flatten();
        let threshold = |condition: &Value| {
            condition["failoverConditionSettings"]["inputLossSettings"]["inputLossThresholdMsec"].as_i64()
        };
        Some(Pair {
            primary: &primary.input_id,
            secondary: settings["secondaryInputId"].as_str()?,
            prefers_primary: settings["inputPreference"] != "EQUAL_INPUT_PREFERENCE",
            loss_ms: conditions.filter_map(threshold).min().unwrap_or(LOSS_MS),
            clear_ms: settings["errorClearTimeMsec"].as_i64().unwrap_or(CLEAR_MS),
        })
    }

    pub(super) fn failover_settings(&self, input: &str) -> Option<&Value> {
        let attachments = self.doc["inputAttachments"].as_array()?;
        let settings = &attachments.iter().find(|it| it["inputId"] == input)?["automaticInputFailoverSettings"];
        settings.is_object().then_some(settings)
    }
}

impl World {
    /// Looks again when a pair may have to switch: after what happens to a source, and when a channel begins to run.
    pub(super) fn watch_failover(&mut self, region: &str, at: Ms, id: &str) {
        let Some(channel) = self.region(region).medialive.channels.get(id) else { return };
        let Some(times) = channel.pair().map(|pair| [pair.loss_ms, pair.clear_ms]) else { return };
        for time in times {
            let due = at + self.scaled(time);
            let step = Step::Failover { id: id.to_owned() };
            self.later(due, Timer::MediaLive { region: region.to_owned(), step });
        }
    }

    /// Switches the pair of a running channel when it is time.
    pub(super) fn judge_failover(&mut self, region: &str, at: Ms, id: &str) {
        let Some(channel) = self.region(region).medialive.channels.get(id).cloned() else { return };
        let Some(pair) = channel.pair().filter(|_| channel.pipelines_running() > 0) else { return };
        let (loss, clear) = (self.scaled(pair.loss_ms), self.scaled(pair.clear_ms));
        let inputs = &self.region(region).medialive.inputs;
        let (Some(primary), Some(secondary)) = (inputs.get(pair.primary), inputs.get(pair.secondary)) else { return };
        let lost = |input: &Input| input.source == SourceState::Off && at - input.source_since >= loss;
        let there = |input: &Input| input.source != SourceState::Off;
        let healthy = |input: &Input| there(input) && at - input.source_since >= clear;
        let wanted = if channel.failed_over {
            let back = lost(secondary) && there(primary) || pair.prefers_primary && healthy(primary);
            !back
        } else {
            lost(primary) && there(secondary)
        };
        if wanted != channel.failed_over {
            self.fail_over(region, at, id, wanted);
        }
    }

    fn fail_over(&mut self, region: &str, at: Ms, id: &str, to_secondary: bool) {
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else { return };
        channel.failed_over = to_secondary;
        let channel = channel.clone();
        let name = channel.active_attachment().map(|it| it.name.clone()).unwrap_or_default();
        for pipeline in (0..2).filter(|pipeline| channel.pipelines[*pipeline]) {
            let detail = json!({
                "channel_arn": channel.arn,
                "pipeline": pipeline.to_string(),
                "message": format!("Automatic input failover to {name} on pipeline {pipeline}"),
                "active_input_attachment_name": name,
                "active_input_switch_action_name": "",
            });
            self.medialive_event(region, at, "MediaLive Channel Input Change", channel.arn.clone(), detail);
        }
        self.refresh_alerts(region, at, id);
        // The other one may be lost, too.
        self.watch_failover(region, at, id);
    }
}
