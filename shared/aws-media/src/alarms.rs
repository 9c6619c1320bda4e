//! CloudWatch: the alarms of a platform. An alarm has no answer of its own and no state that we wait for; a put
//! of the same name replaces it.

mod build;

use crate::refusal::told;
use crate::tags::{Changes, gone, unless_missing};
use crate::{Account, object};
use headend_control::ports::{Alarms, Created, Creation, FoundOne, Looked};
use headend_domain::action::{Object, Refusal, Seen, Status};
use headend_domain::request::AlarmRequest;
use headend_domain::slot::AlarmRegion;
use std::collections::BTreeMap;

impl Alarms for Account {
    async fn put_alarm(&self, request: &AlarmRequest) -> Created {
        let (client, region) = self.alarms_in(request.region);
        build::alarm(request).send_with(client).await.map_err(|error| told(&error).refusal())?;
        Ok(Creation::Made(self.alarm(region, &request.name), Seen::new(Status::Ready)))
    }

    async fn find_alarm(&self, region: AlarmRegion, name: &str) -> FoundOne {
        let (client, _) = self.alarms_in(region);
        let answer = client.describe_alarms().alarm_names(name).send().await.map_err(|error| told(&error).refusal())?;
        let found = answer.metric_alarms.unwrap_or_default().into_iter().next();
        Ok(found.map(|alarm| (object(alarm.alarm_name, alarm.alarm_arn), Seen::new(Status::Ready))))
    }

    async fn delete_alarms(&self, region: AlarmRegion, names: &[String]) -> Looked {
        let (client, _) = self.alarms_in(region);
        match client.delete_alarms().set_alarm_names(Some(names.to_vec())).send().await {
            Ok(_) => Ok(None),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal_of_delete()) }
            }
        }
    }
}

impl Account {
    /// PutMetricAlarm answers nothing; the ARN follows from region, account and name (aws-facts 4).
    fn alarm(&self, region: &str, name: &str) -> Object {
        let (partition, account) = self.config.partition_and_account();
        let arn = format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}");
        object(Some(name.to_owned()), Some(arn))
    }

    /// Makes the tags of an alarm equal to `wanted`: a put leaves those of an alarm that exists as they
    /// are. `None`: it is not there.
    ///
    /// # Errors
    /// AWS's refusal, of the second of two calls perhaps.
    pub async fn retag_alarm(
        &self,
        region: AlarmRegion,
        arn: &str,
        wanted: &BTreeMap<String, String>,
    ) -> Result<Option<()>, Refusal> {
        let (client, _) = self.alarms_in(region);
        let listed = client.list_tags_for_resource().resource_arn(arn).send().await;
        let Some(listed) = unless_missing(listed)? else { return Ok(None) };
        let pairs = listed.tags.unwrap_or_default().into_iter();
        let pairs = pairs.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
        let Changes { remove, set } = Changes::between(pairs, wanted);
        if !remove.is_empty()
            && gone(client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await)?
        {
            return Ok(None);
        }
        if !set.is_empty()
            && gone(client.tag_resource().resource_arn(arn).set_tags(Some(build::tags(&set))).send().await)?
        {
            return Ok(None);
        }
        Ok(Some(()))
    }
}

#[cfg(test)]
mod tests;
