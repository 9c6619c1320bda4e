//! Functions with what starts them: routes, queue mappings, rules and schedules.

use std::path::Path;
use std::time::Duration;

use super::checks::{invocation, retry_policy};
use super::rules::{DestinationPlan, RulePlan, TargetPlan, queue_target};
use super::{Placed, Plan, sign_in};
use crate::deploy::events::{Pattern, QueueTarget};
use crate::deploy::lambda::{ACCOUNT_CONCURRENCY, ADDED_BY_THE_LOCAL_CLOUD, FunctionSpec, RESERVED};
use crate::deploy::schedule;
use crate::deploy::template::resources::{
    DeadLetterConfig, EventBridgeRuleEvent, FunctionEvent, FunctionProperties, HttpApiEvent, Resource, ScheduleEvent,
    SqsEvent,
};
use crate::deploy::template::{Deployed, TemplateError};

/// Lambda takes 4 KB of environment variables (aws-facts 5.6).
const MAX_ENVIRONMENT_BYTES: usize = 4096;

/// A queue that a function empties.
#[derive(Debug)]
pub struct MappingPlan {
    pub region: String,
    pub queue_url: String,
    pub queue_arn: String,
    pub batch_size: usize,
    pub maximum_concurrency: usize,
    pub report_failures: bool,
    /// The function's short name.
    pub function: String,
}

/// A function that is invoked at a fixed rate.
#[derive(Debug)]
pub struct SchedulePlan {
    pub function: String,
    pub input: String,
    pub period: Duration,
    /// Where EventBridge puts a tick that it could not deliver.
    pub dead_letters: Option<QueueTarget>,
}

/// One function while its properties are read.
struct Reader<'a> {
    placed: &'a Placed<'a>,
    deployed: &'a Deployed,
    short_name: String,
}

/// Adds the functions of a template and their events.
pub fn add(plan: &mut Plan, placed: &Placed<'_>, folder: &Path) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let Resource::Function(properties) = &deployed.resource else { continue };
        let reader = Reader { placed, deployed, short_name: short_name(properties) };
        let spec = reader.spec(plan, properties, folder)?;
        if plan.functions.iter().any(|other| other.short_name == spec.short_name || other.name == spec.name) {
            return Err(reader.problem("CodeUri", format!("there are two functions {}", spec.short_name)));
        }
        for (name, event) in &properties.events {
            reader.event(plan, properties, name, event)?;
        }
        plan.functions.push(spec);
    }
    for deployed in placed.resources() {
        let Resource::EventSourceMapping(mapping) = &deployed.resource else { continue };
        let function = placed.resources().find_map(|other| match &other.resource {
            Resource::Function(properties) if other.identity.reference == mapping.function_name => Some(properties),
            _ => None,
        });
        let reader = |short_name: String| Reader { placed, deployed, short_name };
        let Some(function) = function else {
            let problem = format!("{} is no function of the template", mapping.function_name);
            return Err(reader(String::new()).problem("FunctionName", problem));
        };
        reader(short_name(function)).mapping(plan, function, "", &mapping.event())?;
    }
    Ok(())
}

/// The last component of the folder, e.g. `provision`.
pub fn short_name(properties: &FunctionProperties) -> String {
    properties.code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

impl Reader<'_> {
    fn problem(&self, property: &str, problem: impl Into<String>) -> TemplateError {
        self.placed.problem(&self.deployed.logical, &format!("Properties.{property}"), problem)
    }

    fn spec(&self, plan: &Plan, properties: &FunctionProperties, folder: &Path) -> Result<FunctionSpec, TemplateError> {
        if properties.runtime != "provided.al2023" {
            let problem = format!("the local cloud runs provided.al2023 and not {}", properties.runtime);
            return Err(self.problem("Runtime", problem));
        }
        if !matches!(properties.timeout, 1..=900) {
            return Err(self.problem("Timeout", "Lambda takes 1 to 900 seconds"));
        }
        if !matches!(properties.memory_size, 128..=10_240) {
            return Err(self.problem("MemorySize", "Lambda takes 128 to 10240 MB"));
        }
        if !matches!(properties.architectures.as_slice(), [one] if one == "arm64" || one == "x86_64") {
            return Err(self.problem("Architectures", "Lambda takes one of arm64 and x86_64"));
        }
        let variables = properties.environment.variables.clone();
        for name in variables.keys() {
            if RESERVED.contains(&name.as_str()) || ADDED_BY_THE_LOCAL_CLOUD.contains(&name.as_str()) {
                let problem = "this name is kept for Lambda or for the local cloud";
                return Err(self.problem(&format!("Environment.Variables.{name}"), problem));
            }
        }
        if variables.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_ENVIRONMENT_BYTES {
            return Err(self.problem("Environment.Variables", "Lambda takes 4096 bytes of variables"));
        }
        let asynchronous = invocation(plan, properties.event_invoke_config.as_ref(), self.placed)
            .map_err(|problem| self.problem("EventInvokeConfig", problem))?;
        let identity = &self.deployed.identity;
        let log_group = properties.logging_config.as_ref().and_then(|config| config.log_group.clone());
        Ok(FunctionSpec {
            short_name: self.short_name.clone(),
            name: identity.name.clone(),
            arn: identity.attributes.get("Arn").cloned().unwrap_or_default(),
            region: self.placed.region.to_owned(),
            binary: folder.join(&self.short_name),
            handler: properties.handler.clone(),
            timeout: Duration::from_secs(properties.timeout.into()),
            memory_mb: properties.memory_size,
            log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", identity.name)),
            variables,
            concurrency: properties.reserved_concurrent_executions.unwrap_or(ACCOUNT_CONCURRENCY),
            asynchronous,
        })
    }

    fn event(
        &self,
        plan: &mut Plan,
        properties: &FunctionProperties,
        name: &str,
        event: &FunctionEvent,
    ) -> Result<(), TemplateError> {
        let place = format!("Events.{name}.Properties");
        match event {
            FunctionEvent::HttpApi(route) => self.route(plan, &place, route),
            FunctionEvent::Sqs(queue) => self.mapping(plan, properties, &format!("{place}."), queue),
            FunctionEvent::EventBridgeRule(rule) => self.rule(plan, &place, name, rule),
            FunctionEvent::Schedule(schedule) => self.schedule(plan, &place, name, schedule),
        }
    }

    fn route(&self, plan: &mut Plan, place: &str, route: &HttpApiEvent) -> Result<(), TemplateError> {
        let api = plan.api.as_mut().filter(|api| api.api_id == route.api_id);
        let Some(api) = api else {
            return Err(self.problem(&format!("{place}.ApiId"), "names no HTTP API of the template"));
        };
        let access = sign_in::access(api, plan.pool.as_ref(), &route.auth);
        let access = access.map_err(|why| self.problem(&format!("{place}.Auth"), why))?;
        let added = api.routes.add(route.method.as_deref(), route.path.as_deref(), &self.short_name);
        added.map_err(|error| self.problem(place, error.to_string()))?.access = access;
        Ok(())
    }

    fn mapping(
        &self,
        plan: &mut Plan,
        properties: &FunctionProperties,
        place: &str,
        event: &SqsEvent,
    ) -> Result<(), TemplateError> {
        let Some(queue) = plan.queue(&event.queue) else {
            return Err(self.problem(&format!("{place}Queue"), format!("{} is no queue of the template", event.queue)));
        };
        if queue.visibility_secs < properties.timeout {
            let problem = format!(
                "Lambda refuses a queue whose visibility timeout ({} s) is below the function's timeout ({} s)",
                queue.visibility_secs, properties.timeout
            );
            return Err(self.problem(&format!("{place}Queue"), problem));
        }
        if !matches!(event.batch_size, 1..=10) {
            return Err(self.problem(&format!("{place}BatchSize"), "without a batching window it is 1 to 10"));
        }
        let maximum_concurrency = event.scaling_config.as_ref().map_or(ACCOUNT_CONCURRENCY, |c| c.maximum_concurrency);
        if !matches!(maximum_concurrency, 2..=1000) {
            return Err(self.problem(&format!("{place}ScalingConfig.MaximumConcurrency"), "it is 2 to 1000"));
        }
        if let Some(unknown) = event.function_response_types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
            return Err(self.problem(&format!("{place}FunctionResponseTypes"), format!("{unknown} is not known")));
        }
        let mapping = MappingPlan {
            region: queue.region.clone(),
            queue_url: queue.url.clone(),
            queue_arn: queue.arn.clone(),
            batch_size: event.batch_size,
            maximum_concurrency,
            report_failures: !event.function_response_types.is_empty(),
            function: self.short_name.clone(),
        };
        plan.mappings.push(mapping);
        Ok(())
    }

    fn rule(&self, plan: &mut Plan, place: &str, name: &str, rule: &EventBridgeRuleEvent) -> Result<(), TemplateError> {
        let pattern = Pattern::read(&rule.pattern);
        let pattern = pattern.map_err(|error| self.problem(&format!("{place}.Pattern"), error.to_string()))?;
        let rule_name = self.rule_name(rule.rule_name.as_ref(), name);
        let target = TargetPlan {
            transformer: None,
            id: name.to_owned(),
            destination: DestinationPlan::Function(self.short_name.clone()),
            dead_letters: self.dead_letters(plan, place, rule.dead_letter_config.as_ref(), &rule_name)?,
        };
        retry_policy(rule.retry_policy.as_ref())
            .map_err(|problem| self.problem(&format!("{place}.RetryPolicy"), problem))?;
        plan.rules.push(RulePlan {
            bus: None,
            region: self.placed.region.to_owned(),
            name: rule_name,
            pattern,
            targets: vec![target],
        });
        Ok(())
    }

    fn schedule(&self, plan: &mut Plan, place: &str, name: &str, event: &ScheduleEvent) -> Result<(), TemplateError> {
        let period = schedule::period(&event.schedule);
        let period = period.map_err(|problem| self.problem(&format!("{place}.Schedule"), problem))?;
        let Some(input) = &event.input else {
            return Err(self.problem(place, "the local cloud needs an Input"));
        };
        if serde_json::from_str::<serde_json::Value>(input).is_err() {
            return Err(self.problem(&format!("{place}.Input"), "is not JSON"));
        }
        retry_policy(event.retry_policy.as_ref())
            .map_err(|problem| self.problem(&format!("{place}.RetryPolicy"), problem))?;
        let rule_name = self.rule_name(event.name.as_ref(), name);
        let dead_letters = self.dead_letters(plan, place, event.dead_letter_config.as_ref(), &rule_name)?;
        let (function, input) = (self.short_name.clone(), input.clone());
        plan.schedules.push(SchedulePlan { function, input, period, dead_letters });
        Ok(())
    }

    /// The name that SAM gives to the rule of an event, where the template gives none.
    fn rule_name(&self, given: Option<&String>, event: &str) -> String {
        given.cloned().unwrap_or_else(|| format!("{}{event}", self.deployed.logical))
    }

    fn dead_letters(
        &self,
        plan: &Plan,
        place: &str,
        config: Option<&DeadLetterConfig>,
        rule_name: &str,
    ) -> Result<Option<QueueTarget>, TemplateError> {
        let Some(config) = config else { return Ok(None) };
        // arn:partition:lambda:region:account:function:name
        let arn = self.deployed.identity.attributes.get("Arn").map(String::as_str).unwrap_or_default();
        let parts = arn.split(':').collect::<Vec<_>>();
        let [scheme, partition, _, region, account, ..] = parts.as_slice() else {
            return Err(self.problem(place, format!("{arn} is no function's ARN")));
        };
        let rule_arn = format!("{scheme}:{partition}:events:{region}:{account}:rule/{rule_name}");
        match queue_target(plan, self.placed, &config.arn, &rule_arn) {
            Some(queue) => Ok(Some(queue)),
            None => {
                let problem = format!("{} is no queue of the template", config.arn);
                Err(self.problem(&format!("{place}.DeadLetterConfig"), problem))
            }
        }
    }
}
