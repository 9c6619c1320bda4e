//! MediaLive behind its port.

use super::{all, gone, object};
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim};
use crate::world::medialive as live;
use crate::world::{Tags, World};
use headend_control::ports::{ChannelShape, Created, FoundAll, FoundOne, Looked, Mark, MediaLive};
use headend_domain::action::{Object, Refusal, Seen, Status};
use headend_domain::request::{ChannelRequest, GroupRequest, InputRequest};
use headend_domain::spec::{ChannelClass, InputKind, SrtSource};
use serde_json::{Value, json};

fn marked(tags: &Tags, mark: &Mark) -> bool {
    tags.get("headend:stack") == Some(&mark.stack)
        && tags.get("headend:platform") == Some(&mark.platform)
        && tags.get("headend:slot") == Some(&mark.slot.to_string())
}

pub(super) fn group_seen(group: &live::InputSecurityGroup) -> Option<Seen> {
    match group.state {
        live::GroupState::Idle => Some(Seen::new(Status::Ready)),
        live::GroupState::InUse => Some(Seen::new(Status::InUse)),
        live::GroupState::Updating => Some(Seen::new(Status::Updating)),
        live::GroupState::Deleted => None,
    }
}

pub(super) fn input_seen(input: &live::Input) -> Option<Seen> {
    match input.state {
        live::InputState::Creating => Some(Seen::new(Status::Making)),
        live::InputState::Detached | live::InputState::Attached => Some(Seen::new(Status::Ready)),
        live::InputState::Deleting => Some(Seen::new(Status::Deleting)),
        live::InputState::Deleted => None,
    }
}

pub(super) fn channel_seen(channel: &live::Channel) -> Option<Seen> {
    let status = match channel.state {
        live::ChannelState::Creating => Status::Making,
        live::ChannelState::CreateFailed | live::ChannelState::UpdateFailed => Status::Broken,
        live::ChannelState::Idle => Status::Ready,
        live::ChannelState::Starting => Status::Starting,
        live::ChannelState::Running => Status::Running,
        live::ChannelState::Recovering => Status::Recovering,
        live::ChannelState::Stopping => Status::Stopping,
        live::ChannelState::Updating => Status::Updating,
        live::ChannelState::Deleting => Status::Deleting,
        live::ChannelState::Deleted => return None,
    };
    Some(Seen { pipelines: channel.pipelines_running() as u8, ..Seen::new(status) })
}

pub(super) fn input_object(input: &live::Input) -> Object {
    let urls = input.destinations.iter().map(|destination| destination.url.clone()).collect();
    Object { urls, ..object(&input.id, &input.arn) }
}

fn or_ready(seen: Option<Seen>) -> Seen {
    seen.unwrap_or_else(|| Seen::new(Status::Deleting))
}

/// The stack's role for MediaLive.
const ROLE: &str = "arn:aws:iam::123456789012:role/medialive";

/// What the state machine needs of an input's request.
fn input(request: &InputRequest) -> live::CreateInput {
    let kind = match request.kind {
        InputKind::RtmpPush => live::InputType::RtmpPush,
        InputKind::RtpPush => live::InputType::RtpPush,
        InputKind::SrtListener => live::InputType::SrtListener,
        InputKind::UrlPull => live::InputType::UrlPull,
        InputKind::RtmpPull => live::InputType::RtmpPull,
        InputKind::Mp4File => live::InputType::Mp4File,
        InputKind::SrtCaller => live::InputType::SrtCaller,
        InputKind::MediaConnect => live::InputType::MediaConnect,
    };
    let login = request.login.as_ref();
    let pulled = |url: &String| live::InputSource {
        url: url.clone(),
        username: login.map(|login| login.username.clone()),
        password_param: login.map(|login| login.password_parameter.clone()),
    };
    let called = |source: &SrtSource| live::InputSource {
        url: format!("srt://{}:{}", source.address, source.port),
        username: None,
        password_param: None,
    };
    let callers = request.srt.iter().flat_map(|srt| &srt.sources);
    live::CreateInput {
        request_id: Some(request.request_id.clone()),
        security_groups: request.group_id.iter().cloned().collect(),
        stream_names: request.stream_names.clone(),
        sources: request.sources.iter().map(pulled).chain(callers.map(called)).collect(),
        flows: request.flows.clone(),
        role_arn: (request.kind == InputKind::MediaConnect).then(|| ROLE.to_owned()),
        tags: request.tags.clone(),
        ..live::CreateInput::new(request.name.clone(), kind)
    }
}

/// Which input takes over from which is judged by the account; it reads it in the channel's document. The pictures are in
/// there for whoever compares.
fn document(request: &ChannelRequest) -> Value {
    let attachment = |it: &headend_domain::request::Attachment| {
        let second = it.failover.as_ref().map(|failover| failover.secondary_id.as_str());
        json!({"inputId": it.input_id, "automaticInputFailoverSettings": {"secondaryInputId": second}})
    };
    let video = |rung: &headend_domain::spec::Rung| {
        json!({"width": rung.width, "height": rung.height,
               "codecSettings": {"h264Settings": {"bitrate": rung.bitrate}}})
    };
    json!({
        "inputAttachments": request.attachments.iter().map(attachment).collect::<Value>(),
        "encoderSettings": {"videoDescriptions": request.ladder.rungs.iter().map(video).collect::<Value>()},
    })
}

/// What the state machine needs of a channel's request.
fn channel(request: &ChannelRequest) -> live::CreateChannel {
    let class = match request.class {
        ChannelClass::Single => live::ChannelClass::SinglePipeline,
        ChannelClass::Standard => live::ChannelClass::Standard,
    };
    let attachment = |it: &headend_domain::request::Attachment| live::Attachment {
        name: it.name.clone(),
        input_id: it.input_id.clone(),
    };
    live::CreateChannel {
        request_id: Some(request.request_id.clone()),
        role_arn: ROLE.to_owned(),
        attachments: request.attachments.iter().map(attachment).collect(),
        packaging: vec![live::PackagingRef {
            element_path: "outputGroups[0].outputGroupSettings.destination.channelId".to_owned(),
            channel_id: request.packaging_id.clone(),
        }],
        output_groups: vec![live::OutputGroup {
            name: "packaging".to_owned(),
            outputs: request.ladder.rungs.len() as u32,
        }],
        uhd: request.ladder.rungs.iter().any(|rung| rung.height > 1080),
        tags: request.tags.clone(),
        doc: document(request),
        ..live::CreateChannel::new(request.name.clone(), class)
    }
}

/// An input switch at once.
fn switch(action: &str, attachment: &str) -> live::ScheduleAction {
    let doc = json!({
        "actionName": action,
        "scheduleActionSettings": {"inputSwitchSettings": {"inputAttachmentNameReference": attachment}},
        "scheduleActionStartSettings": {"immediateModeScheduleActionStartSettings": {}},
    });
    let kind = live::ActionKind::InputSwitch { attachment: attachment.to_owned() };
    live::ScheduleAction { name: action.to_owned(), start: live::ActionStart::Immediate, kind, doc }
}

/// The only thing that is wrong is that the action is there already.
fn named_before(error: &crate::world::AwsError) -> bool {
    let taken = |(path, why): &(String, String)| path.ends_with("actionName") && why.contains("already");
    error.status == 422 && !error.validation.is_empty() && error.validation.iter().all(taken)
}

impl MediaLive for Sim {
    async fn create_group(&self, request: &GroupRequest) -> Created {
        let request = live::CreateInputSecurityGroup { cidrs: request.cidrs.clone(), tags: request.tags.clone() };
        let seen = |group: &live::InputSecurityGroup| (object(&group.id, &group.arn), or_ready(group_seen(group)));
        self.create(
            "CreateInputSecurityGroup",
            "",
            move |world, now| world.create_input_security_group(HOME, now, request),
            seen,
        )
        .await
    }

    async fn create_input(&self, request: &InputRequest) -> Created {
        let create = input(request);
        let seen = |input: &live::Input| (input_object(input), or_ready(input_seen(input)));
        self.create("CreateInput", &request.name, move |world, now| world.create_input(HOME, now, create), seen).await
    }

    async fn create_channel(&self, request: &ChannelRequest) -> Created {
        let create = channel(request);
        let seen = |channel: &live::Channel| (object(&channel.id, &channel.arn), or_ready(channel_seen(channel)));
        self.create("CreateChannel", &request.name, move |world, now| world.create_channel(HOME, now, create), seen)
            .await
    }

    async fn find_groups(&self, mark: &Mark) -> FoundAll {
        let mark = mark.clone();
        let list = move |world: &mut World, now| {
            let groups = all(|page| world.list_input_security_groups(HOME, now, page))?;
            Ok(groups.into_iter().filter(|it| marked(&it.tags, &mark)).collect::<Vec<_>>())
        };
        let found = self.aws("ListInputSecurityGroups", false, "", list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(|it| (object(&it.id, &it.arn), or_ready(group_seen(it)))).collect())
    }

    async fn find_inputs(&self, mark: &Mark) -> FoundAll {
        let mark = mark.clone();
        let list = move |world: &mut World, now| {
            let inputs = all(|page| world.list_inputs(HOME, now, page))?;
            Ok(inputs.into_iter().filter(|it| marked(&it.tags, &mark)).collect::<Vec<_>>())
        };
        let found = self.aws("ListInputs", false, "", list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(|it| (input_object(it), or_ready(input_seen(it)))).collect())
    }

    async fn find_channels(&self, mark: &Mark) -> FoundAll {
        let mark = mark.clone();
        let list = move |world: &mut World, now| {
            let channels = all(|page| world.list_channels(HOME, now, page))?;
            Ok(channels.into_iter().filter(|it| marked(&it.tags, &mark)).collect::<Vec<_>>())
        };
        let found = self.aws("ListChannels", false, "", list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(|it| (object(&it.id, &it.arn), or_ready(channel_seen(it)))).collect())
    }

    async fn describe_group(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look(
            "DescribeInputSecurityGroup",
            id,
            move |world, now| world.describe_input_security_group(HOME, now, &wanted),
            group_seen,
        )
        .await
    }

    async fn describe_input(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look("DescribeInput", id, move |world, now| world.describe_input(HOME, now, &wanted), input_seen).await
    }

    async fn describe_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look("DescribeChannel", id, move |world, now| world.describe_channel(HOME, now, &wanted), channel_seen)
            .await
    }

    async fn delete_group(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change(
            "DeleteInputSecurityGroup",
            id,
            move |world, now| world.delete_input_security_group(HOME, now, &wanted),
            |()| None,
        )
        .await
    }

    async fn delete_input(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change(
            "DeleteInput",
            id,
            move |world, now| world.delete_input(HOME, now, &wanted),
            |()| Some(Seen::new(Status::Deleting)),
        )
        .await
    }

    async fn delete_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("DeleteChannel", id, move |world, now| world.delete_channel(HOME, now, &wanted), channel_seen).await
    }

    async fn update_group(&self, id: &str, request: &GroupRequest) -> Looked {
        let update =
            live::UpdateInputSecurityGroup { id: id.to_owned(), cidrs: Some(request.cidrs.clone()), tags: None };
        self.change(
            "UpdateInputSecurityGroup",
            id,
            move |world, now| world.update_input_security_group(HOME, now, update),
            group_seen,
        )
        .await
    }

    async fn update_input(&self, id: &str, request: &InputRequest) -> FoundOne {
        let made = input(request);
        let update = live::UpdateInput {
            id: id.to_owned(),
            security_groups: Some(made.security_groups).filter(|list| !list.is_empty()),
            sources: Some(made.sources).filter(|list| !list.is_empty()),
            flows: Some(made.flows).filter(|list| !list.is_empty()),
            role_arn: made.role_arn,
            ..live::UpdateInput::default()
        };
        let update = move |world: &mut World, now| world.update_input(HOME, now, update);
        match self.aws("UpdateInput", true, id, update).await? {
            Ok(input) => Ok(input_seen(&input).map(|seen| (input_object(&input), seen))),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn channel_shape(&self, id: &str) -> Result<Option<ChannelShape>, Refusal> {
        let wanted = id.to_owned();
        let shape = |channel: &live::Channel| {
            let class = match channel.class {
                live::ChannelClass::SinglePipeline => ChannelClass::Single,
                live::ChannelClass::Standard => ChannelClass::Standard,
            };
            let inputs = channel.attachments.iter().map(|it| it.input_id.clone()).collect();
            channel_seen(channel).map(|_| ChannelShape { class, inputs })
        };
        self.look("DescribeChannel", id, move |world, now| world.describe_channel(HOME, now, &wanted), shape).await
    }

    async fn update_channel_class(&self, id: &str, request: &ChannelRequest) -> Looked {
        let (wanted, class) = (id.to_owned(), channel(request).class);
        self.change(
            "UpdateChannelClass",
            id,
            move |world, now| world.update_channel_class(HOME, now, &wanted, class, None),
            channel_seen,
        )
        .await
    }

    async fn update_channel(&self, id: &str, request: &ChannelRequest) -> Looked {
        let made = channel(request);
        let update = live::UpdateChannel {
            id: id.to_owned(),
            name: Some(made.name),
            role_arn: Some(made.role_arn),
            attachments: Some(made.attachments),
            packaging: Some(made.packaging),
            output_groups: Some(made.output_groups),
            uhd: Some(made.uhd),
            doc: made.doc,
            ..live::UpdateChannel::default()
        };
        self.change("UpdateChannel", id, move |world, now| world.update_channel(HOME, now, update), channel_seen).await
    }

    async fn start_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("StartChannel", id, move |world, now| world.start_channel(HOME, now, &wanted), channel_seen).await
    }

    async fn stop_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("StopChannel", id, move |world, now| world.stop_channel(HOME, now, &wanted), channel_seen).await
    }

    async fn restart_pipelines(&self, id: &str, pipelines: &[u8]) -> Result<Option<()>, Refusal> {
        let (wanted, which) = (id.to_owned(), pipelines.iter().map(|it| usize::from(*it)).collect::<Vec<_>>());
        let restart = move |world: &mut World, now| world.restart_channel_pipelines(HOME, now, &wanted, &which);
        match self.aws("RestartChannelPipelines", true, id, restart).await? {
            Ok(_) => Ok(Some(())),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn switch_input(&self, id: &str, action: &str, attachment: &str) -> Result<Option<()>, Refusal> {
        let wanted = id.to_owned();
        let change = live::ScheduleChange { creates: vec![switch(action, attachment)], deletes: Vec::new() };
        let update = move |world: &mut World, now| world.batch_update_schedule(HOME, now, &wanted, change);
        match self.aws("BatchUpdateSchedule", true, id, update).await? {
            Ok(_) => Ok(Some(())),
            Err(error) if gone(&error) => Ok(None),
            Err(error) if named_before(&error) => Ok(Some(())),
            Err(error) => Err(refusal(&error)),
        }
    }
}
