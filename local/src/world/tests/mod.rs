//! The account's behaviour, fact by fact. Each test names the fact that it holds the world to.

mod account;
mod alarms;
mod channel_matrix;
mod channels;
mod cloudfront;
mod events;
mod groups_and_inputs;
mod mediapackage;
mod secrets;
mod viewer;

use super::medialive::{
    Attachment, Channel, ChannelClass, ChannelState, CreateChannel, CreateInput, CreateInputSecurityGroup, Input,
    InputState, InputType,
};
use super::mediapackage::{CreateOriginEndpoint, CreatePackagingChannel, Packager};
use super::*;

pub const HOME: &str = "eu-west-1";
pub const START: Ms = 1_767_225_600_000;
pub const MINUTE: Ms = 60_000;
pub const HOUR: Ms = 60 * MINUTE;

/// A world and the time in it.
pub struct Account {
    pub world: World,
    pub now: Ms,
}

impl Account {
    /// No throttles, no doubled or late events.
    pub fn calm() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut WorldConfig)) -> Self {
        let mut config = WorldConfig::default();
        config.switches.throttles = false;
        config.switches.event_duplicate = 0.0;
        config.switches.event_late = 0.0;
        change(&mut config);
        Self { world: World::new(config), now: START }
    }

    pub fn pass(&mut self, time: Ms) {
        self.now += time;
        self.world.advance(self.now);
    }

    pub fn group(&mut self) -> String {
        let request = CreateInputSecurityGroup { cidrs: vec!["192.0.2.1/32".into()], ..Default::default() };
        self.world.create_input_security_group(HOME, self.now, request).unwrap().id
    }

    /// A detached RTMP push input of class STANDARD, with a group of its own.
    pub fn push_input(&mut self) -> Input {
        let request = CreateInput {
            security_groups: vec![self.group()],
            stream_names: vec!["live/a".into(), "live/b".into()],
            ..CreateInput::new("rtmp", InputType::RtmpPush)
        };
        self.input(request)
    }

    /// Creates the input and waits for it.
    pub fn input(&mut self, request: CreateInput) -> Input {
        let id = self.world.create_input(HOME, self.now, request).unwrap().id;
        self.pass(5_000);
        self.world.describe_input(HOME, self.now, &id).unwrap()
    }

    /// An idle STANDARD channel with one push input.
    pub fn channel(&mut self) -> Channel {
        let input = self.push_input();
        let request =
            CreateChannel { attachments: vec![attachment(&input)], ..CreateChannel::new("c", ChannelClass::Standard) };
        let id = self.world.create_channel(HOME, self.now, request).unwrap().id;
        self.pass(30_000);
        self.look(&id)
    }

    pub fn running(&mut self) -> Channel {
        let channel = self.channel();
        self.world.start_channel(HOME, self.now, &channel.id).unwrap();
        self.pass(4 * MINUTE);
        self.look(&channel.id)
    }

    pub fn look(&mut self, id: &str) -> Channel {
        self.world.describe_channel(HOME, self.now, id).unwrap()
    }

    pub fn input_state(&mut self, id: &str) -> InputState {
        self.world.describe_input(HOME, self.now, id).unwrap().state
    }

    pub fn packaging(&mut self, id: &str) {
        let request = CreatePackagingChannel { id: id.into(), ..Default::default() };
        self.world.create_packaging_channel(HOME, self.now, request).unwrap();
    }

    pub fn endpoint(&self, channel: &str, id: &str) -> CreateOriginEndpoint {
        CreateOriginEndpoint {
            id: id.into(),
            channel_id: channel.into(),
            manifest_name: Some("master".into()),
            packager: Packager::Hls,
            hls_manifests: Vec::new(),
            authorization: None,
            tags: Tags::new(),
            doc: serde_json::Value::Null,
        }
    }

    /// Detail-type and state of the events so far.
    pub fn states(&mut self) -> Vec<String> {
        let events = self.world.take_events(self.now);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        events.iter().map(|it| text(&it.event["detail"]["state"])).collect()
    }
}

pub fn attachment(input: &Input) -> Attachment {
    Attachment { name: input.name.clone(), input_id: input.id.clone() }
}

/// Status and code of a refusal.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, AwsError>) -> (u16, String) {
    let error = result.unwrap_err();
    (error.status, error.code)
}

pub fn conflict() -> (u16, String) {
    (409, "ConflictException".into())
}

pub fn is(state: ChannelState) -> impl Fn(&Channel) -> bool {
    move |channel| channel.state == state
}
