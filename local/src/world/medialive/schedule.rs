//! A channel's schedule (aws-facts 1.11): actions that start at a time, at once, or after another one. Of what they do, input
//! switches are simulated. An action that follows another waits for the end of a file, which does not come here.
//!
//! The margins (15 s, 14 days, an hour) are durations of the account and are divided by the speed; a fixed time is a time.

mod judge;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ChannelState;
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, Timer, World, page, rfc3339};
use judge::Judge;

/// An action begins so long after the call at the soonest, and is deleted so long before it at the latest.
const MARGIN_MS: Ms = 15_000;
const FARTHEST_MS: Ms = 14 * 24 * 3_600_000;
/// An immediate switch of a STANDARD channel becomes a fixed time, so that both pipelines agree.
const IMMEDIATE_MS: Ms = 10_000;
/// For how long an action that has begun is still described.
const DESCRIBED_MS: Ms = 3_600_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionStart {
    Fixed(Ms),
    Immediate,
    Follow { reference: String },
}

/// What an action does, as far as it is judged or simulated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionKind {
    InputSwitch {
        attachment: String,
    },
    InputPrepare {
        attachment: Option<String>,
    },
    /// A static image on some outputs.
    OutputImage,
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleAction {
    pub name: String,
    pub start: ActionStart,
    pub kind: ActionKind,
    /// The whole action as it was sent.
    pub doc: Value,
}

/// BatchUpdateSchedule's request, and its answer.
#[derive(Clone, Debug, Default)]
pub struct ScheduleChange<D = String> {
    pub creates: Vec<ScheduleAction>,
    pub deletes: Vec<D>,
}

/// An action in the schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Planned {
    action: ScheduleAction,
    /// None for an action that follows another.
    at: Option<Ms>,
}

type Schedule = BTreeMap<String, Planned>;

impl World {
    /// All or nothing; deletes come before creates. Allowed when IDLE and RUNNING; no 409 is declared.
    pub fn batch_update_schedule(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        change: ScheduleChange,
    ) -> Result<ScheduleChange<ScheduleAction>, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let channel = self.channel(region, now, id)?.clone();
        if !matches!(channel.state, ChannelState::Idle | ChannelState::Running) {
            let message =
                format!("The schedule of channel {id} cannot be changed while it is {}", channel.state.as_str());
            return Err(AwsError::unprocessable(message));
        }
        let mut schedule = self.schedule(region, now, id);
        let margin = self.scaled(MARGIN_MS);
        let mut defects = Vec::new();
        let mut deleted = Vec::new();
        for (i, name) in change.deletes.iter().enumerate() {
            let path = format!("deletes.actionNames[{i}]");
            match schedule.remove(name) {
                None => defects.push((path, format!("There is no action {name}"))),
                Some(planned) if planned.at.is_some_and(|at| at < now + margin) => {
                    defects.push((path, format!("Action {name} starts in less than 15 seconds, or has started")));
                }
                Some(planned) => deleted.push(planned.action),
            }
        }
        let mut created = Vec::new();
        for (i, action) in change.creates.into_iter().enumerate() {
            let planned = self.planned(now, channel.class.pipelines(), action);
            let inputs = &self.regions[region].medialive.inputs;
            let judge = Judge {
                channel: &channel,
                inputs,
                schedule: &schedule,
                now,
                margin,
                farthest: self.scaled(FARTHEST_MS),
            };
            defects.extend(
                judge
                    .action(&planned)
                    .into_iter()
                    .map(|(member, why)| (format!("creates.scheduleActions[{i}].{member}"), why)),
            );
            created.push(planned.clone());
            schedule.entry(planned.action.name.clone()).or_insert(planned);
        }
        defects.extend(judge::orphans(&schedule));
        if !defects.is_empty() {
            return Err(AwsError::invalid_elements(defects));
        }
        self.region(region).medialive.schedules.insert(id.to_owned(), schedule);
        self.set_off(region, now, id, &created);
        let creates = created.into_iter().map(|planned| planned.action).collect();
        Ok(ScheduleChange { creates, deletes: deleted })
    }

    pub fn describe_schedule(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        page: &Page,
    ) -> Result<Paged<ScheduleAction>, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        self.channel(region, now, id)?;
        let actions: BTreeMap<String, ScheduleAction> =
            self.schedule(region, now, id).into_iter().map(|(name, planned)| (name, planned.action)).collect();
        page::cut(actions.iter(), page, 1000)
    }

    /// Only when IDLE. Neither 409 nor 422 is declared, so it is a 400 (aws-facts 1.1).
    pub fn delete_schedule(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let channel = self.channel(region, now, id)?;
        if channel.state != ChannelState::Idle {
            let message = format!("The schedule of channel {id} can be deleted only when the channel is IDLE");
            return Err(AwsError::bad_request(message));
        }
        self.region(region).medialive.schedules.remove(id);
        Ok(())
    }

    /// An action's time has come. A timer of an action that was deleted or planned anew finds another time there.
    pub(super) fn action_starts(&mut self, region: &str, at: Ms, id: &str, name: &str) {
        let medialive = &mut self.region(region).medialive;
        let planned = medialive.schedules.get(id).and_then(|schedule| schedule.get(name));
        let Some(planned) = planned.filter(|planned| planned.at == Some(at)) else {
            return;
        };
        let ActionKind::InputSwitch { attachment } = planned.action.kind.clone() else {
            return;
        };
        let Some(channel) = medialive.channels.get_mut(id) else {
            return;
        };
        // An IDLE channel begins with the most recent switch when it is started.
        channel.switched_to = Some((attachment.clone(), name.to_owned()));
        channel.failed_over = false;
        let channel = channel.clone();
        for pipeline in (0..2).filter(|pipeline| channel.pipelines[*pipeline]) {
            let detail = json!({
                "channel_arn": channel.arn,
                "pipeline": pipeline.to_string(),
                "message": format!("Input switch to {attachment} on pipeline {pipeline}"),
                "active_input_attachment_name": attachment,
                "active_input_switch_action_name": name,
            });
            self.medialive_event(region, at, "MediaLive Channel Input Change", channel.arn.clone(), detail);
        }
        self.refresh_alerts(region, at, id);
        self.watch_failover(region, at, id);
    }

    /// The actions that can still be seen.
    fn schedule(&mut self, region: &str, now: Ms, id: &str) -> Schedule {
        let kept = self.scaled(DESCRIBED_MS);
        let mut schedule = self.region(region).medialive.schedules.get(id).cloned().unwrap_or_default();
        schedule.retain(|_, planned| planned.at.is_none_or(|at| at + kept > now));
        schedule
    }

    fn planned(&self, now: Ms, pipelines: usize, mut action: ScheduleAction) -> Planned {
        let at = match action.start {
            ActionStart::Fixed(at) => Some(at),
            ActionStart::Follow { .. } => None,
            ActionStart::Immediate if pipelines == 1 => Some(now),
            ActionStart::Immediate => {
                let at = now + self.scaled(IMMEDIATE_MS);
                let start = json!({"fixedModeScheduleActionStartSettings": {"time": rfc3339(at)}});
                action.doc["scheduleActionStartSettings"] = start;
                Some(at)
            }
        };
        Planned { action, at }
    }

    fn set_off(&mut self, region: &str, now: Ms, id: &str, created: &[Planned]) {
        for planned in created {
            let name = planned.action.name.clone();
            match planned.at {
                Some(at) if at <= now => self.action_starts(region, at, id, &name),
                Some(at) => {
                    let step = super::Step::ActionStarts { id: id.to_owned(), action: name };
                    self.later(at, Timer::MediaLive { region: region.to_owned(), step });
                }
                None => {}
            }
        }
    }
}
