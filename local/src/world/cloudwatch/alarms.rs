//! Alarms as callers see them.

use super::{Alarm, AlarmFilter, AlarmSpec, AlarmState};
use crate::world::{AwsError, Ms, Page, Paged, World};

impl World {
    /// Makes the alarm, or overwrites its configuration and keeps its state (aws-facts 4).
    pub fn put_metric_alarm(&mut self, region: &str, now: Ms, spec: AlarmSpec) -> Result<(), AwsError> { todo!() }
    pub fn describe_alarms(&mut self, region: &str, now: Ms, filter: &AlarmFilter, page: &Page) -> Result<Paged<Alarm>, AwsError> { todo!() }
    pub fn delete_alarms(&mut self, region: &str, now: Ms, names: &[String]) -> Result<(), AwsError> { todo!() }
    pub fn set_alarm_state(&mut self, region: &str, now: Ms, name: &str, state: AlarmState, reason: &str, reason_data: &str) -> Result<(), AwsError> { todo!() }
}
