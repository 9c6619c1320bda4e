//! Inputs: where pictures come in. One input serves one channel.

use super::addresses::{class_from, class_of};
use super::types::{Input, InputState, InputType, Measured};
use super::{ChannelState, CreateInput, SourceState, Step, UpdateInput, tokens};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, Timer, World, merge, page};

impl World {
    pub fn create_input(&mut self, region: &str, now: Ms, request: CreateInput) -> Result<Input, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let body = tokens::digest(&request);
        let token = request.request_id.clone();
        if let Some(id) = self.recall_token(region, now, "input", token.as_deref(), body)?
            && let Ok(input) = self.input(region, now, &id)
        {
            return Ok(input.clone());
        }
        if request.kind.is_push() && !request.in_vpc && request.security_groups.is_empty() {
            return Err(AwsError::bad_request("A push input requires an input security group"));
        }
        self.check_groups(region, now, &request.security_groups)?;
        self.input_quota(region, now, &request)?;

        let input = self.make_input(region, now, request);
        for group in &input.security_groups {
            self.use_group(region, group, &input.id);
        }
        let span = self.switches.durations.input_create;
        let due = now + self.lasting(span);
        self.remember_token(region, now, "input", token.as_deref(), &input.id, body);
        self.region(region).medialive.inputs.insert(input.id.clone(), input.clone());
        self.settle_input_at(region, due, &input);
        Ok(input)
    }

    pub fn describe_input(&mut self, region: &str, now: Ms, id: &str) -> Result<Input, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        self.input(region, now, id).cloned()
    }

    /// DELETED inputs are left out (aws-facts 1.2).
    pub fn list_inputs(&mut self, region: &str, now: Ms, page: &Page) -> Result<Paged<Input>, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        let inputs = &self.region(region).medialive.inputs;
        page::cut(inputs.iter().filter(|(_, input)| input.state != InputState::Deleted), page, 1000)
    }

    /// Only while detached, or while the channel is IDLE (aws-facts 1.2).
    pub fn update_input(&mut self, region: &str, now: Ms, request: UpdateInput) -> Result<Input, AwsError> {
        // The model declares no 429 for this call (aws-facts 1.1).
        self.advance(now);
        let mut input = self.input(region, now, &request.id)?.clone();
        self.check_input_editable(region, &input)?;
        if let Some(groups) = &request.security_groups {
            self.check_groups(region, now, groups)?;
        }
        let before = (input.class, input.security_groups.clone());
        self.edit_input(&mut input, request);
        if input.state == InputState::Attached && input.class != before.0 {
            return Err(AwsError::conflict(format!(
                "The class of input {} cannot change while it is attached",
                input.id
            )));
        }
        for group in before.1.iter().filter(|group| !input.security_groups.contains(group)) {
            self.leave_group(region, now, group, &input.id);
        }
        for group in &input.security_groups {
            self.use_group(region, group, &input.id);
        }
        self.region(region).medialive.inputs.insert(input.id.clone(), input.clone());
        Ok(input)
    }

    /// Only a DETACHED input can go (aws-facts 1.2).
    pub fn delete_input(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let span = self.switches.durations.input_delete;
        let due = now + self.lasting(span);
        let input = self.input(region, now, id)?;
        match input.state {
            InputState::Detached => {}
            InputState::Attached => {
                return Err(AwsError::conflict(format!(
                    "Input {id} is attached to channel {} and cannot be deleted",
                    input.attached_channels.join(", ")
                )));
            }
            InputState::Creating | InputState::Deleting => {
                return Err(AwsError::conflict(format!(
                    "Input {id} is {} and cannot be deleted",
                    input.state.as_str()
                )));
            }
            InputState::Deleted => return Err(no_input(id)),
        }
        input.state = InputState::Deleting;
        input.epoch += 1;
        let input = input.clone();
        self.settle_input_at(region, due, &input);
        Ok(())
    }

    /// Turns the simulated source in front of an input on or off. Not an AWS call; fails when there is no such input.
    pub fn set_source(&mut self, region: &str, now: Ms, input_id: &str, source: SourceState) -> Result<(), AwsError> {
        self.advance(now);
        let input = self.input(region, now, input_id)?;
        if input.source != source {
            (input.source, input.source_since) = (source, now);
        }
        for channel in input.attached_channels.clone() {
            self.refresh_alerts(region, now, &channel);
            self.watch_failover(region, now, &channel);
        }
        Ok(())
    }

    /// Says what really comes in at an input. Not an AWS call; nothing happens when there is no such input.
    pub fn measure_source(&mut self, region: &str, input_id: &str, measured: Measured) {
        if let Some(input) = self.region(region).medialive.inputs.get_mut(input_id) {
            input.measured = Some(measured);
        }
    }

    pub(super) fn input_settles(&mut self, region: &str, at: Ms, id: &str, epoch: u64) {
        let span = self.switches.durations.deleted_visible;
        let inputs = &mut self.region(region).medialive.inputs;
        let Some(input) = inputs.get_mut(id).filter(|input| input.epoch == epoch) else {
            return;
        };
        match input.state {
            InputState::Creating => input.state = InputState::Detached,
            InputState::Deleting => {
                input.state = InputState::Deleted;
                let groups = std::mem::take(&mut input.security_groups);
                for group in groups {
                    self.leave_group(region, at, &group, id);
                }
                let forget_at = at + self.lasting(span);
                if let Some(input) = self.region(region).medialive.inputs.get_mut(id) {
                    input.forget_at = Some(forget_at);
                }
            }
            InputState::Detached | InputState::Attached | InputState::Deleted => {}
        }
    }

    pub(super) fn input(&mut self, region: &str, now: Ms, id: &str) -> Result<&mut Input, AwsError> {
        let input = self.region(region).medialive.inputs.get_mut(id);
        input.filter(|input| input.forget_at.is_none_or(|at| at > now)).ok_or_else(|| no_input(id))
    }

    fn make_input(&mut self, region: &str, now: Ms, request: CreateInput) -> Input {
        let id = self.numeric_id();
        let class = class_of(&request);
        let mut input = Input {
            arn: self.medialive_arn(region, "input", &id),
            id,
            name: request.name,
            kind: request.kind,
            class,
            state: InputState::Creating,
            security_groups: request.security_groups,
            stream_names: request.stream_names,
            destinations: Vec::new(),
            sources: request.sources,
            flows: request.flows,
            role_arn: request.role_arn,
            attached_channels: Vec::new(),
            tags: request.tags,
            created_at: now,
            source: SourceState::On,
            source_since: now,
            measured: None,
            doc: request.doc,
            forget_at: None,
            epoch: 0,
        };
        input.destinations = self.destinations(&input);
        input
    }

    fn edit_input(&mut self, input: &mut Input, request: UpdateInput) {
        set(&mut input.name, request.name);
        set(&mut input.security_groups, request.security_groups);
        set(&mut input.stream_names, request.stream_names);
        set(&mut input.sources, request.sources);
        set(&mut input.flows, request.flows);
        if request.role_arn.is_some() {
            input.role_arn = request.role_arn;
        }
        merge(&mut input.doc, request.doc);
        input.class = class_from(input.kind, input.stream_names.len(), input.sources.len(), input.flows.len());
        input.destinations = self.destinations(input);
    }

    fn check_input_editable(&mut self, region: &str, input: &Input) -> Result<(), AwsError> {
        match input.state {
            InputState::Detached => Ok(()),
            InputState::Attached => {
                let channels = &self.region(region).medialive.channels;
                let idle = input
                    .attached_channels
                    .iter()
                    .all(|id| channels.get(id).is_none_or(|channel| channel.state == ChannelState::Idle));
                if idle {
                    return Ok(());
                }
                Err(AwsError::conflict(format!("Input {} is attached to a channel that is not IDLE", input.id)))
            }
            InputState::Creating | InputState::Deleting => {
                Err(AwsError::conflict(format!("Input {} is {} and cannot be updated", input.id, input.state.as_str())))
            }
            InputState::Deleted => Err(no_input(&input.id)),
        }
    }

    /// Push, pull and VPC inputs have quotas of their own (aws-facts 1.5); devices are counted elsewhere.
    fn input_quota(&mut self, region: &str, now: Ms, request: &CreateInput) -> Result<(), AwsError> {
        let push = request.kind.is_push();
        if request.kind == InputType::InputDevice {
            return Ok(());
        }
        let inputs = &mut self.region(region).medialive.inputs;
        inputs.retain(|_, input| input.forget_at.is_none_or(|at| at > now));
        let existing = inputs.values().filter(|input| input.state != InputState::Deleted);
        let in_vpc = |input: &Input| input.kind.is_push() && input.security_groups.is_empty();
        if push && request.in_vpc {
            let count = existing.filter(|input| in_vpc(input)).count();
            return self.medialive_quota("medialive.vpc-push-inputs", "VPC push inputs", count);
        }
        let count = existing.filter(|input| input.kind.is_push() == push && !in_vpc(input)).count();
        if push {
            self.medialive_quota("medialive.push-inputs", "push inputs", count)
        } else {
            self.medialive_quota("medialive.pull-inputs", "pull inputs", count)
        }
    }

    fn settle_input_at(&mut self, region: &str, due: Ms, input: &Input) {
        let step = Step::InputSettles { id: input.id.clone(), epoch: input.epoch };
        self.later(due, Timer::MediaLive { region: region.to_owned(), step });
    }

    /// A resource quota is exceeded when there are already as many (aws-facts 1.5).
    pub(super) fn medialive_quota(&self, name: &str, what: &str, existing: usize) -> Result<(), AwsError> {
        let most = self.quotas.get(name);
        if existing < most as usize {
            return Ok(());
        }
        let (status, code) = &self.switches.medialive_quota_error;
        Err(AwsError::new(
            *status,
            code,
            format!("Limit exceeded: this account may have {most} {what} in a region (quota {name})"),
        ))
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn no_input(id: &str) -> AwsError {
    AwsError::not_found(format!("Input {id} not found"))
}
