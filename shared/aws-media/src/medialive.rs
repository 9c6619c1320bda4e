//! MediaLive: input security groups, inputs, channels.

mod attach;
mod build;
mod captions;
mod encoder;
pub(crate) mod seen;
mod sources;

use crate::refusal::{Told, told};
use crate::tags::{Changes, gone, unless_missing};
use crate::{Account, object, tag_map};
use aws_sdk_medialive::error::SdkError;
use aws_sdk_medialive::operation::batch_update_schedule::BatchUpdateScheduleError;
use aws_sdk_medialive::operation::create_channel::CreateChannelError;
use aws_sdk_medialive::operation::update_channel::UpdateChannelError;
use aws_sdk_medialive::types::{
    BatchScheduleActionCreateRequest, ChannelClass as AwsChannelClass, ChannelPipelineIdToRestart,
    ImmediateModeScheduleActionStartSettings, InputSwitchScheduleActionSettings, ScheduleAction,
    ScheduleActionSettings, ScheduleActionStartSettings, ValidationError,
};
use headend_control::ports::{ChannelShape, Created, Creation, FoundAll, FoundOne, Looked, Mark, MediaLive};
use headend_domain::action::{Refusal, RefusalKind, Seen, Status};
use headend_domain::request::{ChannelRequest, GroupRequest, InputRequest};
use headend_domain::spec::ChannelClass;
use seen::{channel_seen, group_seen, input_object, input_seen, marked, oldest_first};
use std::collections::BTreeMap;

/// Entries of one page of a list; as many as fit saves calls (aws-facts 1.1).
const PAGE: i32 = 100;

impl MediaLive for Account {
    async fn create_group(&self, request: &GroupRequest) -> Created {
        let answer = build::group(request).send_with(&self.medialive).await.map_err(|error| told(&error).refusal())?;
        let group = answer.security_group.ok_or_else(|| empty("CreateInputSecurityGroup"))?;
        let seen = group_seen(group.state.as_ref()).unwrap_or_else(|| Seen::new(Status::Deleting));
        Ok(Creation::Made(object(group.id, group.arn), seen))
    }

    async fn create_input(&self, request: &InputRequest) -> Created {
        let answer = sources::input(request, &self.config).send_with(&self.medialive).await;
        let input =
            answer.map_err(|error| refusal_of_create(told(&error)))?.input.ok_or_else(|| empty("CreateInput"))?;
        let seen = input_seen(input.state.as_ref()).unwrap_or_else(|| Seen::new(Status::Deleting));
        Ok(Creation::Made(input_object(&input), seen))
    }

    async fn create_channel(&self, request: &ChannelRequest) -> Created {
        let answer = build::channel(request, &self.config).send_with(&self.medialive).await;
        let channel =
            answer.map_err(|error| refusal_of_channel(&error))?.channel.ok_or_else(|| empty("CreateChannel"))?;
        let seen = channel_seen(channel.state.as_ref(), channel.pipelines_running_count);
        Ok(Creation::Made(object(channel.id, channel.arn), seen.unwrap_or_else(|| Seen::new(Status::Deleting))))
    }

    async fn find_groups(&self, mark: &Mark) -> FoundAll {
        let pages = self.medialive.list_input_security_groups().max_results(PAGE).into_paginator().items().send();
        let groups = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let found = groups.into_iter().filter(|group| marked(group.tags.as_ref(), mark));
        Ok(oldest_first(
            found.filter_map(|group| Some((object(group.id, group.arn), group_seen(group.state.as_ref())?))),
        ))
    }

    async fn find_inputs(&self, mark: &Mark) -> FoundAll {
        let pages = self.medialive.list_inputs().max_results(PAGE).into_paginator().items().send();
        let inputs = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let found = inputs.iter().filter(|input| marked(input.tags.as_ref(), mark));
        Ok(oldest_first(found.filter_map(|input| Some((input_object(input), input_seen(input.state.as_ref())?)))))
    }

    async fn find_channels(&self, mark: &Mark) -> FoundAll {
        let pages = self.medialive.list_channels().max_results(PAGE).into_paginator().items().send();
        let channels = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| told(&error).refusal())?;
        let found = channels.into_iter().filter(|channel| marked(channel.tags.as_ref(), mark));
        Ok(oldest_first(found.filter_map(|channel| {
            let seen = channel_seen(channel.state.as_ref(), channel.pipelines_running_count)?;
            Some((object(channel.id, channel.arn), seen))
        })))
    }

    async fn describe_group(&self, id: &str) -> Looked {
        match self.medialive.describe_input_security_group().input_security_group_id(id).send().await {
            Ok(group) => Ok(group_seen(group.state.as_ref())),
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn describe_input(&self, id: &str) -> Looked {
        match self.medialive.describe_input().input_id(id).send().await {
            Ok(input) => Ok(input_seen(input.state.as_ref())),
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn describe_channel(&self, id: &str) -> Looked {
        match self.medialive.describe_channel().channel_id(id).send().await {
            Ok(channel) => Ok(channel_seen(channel.state.as_ref(), channel.pipelines_running_count)),
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn delete_group(&self, id: &str) -> Looked {
        match self.medialive.delete_input_security_group().input_security_group_id(id).send().await {
            Ok(_) => Ok(None),
            Err(error) => missing_or(told(&error), Told::refusal_of_delete),
        }
    }

    async fn delete_input(&self, id: &str) -> Looked {
        match self.medialive.delete_input().input_id(id).send().await {
            // The answer is empty; the input goes within seconds (aws-facts 1.2).
            Ok(_) => Ok(Some(Seen::new(Status::Deleting))),
            Err(error) => missing_or(told(&error), Told::refusal_of_delete),
        }
    }

    async fn delete_channel(&self, id: &str) -> Looked {
        match self.medialive.delete_channel().channel_id(id).send().await {
            Ok(channel) => Ok(channel_seen(channel.state.as_ref(), channel.pipelines_running_count)),
            Err(error) => missing_or(told(&error), Told::refusal_of_delete),
        }
    }

    async fn update_group(&self, id: &str, request: &GroupRequest) -> Looked {
        let rules = build::group(request).get_whitelist_rules().clone();
        let update =
            self.medialive.update_input_security_group().input_security_group_id(id).set_whitelist_rules(rules);
        match update.send().await {
            Ok(answer) => {
                let group = answer.security_group.ok_or_else(|| empty("UpdateInputSecurityGroup"))?;
                Ok(group_seen(group.state.as_ref()))
            }
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn update_input(&self, id: &str, request: &InputRequest) -> FoundOne {
        let wanted = sources::input(request, &self.config);
        let update = self
            .medialive
            .update_input()
            .input_id(id)
            .set_input_security_groups(wanted.get_input_security_groups().clone())
            .set_sources(wanted.get_sources().clone())
            .set_media_connect_flows(wanted.get_media_connect_flows().clone())
            .set_role_arn(wanted.get_role_arn().clone())
            .set_srt_settings(wanted.get_srt_settings().clone());
        match update.send().await {
            Ok(answer) => {
                let input = answer.input.ok_or_else(|| empty("UpdateInput"))?;
                Ok(input_seen(input.state.as_ref()).map(|seen| (input_object(&input), seen)))
            }
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(refusal_of_create(told)) }
            }
        }
    }

    async fn channel_shape(&self, id: &str) -> Result<Option<ChannelShape>, Refusal> {
        let channel = match self.medialive.describe_channel().channel_id(id).send().await {
            Ok(channel) => channel,
            Err(error) => {
                let told = told(&error);
                return if told.not_found() { Ok(None) } else { Err(told.refusal()) };
            }
        };
        let class = match channel.channel_class() {
            Some(AwsChannelClass::SinglePipeline) => ChannelClass::Single,
            _ => ChannelClass::Standard,
        };
        let inputs = channel.input_attachments().iter().filter_map(|it| it.input_id().map(str::to_owned)).collect();
        let seen = channel_seen(channel.state.as_ref(), channel.pipelines_running_count);
        Ok(seen.map(|_| ChannelShape { class, inputs }))
    }

    async fn update_channel_class(&self, id: &str, request: &ChannelRequest) -> Looked {
        let wanted = build::channel(request, &self.config);
        let update = self
            .medialive
            .update_channel_class()
            .channel_id(id)
            .set_channel_class(wanted.get_channel_class().clone())
            .set_destinations(wanted.get_destinations().clone());
        match update.send().await {
            Ok(answer) => {
                let channel = answer.channel.ok_or_else(|| empty("UpdateChannelClass"))?;
                Ok(channel_seen(channel.state.as_ref(), channel.pipelines_running_count))
            }
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn update_channel(&self, id: &str, request: &ChannelRequest) -> Looked {
        // Everything but class, token and tags, which an update does not take.
        let wanted = build::channel(request, &self.config);
        let update = self
            .medialive
            .update_channel()
            .channel_id(id)
            .set_name(wanted.get_name().clone())
            .set_role_arn(wanted.get_role_arn().clone())
            .set_destinations(wanted.get_destinations().clone())
            .set_encoder_settings(wanted.get_encoder_settings().clone())
            .set_input_attachments(wanted.get_input_attachments().clone())
            .set_input_specification(wanted.get_input_specification().clone())
            .set_log_level(wanted.get_log_level().clone());
        match update.send().await {
            Ok(answer) => {
                let channel = answer.channel.ok_or_else(|| empty("UpdateChannel"))?;
                Ok(channel_seen(channel.state.as_ref(), channel.pipelines_running_count))
            }
            Err(error) => {
                let told = told(&error);
                if told.not_found() {
                    return Ok(None);
                }
                let invalid = match error.as_service_error() {
                    Some(UpdateChannelError::UnprocessableEntityException(invalid)) => invalid.validation_errors(),
                    _ => &[],
                };
                Err(with_validation(told.refusal(), invalid))
            }
        }
    }

    async fn start_channel(&self, id: &str) -> Looked {
        match self.medialive.start_channel().channel_id(id).send().await {
            Ok(channel) => Ok(channel_seen(channel.state.as_ref(), channel.pipelines_running_count)),
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn stop_channel(&self, id: &str) -> Looked {
        match self.medialive.stop_channel().channel_id(id).send().await {
            Ok(channel) => Ok(channel_seen(channel.state.as_ref(), channel.pipelines_running_count)),
            Err(error) => missing_or(told(&error), Told::refusal),
        }
    }

    async fn restart_pipelines(&self, id: &str, pipelines: &[u8]) -> Result<Option<()>, Refusal> {
        let which = pipelines.iter().map(|it| ChannelPipelineIdToRestart::from(format!("PIPELINE_{it}").as_str()));
        let restart = self.medialive.restart_channel_pipelines().channel_id(id).set_pipeline_ids(Some(which.collect()));
        match restart.send().await {
            Ok(_) => Ok(Some(())),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal()) }
            }
        }
    }

    async fn switch_input(&self, id: &str, action: &str, attachment: &str) -> Result<Option<()>, Refusal> {
        let creates = BatchScheduleActionCreateRequest::builder().schedule_actions(switch(action, attachment)).build();
        match self.medialive.batch_update_schedule().channel_id(id).creates(creates).send().await {
            Ok(_) => Ok(Some(())),
            Err(error) => {
                let told = told(&error);
                if told.not_found() {
                    return Ok(None);
                }
                let invalid = match error.as_service_error() {
                    Some(BatchUpdateScheduleError::UnprocessableEntityException(invalid)) => {
                        invalid.validation_errors()
                    }
                    _ => &[],
                };
                if named_before(invalid) { Ok(Some(())) } else { Err(with_validation(told.refusal(), invalid)) }
            }
        }
    }
}

impl Account {
    /// Makes the tags of a group, an input or a channel equal to `wanted`. `None`: it is not there.
    ///
    /// # Errors
    /// AWS's refusal, of the second of two calls perhaps.
    pub async fn retag_medialive(&self, arn: &str, wanted: &BTreeMap<String, String>) -> Result<Option<()>, Refusal> {
        let listed = self.medialive.list_tags_for_resource().resource_arn(arn).send().await;
        let Some(listed) = unless_missing(listed)? else { return Ok(None) };
        let Changes { remove, set } = Changes::between(listed.tags.unwrap_or_default(), wanted);
        if !remove.is_empty()
            && gone(self.medialive.delete_tags().resource_arn(arn).set_tag_keys(Some(remove)).send().await)?
        {
            return Ok(None);
        }
        if !set.is_empty()
            && gone(self.medialive.create_tags().resource_arn(arn).set_tags(Some(tag_map(&set))).send().await)?
        {
            return Ok(None);
        }
        Ok(Some(()))
    }
}

/// An input switch at once. On a standard channel MediaLive makes it some ten seconds later (aws-facts 1.11).
fn switch(action: &str, attachment: &str) -> ScheduleAction {
    let to = InputSwitchScheduleActionSettings::builder().input_attachment_name_reference(attachment).build();
    let at_once = ImmediateModeScheduleActionStartSettings::builder().build();
    ScheduleAction::builder()
        .action_name(action)
        .schedule_action_settings(ScheduleActionSettings::builder().input_switch_settings(to).build())
        .schedule_action_start_settings(
            ScheduleActionStartSettings::builder().immediate_mode_schedule_action_start_settings(at_once).build(),
        )
        .build()
}

/// The only thing that is wrong is that the action is in the schedule already: an earlier try came through. Its name is one
/// that nobody else uses (aws-facts 1.11).
fn named_before(errors: &[ValidationError]) -> bool {
    let taken = |error: &ValidationError| error.element_path().unwrap_or_default().ends_with("actionName");
    !errors.is_empty() && errors.iter().all(taken)
}

fn missing_or(told: Told, refusal: fn(Told) -> Refusal) -> Looked {
    if told.not_found() { Ok(None) } else { Err(refusal(told)) }
}

/// An answer without what it is about: it may have happened.
fn empty(operation: &str) -> Refusal {
    Refusal::new(RefusalKind::Unsure, "EmptyAnswer", &format!("{operation} answered without saying what it made"))
}

/// A role that IAM has not spread yet is a wait, not a mistake (aws-facts 1.8).
fn refusal_of_create(told: Told) -> Refusal {
    let role = matches!(&told, Told::Said { status: 400, message, .. } if speaks_of_role(message));
    if role { told.into_conflict() } else { told.refusal() }
}

fn speaks_of_role(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("role") && ["assume", "trust", "exists"].iter().any(|word| message.contains(word))
}

fn refusal_of_channel(error: &SdkError<CreateChannelError, aws_sdk_medialive::config::http::HttpResponse>) -> Refusal {
    let refusal = refusal_of_create(told(error));
    match error.as_service_error() {
        Some(CreateChannelError::UnprocessableEntityException(invalid)) => {
            with_validation(refusal, invalid.validation_errors())
        }
        _ => refusal,
    }
}

/// AWS's words with every field they are about. A packaging channel that MediaLive does not see yet is a wait
/// (aws-facts 1.7).
fn with_validation(refusal: Refusal, errors: &[ValidationError]) -> Refusal {
    if errors.is_empty() {
        return refusal;
    }
    let path = |error: &ValidationError| error.element_path().unwrap_or_default().to_owned();
    let lines: Vec<String> =
        errors.iter().map(|error| format!("{}: {}", path(error), error.error_message().unwrap_or_default())).collect();
    let unseen = errors.iter().all(|error| path(error).ends_with("destination.channelId"));
    let kind = if unseen { RefusalKind::Conflict } else { refusal.kind };
    Refusal { kind, code: refusal.code, message: format!("{}: {}", refusal.message, lines.join("; ")) }
}

#[cfg(test)]
mod tests;
