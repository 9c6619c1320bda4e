//! MediaLive's states and objects in the domain's words. Deleted counts as not there (aws-facts 1.2); a state
//! that is not known yet counts as one to wait for.

use aws_sdk_medialive::types::{ChannelState, Input, InputSecurityGroupState, InputState};
use headend_control::ports::Mark;
use headend_domain::action::{Object, Seen, Status};
use std::collections::HashMap;

pub fn channel_seen(state: Option<&ChannelState>, running: Option<i32>) -> Option<Seen> {
    let status = match state {
        None | Some(ChannelState::Creating) => Status::Making,
        Some(ChannelState::CreateFailed | ChannelState::UpdateFailed) => Status::Broken,
        Some(ChannelState::Idle) => Status::Ready,
        Some(ChannelState::Starting) => Status::Starting,
        Some(ChannelState::Running) => Status::Running,
        Some(ChannelState::Recovering) => Status::Recovering,
        Some(ChannelState::Stopping) => Status::Stopping,
        Some(ChannelState::Deleting) => Status::Deleting,
        Some(ChannelState::Deleted) => return None,
        Some(_) => Status::Updating,
    };
    let pipelines = running.and_then(|count| u8::try_from(count).ok()).unwrap_or(0);
    Some(Seen { pipelines, ..Seen::new(status) })
}

pub fn input_seen(state: Option<&InputState>) -> Option<Seen> {
    match state {
        None | Some(InputState::Creating) => Some(Seen::new(Status::Making)),
        Some(InputState::Detached | InputState::Attached) => Some(Seen::new(Status::Ready)),
        Some(InputState::Deleting) => Some(Seen::new(Status::Deleting)),
        Some(InputState::Deleted) => None,
        Some(_) => Some(Seen::new(Status::Updating)),
    }
}

pub fn group_seen(state: Option<&InputSecurityGroupState>) -> Option<Seen> {
    match state {
        None | Some(InputSecurityGroupState::Idle) => Some(Seen::new(Status::Ready)),
        Some(InputSecurityGroupState::InUse) => Some(Seen::new(Status::InUse)),
        Some(InputSecurityGroupState::Deleted) => None,
        Some(_) => Some(Seen::new(Status::Updating)),
    }
}

/// A push input's addresses, as AWS gives them: they contain application and instance already (mistake 77).
pub fn input_object(input: &Input) -> Object {
    let urls = input.destinations().iter().filter_map(|destination| destination.url().map(str::to_owned)).collect();
    Object { urls, ..crate::object(input.id.clone(), input.arn.clone()) }
}

pub fn marked(tags: Option<&HashMap<String, String>>, mark: &Mark) -> bool {
    let slot = mark.slot.to_string();
    let wanted = [("headend:stack", &mark.stack), ("headend:platform", &mark.platform), ("headend:slot", &slot)];
    tags.is_some_and(|tags| wanted.iter().all(|(key, value)| tags.get(*key) == Some(*value)))
}

/// MediaLive tells no time of creation; its ids are numbers that everybody orders in the same way.
pub fn oldest_first(found: impl Iterator<Item = (Object, Seen)>) -> Vec<(Object, Seen)> {
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(object, _)| (object.id.len(), object.id.clone()));
    found
}
