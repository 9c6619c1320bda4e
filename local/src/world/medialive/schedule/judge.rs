//! Whether an action may be in a channel's schedule (aws-facts 1.11).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ActionKind, ActionStart, Planned, Schedule};
use crate::world::Ms;
use crate::world::medialive::{Channel, Input, InputType};

/// A prepared input needs so long before the switch to it.
const PREPARE_MS: Ms = 10_000;

/// A member of the action, and what is wrong with it.
type Defect = (&'static str, String);

const NAME: &str = "actionName";
const START: &str = "scheduleActionStartSettings";
const SETTINGS: &str = "scheduleActionSettings";

pub(super) struct Judge<'a> {
    pub(super) channel: &'a Channel,
    pub(super) inputs: &'a BTreeMap<String, Input>,
    /// The schedule as it is before the action.
    pub(super) schedule: &'a Schedule,
    pub(super) now: Ms,
    pub(super) margin: Ms,
    pub(super) farthest: Ms,
}

impl Judge<'_> {
    pub(super) fn action(&self, planned: &Planned) -> Vec<Defect> {
        let mut defects = Vec::new();
        let name = &planned.action.name;
        if self.schedule.contains_key(name) {
            defects.push((NAME, format!("There is already an action {name}")));
        }
        match &planned.action.start {
            ActionStart::Fixed(at) if *at < self.now + self.margin => {
                defects.push((START, "An action starts at least 15 seconds from now".into()));
            }
            ActionStart::Fixed(at) if *at > self.now + self.farthest => {
                defects.push((START, "An action starts at most 14 days from now".into()));
            }
            ActionStart::Fixed(_) | ActionStart::Immediate => {}
            ActionStart::Follow { reference } => defects.extend(self.follower(planned, reference)),
        }
        defects.extend(self.settings(planned));
        defects
    }

    /// The reference is a switch to a file that ends, and has one follower.
    fn follower(&self, planned: &Planned, reference: &str) -> Option<Defect> {
        if !matches!(planned.action.kind, ActionKind::InputSwitch { .. }) {
            return None;
        }
        let Some(followed) = self.schedule.get(reference) else {
            return Some((START, format!("There is no action {reference} to follow")));
        };
        let file = match &followed.action.kind {
            ActionKind::InputSwitch { attachment } => self.ends(attachment),
            ActionKind::InputPrepare { .. } | ActionKind::OutputImage | ActionKind::Other => false,
        };
        if !file {
            return Some((START, format!("Action {reference} is not a switch to a file that ends")));
        }
        let follows =
            |other: &&Planned| matches!(&other.action.start, ActionStart::Follow { reference: it } if it == reference);
        let taken = self.schedule.values().find(follows)?;
        Some((START, format!("Action {reference} is followed by {} already", taken.action.name)))
    }

    fn settings(&self, planned: &Planned) -> Option<Defect> {
        match &planned.action.kind {
            ActionKind::InputSwitch { attachment } => self.attached(attachment),
            ActionKind::InputPrepare { attachment } => {
                if !self.feature("inputPrepareScheduleActions") {
                    return Some((SETTINGS, "The channel does not have inputPrepareScheduleActions ENABLED".into()));
                }
                let name = attachment.as_ref()?;
                if self.input(name).is_some_and(|input| input.kind == InputType::RtmpPull) {
                    return Some((SETTINGS, format!("Input {name} is pulled by RTMP and cannot be prepared")));
                }
                self.attached(name).or_else(|| self.in_time(planned.at?, name))
            }
            ActionKind::OutputImage => {
                let enabled = self.feature("outputStaticImageOverlayScheduleActions");
                let why = "The channel does not have outputStaticImageOverlayScheduleActions ENABLED";
                (!enabled).then(|| (SETTINGS, why.into()))
            }
            ActionKind::Other => None,
        }
    }

    fn attached(&self, name: &str) -> Option<Defect> {
        let known = self.channel.attachments.iter().any(|attachment| attachment.name == name);
        (!known).then(|| (SETTINGS, format!("The channel has no input attachment {name}")))
    }

    /// The preparation of an input ends before the switch to it.
    fn in_time(&self, at: Ms, name: &str) -> Option<Defect> {
        let lead = self.margin * PREPARE_MS / super::MARGIN_MS;
        let switches = self
            .schedule
            .values()
            .filter(|other| matches!(&other.action.kind, ActionKind::InputSwitch { attachment } if attachment == name));
        let mut times = switches.filter_map(|other| other.at);
        let late = times.any(|switch| (at..at + lead).contains(&switch));
        late.then(|| (START, format!("Input {name} is prepared less than 10 seconds before the switch to it")))
    }

    fn input(&self, attachment: &str) -> Option<&Input> {
        let attachment = self.channel.attachments.iter().find(|it| it.name == attachment)?;
        self.inputs.get(&attachment.input_id)
    }

    /// A file, or a stream that is played as one, that does not begin again.
    fn ends(&self, attachment: &str) -> bool {
        let kinds = [InputType::Mp4File, InputType::TsFile, InputType::UrlPull];
        let documents = self.channel.doc["inputAttachments"].as_array().into_iter().flatten();
        let mut documents = documents.filter(|it| it["inputAttachmentName"] == attachment);
        let loops = documents.any(|it| it["inputSettings"]["sourceEndBehavior"] == "LOOP");
        self.input(attachment).is_some_and(|input| kinds.contains(&input.kind)) && !loops
    }

    fn feature(&self, name: &str) -> bool {
        self.channel.doc["encoderSettings"]["featureActivations"].get(name).and_then(Value::as_str) == Some("ENABLED")
    }
}

/// Followers whose reference is gone.
pub(super) fn orphans(schedule: &Schedule) -> Vec<(String, String)> {
    let orphan = |planned: &Planned| {
        let ActionStart::Follow { reference } = &planned.action.start else { return None };
        let why = format!("Action {} would follow {reference}, which is not there", planned.action.name);
        (!schedule.contains_key(reference)).then(|| ("deletes.actionNames".to_owned(), why))
    };
    schedule.values().filter_map(orphan).collect()
}
