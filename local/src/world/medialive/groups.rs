//! Input security groups: who may push. IN_USE for as long as an input uses one, and some seconds more.

use super::{CreateInputSecurityGroup, GroupState, InputSecurityGroup, Step, UpdateInputSecurityGroup};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, Timer, World, page};

impl World {
    /// No token exists for this call: two calls make two groups (aws-facts 1.5).
    pub fn create_input_security_group(
        &mut self,
        region: &str,
        now: Ms,
        request: CreateInputSecurityGroup,
    ) -> Result<InputSecurityGroup, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        self.check_cidrs(&request.cidrs)?;
        let groups = &mut self.region(region).medialive.groups;
        groups.retain(|_, group| group.forget_at.is_none_or(|at| at > now));
        let existing = groups.values().filter(|group| group.state != GroupState::Deleted).count();
        self.medialive_quota("medialive.input-security-groups", "input security groups", existing)?;
        let id = self.numeric_id();
        let group = InputSecurityGroup {
            arn: self.medialive_arn(region, "inputSecurityGroup", &id),
            id: id.clone(),
            state: GroupState::Idle,
            cidrs: request.cidrs,
            inputs: Vec::new(),
            tags: request.tags,
            forget_at: None,
            epoch: 0,
        };
        self.region(region).medialive.groups.insert(id, group.clone());
        Ok(group)
    }

    pub fn describe_input_security_group(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
    ) -> Result<InputSecurityGroup, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        self.group(region, now, id).cloned()
    }

    /// DELETED groups are left out (aws-facts 1.2).
    pub fn list_input_security_groups(
        &mut self,
        region: &str,
        now: Ms,
        page: &Page,
    ) -> Result<Paged<InputSecurityGroup>, AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Read)?;
        let groups = &self.region(region).medialive.groups;
        page::cut(groups.iter().filter(|(_, group)| group.state != GroupState::Deleted), page, 1000)
    }

    /// Possible in use too: the allow-list of a live input changes on air (aws-facts 1.2).
    pub fn update_input_security_group(
        &mut self,
        region: &str,
        now: Ms,
        request: UpdateInputSecurityGroup,
    ) -> Result<InputSecurityGroup, AwsError> {
        // The model declares no 429 for this call (aws-facts 1.1).
        self.advance(now);
        if let Some(cidrs) = &request.cidrs {
            self.check_cidrs(cidrs)?;
        }
        let group = self.group(region, now, &request.id)?;
        match group.state {
            GroupState::Idle | GroupState::InUse => {}
            GroupState::Updating => {
                return Err(AwsError::conflict(format!("Input security group {} is being updated", request.id)));
            }
            GroupState::Deleted => return Err(no_group(&request.id)),
        }
        if let Some(cidrs) = request.cidrs {
            group.cidrs = cidrs;
        }
        if let Some(tags) = request.tags {
            group.tags = tags;
        }
        group.state = GroupState::Updating;
        let answer = group.clone();
        let span = self.switches.durations.group_update;
        let due = now + self.lasting(span);
        self.settle_group_at(region, due, &request.id);
        Ok(answer)
    }

    /// The model declares no 409 for this call: a group in use is a 400, unless the switch says otherwise (aws-facts 1.2).
    pub fn delete_input_security_group(&mut self, region: &str, now: Ms, id: &str) -> Result<(), AwsError> {
        self.admit(region, now, Service::MediaLive, Kind::Write)?;
        let span = self.switches.durations.deleted_visible;
        let visible = self.lasting(span);
        let (status, code) = self.switches.group_in_use_error.clone();
        let group = self.group(region, now, id)?;
        match group.state {
            GroupState::Idle => {}
            GroupState::InUse => {
                let message = format!("Input security group {id} cannot be deleted: inputs still use it");
                return Err(AwsError::new(status, &code, message));
            }
            GroupState::Updating => {
                return Err(AwsError::bad_request(format!(
                    "Input security group {id} cannot be deleted while it is UPDATING"
                )));
            }
            GroupState::Deleted => return Err(no_group(id)),
        }
        group.state = GroupState::Deleted;
        group.forget_at = Some(now + visible);
        group.epoch += 1;
        Ok(())
    }

    /// An input begins to use the group. A release under way finds it in use when it comes due.
    pub(super) fn use_group(&mut self, region: &str, group_id: &str, input_id: &str) {
        let groups = &mut self.region(region).medialive.groups;
        let Some(group) = groups.get_mut(group_id) else {
            return;
        };
        if !group.inputs.iter().any(|id| id == input_id) {
            group.inputs.push(input_id.to_owned());
        }
        if group.state == GroupState::Idle {
            group.state = GroupState::InUse;
        }
    }

    /// An input no longer uses the group; after its last one the group is released seconds later (aws-facts 1.2, 1.4).
    pub(super) fn leave_group(&mut self, region: &str, at: Ms, group_id: &str, input_id: &str) {
        let groups = &mut self.region(region).medialive.groups;
        let Some(group) = groups.get_mut(group_id) else {
            return;
        };
        group.inputs.retain(|id| id != input_id);
        if group.inputs.is_empty() && group.state != GroupState::Deleted {
            let span = self.switches.durations.group_release;
            let due = at + self.lasting(span);
            self.settle_group_at(region, due, group_id);
        }
    }

    /// 400 unless every one of these groups exists (aws-facts 1.1: CreateInput declares neither 409 nor 422).
    pub(super) fn check_groups(&mut self, region: &str, now: Ms, ids: &[String]) -> Result<(), AwsError> {
        for id in ids {
            let exists = self.group(region, now, id).is_ok_and(|group| group.state != GroupState::Deleted);
            if !exists {
                return Err(AwsError::bad_request(format!("Input security group {id} does not exist")));
            }
        }
        Ok(())
    }

    pub(super) fn group_settles(&mut self, region: &str, id: &str, epoch: u64) {
        let groups = &mut self.region(region).medialive.groups;
        let Some(group) = groups.get_mut(id).filter(|group| group.epoch == epoch) else {
            return;
        };
        group.state = if group.inputs.is_empty() { GroupState::Idle } else { GroupState::InUse };
    }

    pub(super) fn group(&mut self, region: &str, now: Ms, id: &str) -> Result<&mut InputSecurityGroup, AwsError> {
        let group = self.region(region).medialive.groups.get_mut(id);
        group.filter(|group| group.forget_at.is_none_or(|at| at > now)).ok_or_else(|| no_group(id))
    }

    fn settle_group_at(&mut self, region: &str, due: Ms, id: &str) {
        let Some(group) = self.region(region).medialive.groups.get_mut(id) else {
            return;
        };
        group.epoch += 1;
        let step = Step::GroupSettles { id: id.to_owned(), epoch: group.epoch };
        self.later(due, Timer::MediaLive { region: region.to_owned(), step });
    }

    fn check_cidrs(&self, cidrs: &[String]) -> Result<(), AwsError> {
        if cidrs.is_empty() {
            return Err(AwsError::bad_request("At least one whitelist rule is required for an input security group"));
        }
        let most = self.quotas.get("medialive.cidrs-per-group");
        if cidrs.len() > most as usize {
            return Err(AwsError::bad_request(format!(
                "An input security group takes at most {most} whitelist rules, {} were given",
                cidrs.len()
            )));
        }
        Ok(())
    }
}

fn no_group(id: &str) -> AwsError {
    AwsError::not_found(format!("Input security group {id} not found"))
}
