//! Alarms as callers see them (aws-facts 4).

use super::{Alarm, AlarmFilter, AlarmSpec, AlarmState};
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, Page, Paged, World, page};

const PAGE: usize = 50;
const MOST_ON_A_PAGE: usize = 100;

impl World {
    /// Makes the alarm, or overwrites its configuration and keeps its state (aws-facts 4).
    pub fn put_metric_alarm(&mut self, region: &str, now: Ms, spec: AlarmSpec) -> Result<(), AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Write)?;
        let arn = self.arn("cloudwatch", region, &format!("alarm:{}", spec.name));
        let most = self.quotas.get("cloudwatch.alarms");
        let name = spec.name.clone();
        let alarms = &mut self.region(region).cloudwatch.alarms;
        if let Some(alarm) = alarms.get_mut(&name) {
            alarm.spec = spec;
            alarm.configured_at = now;
        } else {
            if alarms.len() >= most as usize {
                let message = format!("There may be {most} alarms in a region (quota cloudwatch.alarms)");
                return Err(AwsError::new(400, "LimitExceeded", message));
            }
            let alarm = Alarm {
                arn,
                tags: spec.tags.clone(),
                spec,
                state: AlarmState::InsufficientData,
                reason: "Unchecked: Initial alarm creation".into(),
                reason_data: String::new(),
                state_updated_at: now,
                configured_at: now,
                epoch: 0,
            };
            alarms.insert(name.clone(), alarm);
        }
        self.begin_evaluating(region, now, &name);
        Ok(())
    }

    pub fn describe_alarms(
        &mut self,
        region: &str,
        now: Ms,
        filter: &AlarmFilter,
        page: &Page,
    ) -> Result<Paged<Alarm>, AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Read)?;
        let page = Page { max_results: page.max_results.or(Some(PAGE)), ..page.clone() };
        let alarms = self.region(region).cloudwatch.alarms.iter();
        page::cut(alarms.filter(|(_, alarm)| filter.takes(alarm)), &page, MOST_ON_A_PAGE)
            .map_err(|error| AwsError::new(400, "InvalidNextToken", error.message))
    }

    /// Names that are missing are tolerated, unless the switch says otherwise (aws-facts 4).
    pub fn delete_alarms(&mut self, region: &str, now: Ms, names: &[String]) -> Result<(), AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Write)?;
        let strict = self.switches.delete_missing_alarm_fails;
        let alarms = &mut self.region(region).cloudwatch.alarms;
        if let Some(missing) = names.iter().find(|name| strict && !alarms.contains_key(*name)) {
            return Err(no_alarm(missing));
        }
        alarms.retain(|name, _| !names.contains(name));
        Ok(())
    }

    /// Holds until the next evaluation (aws-facts 4: for tests).
    pub fn set_alarm_state(
        &mut self,
        region: &str,
        now: Ms,
        name: &str,
        state: AlarmState,
        reason: &str,
        reason_data: &str,
    ) -> Result<(), AwsError> {
        self.admit(region, now, Service::CloudWatch, Kind::Write)?;
        if !self.region(region).cloudwatch.alarms.contains_key(name) {
            return Err(no_alarm(name));
        }
        self.change_alarm(region, now, name, state, reason.to_owned(), reason_data.to_owned());
        Ok(())
    }
}

impl AlarmFilter {
    fn takes(&self, alarm: &Alarm) -> bool {
        let name = &alarm.spec.name;
        (self.names.is_empty() || self.names.contains(name))
            && self.name_prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
            && self.state.is_none_or(|state| alarm.state == state)
    }
}

fn no_alarm(name: &str) -> AwsError {
    AwsError::new(404, "ResourceNotFound", format!("There is no alarm {name}"))
}
