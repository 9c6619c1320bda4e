//! What MediaLive does by itself: transitions that come due, and the events about them (aws-facts 1.2, 1.13).

use serde_json::json;

use super::{ChannelState, Step};
use crate::world::events::Notice;
use crate::world::{Ms, World};

const SOURCE: &str = "aws.medialive";

impl World {
    pub(in crate::world) fn fire_medialive(&mut self, region: &str, at: Ms, step: Step) {
        match step {
            Step::ChannelSettles { id, epoch } => self.channel_settles(region, at, &id, epoch),
            Step::PipelineSettles { id, epoch, pipeline } => {
                self.pipeline_settles(region, at, &id, epoch, pipeline);
            }
            Step::PipelineRecovers { id, epoch, pipeline } => {
                self.pipeline_recovers(region, at, &id, epoch, pipeline);
            }
            Step::InputSettles { id, epoch } => self.input_settles(region, at, &id, epoch),
            Step::GroupSettles { id, epoch } => self.group_settles(region, &id, epoch),
            Step::Publish { id } => self.publish(region, at, &id),
            Step::ActionStarts { id, action } => self.action_starts(region, at, &id, &action),
            Step::Failover { id } => self.judge_failover(region, at, &id),
        }
    }

    fn channel_settles(&mut self, region: &str, at: Ms, id: &str, epoch: u64) {
        let create_fails = self.switches.channel_create_fails;
        let update_fails = self.switches.channel_update_fails;
        let channels = &self.region(region).medialive.channels;
        let Some(state) = channels.get(id).filter(|it| it.epoch == epoch).map(|it| it.state) else {
            return;
        };
        match state {
            ChannelState::Creating if self.dice.chance(create_fails) => {
                self.set_channel(region, id, ChannelState::CreateFailed);
            }
            ChannelState::Creating => {
                self.set_channel(region, id, ChannelState::Idle);
                self.channel_event(region, at, id, "CREATED", None);
            }
            ChannelState::Updating if self.dice.chance(update_fails) => {
                self.set_channel(region, id, ChannelState::UpdateFailed);
            }
            // UPDATING is not emitted (aws-facts 1.13).
            ChannelState::Updating => self.set_channel(region, id, ChannelState::Idle),
            ChannelState::Deleting => self.channel_is_gone(region, at, id),
            ChannelState::CreateFailed
            | ChannelState::Idle
            | ChannelState::Starting
            | ChannelState::Running
            | ChannelState::Recovering
            | ChannelState::Stopping
            | ChannelState::Deleted
            | ChannelState::UpdateFailed => {}
        }
    }

    /// Only now the inputs are free; what is left of the channel is its name and state (aws-facts 1.2).
    fn channel_is_gone(&mut self, region: &str, at: Ms, id: &str) {
        let span = self.switches.durations.deleted_visible;
        let forget_at = at + self.lasting(span);
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else {
            return;
        };
        channel.state = ChannelState::Deleted;
        channel.forget_at = Some(forget_at);
        let attachments = std::mem::take(&mut channel.attachments);
        channel.packaging.clear();
        channel.output_groups.clear();
        channel.doc = serde_json::Value::Null;
        self.region(region).medialive.schedules.remove(id);
        self.region(region).medialive.alerts.remove(id);
        self.detach(region, id, &attachments);
        self.channel_event(region, at, id, "DELETED", None);
    }

    /// One pipeline has come up or gone down; with the last one the channel's state follows.
    fn pipeline_settles(&mut self, region: &str, at: Ms, id: &str, epoch: u64, pipeline: usize) {
        let channels = &mut self.region(region).medialive.channels;
        let Some(channel) = channels.get_mut(id).filter(|channel| channel.epoch == epoch) else {
            return;
        };
        let starting = channel.state == ChannelState::Starting;
        channel.pipelines[pipeline] = starting;
        channel.stuck[pipeline] = false;
        channel.pending = channel.pending.saturating_sub(1);
        if channel.pending == 0 {
            channel.state = if starting { ChannelState::Running } else { ChannelState::Idle };
        }
        let word = if starting { "RUNNING" } else { "STOPPED" };
        self.channel_event(region, at, id, word, Some(pipeline));
        self.refresh_alerts(region, at, id);
        if starting {
            self.begin_publishing(region, at, id);
            self.watch_failover(region, at, id);
        }
    }

    fn pipeline_recovers(&mut self, region: &str, at: Ms, id: &str, epoch: u64, pipeline: usize) {
        let channels = &mut self.region(region).medialive.channels;
        let Some(channel) = channels.get_mut(id).filter(|channel| channel.epoch == epoch) else {
            return;
        };
        channel.pipelines[pipeline] = true;
        if channel.pipelines_running() == channel.class.pipelines() {
            channel.state = ChannelState::Running;
        }
        self.channel_event(region, at, id, "RUNNING", Some(pipeline));
        self.refresh_alerts(region, at, id);
        self.begin_publishing(region, at, id);
    }

    /// The states of events are not those of the API: CREATED and STOPPED both mean IDLE (aws-facts 1.13).
    pub(super) fn channel_event(&mut self, region: &str, at: Ms, id: &str, state: &str, pipeline: Option<usize>) {
        let Some(channel) = self.region(region).medialive.channels.get(id) else {
            return;
        };
        let mut detail = json!({
            "channel_arn": channel.arn,
            "state": state,
            "pipelines_running_count": channel.pipelines_running(),
            "message": format!("Channel {} is {state}", channel.name),
        });
        if let Some(pipeline) = pipeline {
            detail["pipeline"] = json!(pipeline.to_string());
        }
        let resource = channel.arn.clone();
        self.medialive_event(region, at, "MediaLive Channel State Change", resource, detail);
    }

    pub(super) fn medialive_event(
        &mut self,
        region: &str,
        at: Ms,
        kind: &str,
        resource: String,
        detail: serde_json::Value,
    ) {
        if self.switches.medialive_events {
            self.emit_best_effort(region, at, Notice { source: SOURCE, kind, resource, detail });
        }
    }

    fn set_channel(&mut self, region: &str, id: &str, state: ChannelState) {
        if let Some(channel) = self.region(region).medialive.channels.get_mut(id) {
            channel.state = state;
        }
    }
}
