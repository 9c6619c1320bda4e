//! Channels: which call is allowed in which state (aws-facts 1.2), and what it begins.

use super::admission::Wanted;
use super::{Channel, ChannelState, CreateChannel, Step, UpdateChannel, tokens};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, Span, Timer, World, merge, page};

impl World {
    pub fn create_channel(&mut self, region: &str, now: Ms, request: CreateChannel) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let body = tokens::digest(&request);
        let token = request.request_id.clone();
        if let Some(id) = self.recall_token(region, now, "channel", token.as_deref(), body)?
            && let Ok(channel) = self.channel(region, now, &id)
        {
            return Ok(channel.clone());
        }
        self.admit_channel(region, now, &Wanted::from(&request))?;
        let dry_run = request.dry_run && !self.switches.dry_run_is_ignored;
        let channel = self.make_channel(region, now, request);
        if dry_run {
            return Ok(channel);
        }
        let id = channel.id.clone();
        self.remember_token(region, now, "channel", token.as_deref(), &id, body);
        self.region(region).medialive.channels.insert(id.clone(), channel.clone());
        self.attach(region, &id, &channel.attachments);
        self.settle_channel_after(region, now, &id, self.switches.durations.channel_create);
        Ok(channel)
    }

    pub fn describe_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        self.channel(region, now, id).cloned()
    }

    /// DELETED channels are left out (aws-facts 1.2).
    pub fn list_channels(&mut self, region: &str, now: Ms, page: &Page) -> Result<Paged<Channel>, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        let channels = &self.region(region).medialive.channels;
        let existing = channels.iter().filter(|(_, channel)| channel.state != ChannelState::Deleted);
        page::cut(existing, page, 1000)
    }

    pub fn update_channel(&mut self, region: &str, now: Ms, request: UpdateChannel) -> Result<Channel, AwsError> {
        // The model declares no 429 for this call (aws-facts 1.1).
        self.advance(now);
        let mut channel = self.channel(region, now, &request.id)?.clone();
        allow(&channel, "updated", &[ChannelState::Idle, ChannelState::UpdateFailed])?;
        let before = channel.attachments.clone();
        let dry_run = request.dry_run && !self.switches.dry_run_is_ignored;
        edit(&mut channel, request);
        self.admit_channel(region, now, &Wanted::from(&channel))?;
        if dry_run {
            return Ok(channel);
        }
        channel.state = ChannelState::Updating;
        let id = channel.id.clone();
        self.detach(region, &id, &before);
        self.attach(region, &id, &channel.attachments);
        self.region(region).medialive.channels.insert(id.clone(), channel.clone());
        self.settle_channel_after(region, now, &id, self.switches.durations.channel_update);
        if self.switches.update_emits_event {
            self.channel_event(region, now, &id, "UPDATING", None);
        }
        Ok(channel)
    }

    pub fn start_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let running_is_ok = self.switches.start_running_is_ok;
        let channel = self.channel(region, now, id)?;
        if running_is_ok && matches!(channel.state, ChannelState::Starting | ChannelState::Running) {
            return Ok(channel.clone());
        }
        allow(channel, "started", &[ChannelState::Idle])?;
        channel.state = ChannelState::Starting;
        channel.failed_over = false;
        self.settle_pipelines_after(region, now, id, self.switches.durations.channel_start);
        self.channel_event(region, now, id, "STARTING", None);
        self.channel(region, now, id).cloned()
    }

    pub fn stop_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let idle_is_ok = self.switches.stop_idle_is_ok;
        let channel = self.channel(region, now, id)?;
        if channel.state == ChannelState::Idle && idle_is_ok {
            return Ok(channel.clone());
        }
        let running = [ChannelState::Starting, ChannelState::Running, ChannelState::Recovering];
        allow(channel, "stopped", &running)?;
        channel.state = ChannelState::Stopping;
        let pipelines = channel.class.pipelines();
        self.settle_pipelines_after(region, now, id, self.switches.durations.channel_stop);
        for pipeline in 0..pipelines {
            self.channel_event(region, now, id, "STOPPING", Some(pipeline));
        }
        self.channel(region, now, id).cloned()
    }

    pub fn delete_channel(&mut self, region: &str, now: Ms, id: &str) -> Result<Channel, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let stopping_is_ok = self.switches.delete_stopping_is_ok;
        let (stop, delete) = (self.switches.durations.channel_stop, self.switches.durations.channel_delete);
        let channel = self.channel(region, now, id)?;
        if channel.state == ChannelState::Deleted {
            return Err(no_channel(id));
        }
        if stopping_is_ok && channel.state == ChannelState::Stopping {
            channel.state = ChannelState::Deleting;
            channel.pipelines = [false; 2];
            let both = Span { from_ms: stop.from_ms + delete.from_ms, to_ms: stop.to_ms + delete.to_ms };
            self.settle_channel_after(region, now, id, both);
            self.refresh_alerts(region, now, id);
            self.channel_event(region, now, id, "DELETING", None);
            return self.channel(region, now, id).cloned();
        }
        let at_rest = [ChannelState::Idle, ChannelState::CreateFailed, ChannelState::UpdateFailed];
        allow(channel, "deleted; stop it first", &at_rest)?;
        channel.state = ChannelState::Deleting;
        self.settle_channel_after(region, now, id, self.switches.durations.channel_delete);
        self.channel_event(region, now, id, "DELETING", None);
        self.channel(region, now, id).cloned()
    }

    /// Lets a pipeline of a running channel fail; MediaLive brings it back by itself (aws-facts 1.2). Not an AWS call.
    pub fn fail_pipeline(&mut self, region: &str, now: Ms, id: &str, pipeline: usize) -> Result<(), AwsError> {
        self.advance(now);
        let channel = self.channel(region, now, id)?;
        allow(channel, "disturbed", &[ChannelState::Running, ChannelState::Recovering])?;
        if pipeline >= channel.class.pipelines() || !channel.pipelines[pipeline] {
            return Err(AwsError::conflict(format!("Pipeline {pipeline} of {id} does not run")));
        }
        channel.pipelines[pipeline] = false;
        channel.stuck[pipeline] = false;
        channel.state = ChannelState::Recovering;
        // The epoch stays: the other pipeline may be recovering at the same time.
        let step = Step::PipelineRecovers { id: id.to_owned(), epoch: channel.epoch, pipeline };
        let span = self.switches.durations.pipeline_recovery;
        let due = now + self.lasting(span);
        self.later(due, Timer::MediaLive { region: region.to_owned(), step });
        self.channel_event(region, now, id, "RECOVERING", Some(pipeline));
        self.refresh_alerts(region, now, id);
        Ok(())
    }

    /// Lets the outputs of a pipeline fail: it has an alert, whatever comes in, until it is restarted. Not an AWS call.
    pub fn stick_pipeline(&mut self, region: &str, now: Ms, id: &str, pipeline: usize) -> Result<(), AwsError> {
        self.advance(now);
        let channel = self.channel(region, now, id)?;
        if pipeline >= channel.class.pipelines() || !channel.pipelines[pipeline] {
            return Err(AwsError::conflict(format!("Pipeline {pipeline} of {id} does not run")));
        }
        channel.stuck[pipeline] = true;
        self.refresh_alerts(region, now, id);
        Ok(())
    }

    pub(super) fn channel(&mut self, region: &str, now: Ms, id: &str) -> Result<&mut Channel, AwsError> {
        let channel = self.region(region).medialive.channels.get_mut(id);
        channel.filter(|channel| channel.forget_at.is_none_or(|at| at > now)).ok_or_else(|| no_channel(id))
    }

    fn make_channel(&mut self, region: &str, now: Ms, request: CreateChannel) -> Channel {
        let id = self.numeric_id();
        Channel {
            arn: self.medialive_arn(region, "channel", &id),
            id,
            name: request.name,
            class: request.class,
            state: ChannelState::Creating,
            role_arn: request.role_arn,
            attachments: request.attachments,
            packaging: request.packaging,
            output_groups: request.output_groups,
            uhd: request.uhd,
            hevc: request.hevc,
            pipelines: [false; 2],
            tags: request.tags,
            created_at: now,
            doc: request.doc,
            switched_to: None,
            failed_over: false,
            stuck: [false; 2],
            alerts: Default::default(),
            pending: 0,
            publishing: false,
            forget_at: None,
            epoch: 0,
        }
    }

    pub(super) fn settle_channel_after(&mut self, region: &str, now: Ms, id: &str, span: Span) {
        let due = now + self.lasting(span);
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else {
            return;
        };
        channel.epoch += 1;
        let step = Step::ChannelSettles { id: id.to_owned(), epoch: channel.epoch };
        self.later(due, Timer::MediaLive { region: region.to_owned(), step });
    }

    /// The pipelines get there one after the other, in either order (aws-facts 1.13).
    fn settle_pipelines_after(&mut self, region: &str, now: Ms, id: &str, span: Span) {
        let mut due = now + self.lasting(span);
        let gap = self.switches.durations.pipeline_gap;
        let second_first = self.dice.chance(0.5);
        let Some(channel) = self.region(region).medialive.channels.get_mut(id) else {
            return;
        };
        channel.epoch += 1;
        let pipelines = channel.class.pipelines();
        channel.pending = pipelines;
        let epoch = channel.epoch;
        for turn in 0..pipelines {
            let pipeline = if second_first { pipelines - 1 - turn } else { turn };
            let step = Step::PipelineSettles { id: id.to_owned(), epoch, pipeline };
            self.later(due, Timer::MediaLive { region: region.to_owned(), step });
            due += self.lasting(gap);
        }
    }
}

fn edit(channel: &mut Channel, request: UpdateChannel) {
    channel.name = request.name.unwrap_or_else(|| channel.name.clone());
    channel.role_arn = request.role_arn.unwrap_or_else(|| channel.role_arn.clone());
    if let Some(attachments) = request.attachments {
        channel.attachments = attachments;
    }
    if let Some(packaging) = request.packaging {
        channel.packaging = packaging;
    }
    if let Some(output_groups) = request.output_groups {
        channel.output_groups = output_groups;
    }
    channel.uhd = request.uhd.unwrap_or(channel.uhd);
    channel.hevc = request.hevc.unwrap_or(channel.hevc);
    merge(&mut channel.doc, request.doc);
}

/// 409 in every state that is not listed (aws-facts 1.2); 404 for what is DELETED and cannot come back.
pub(super) fn allow(channel: &Channel, verb: &str, states: &[ChannelState]) -> Result<(), AwsError> {
    if states.contains(&channel.state) {
        return Ok(());
    }
    Err(AwsError::conflict(format!("Channel {} is {} and cannot be {verb}", channel.id, channel.state.as_str())))
}

fn no_channel(id: &str) -> AwsError {
    AwsError::not_found(format!("Channel {id} not found"))
}
