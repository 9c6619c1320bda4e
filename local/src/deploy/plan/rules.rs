//! Rules with their targets, and what the queue policies let them do.

use super::checks::retry_policy;
use super::{Placed, Plan};
use crate::deploy::events::{Pattern, QueueTarget, lets_rule_send};
use crate::deploy::template::resources::{PolicyDocument, Resource, RuleProperties, RuleTarget};
use crate::deploy::template::{Deployed, TemplateError};

/// A rule on a bus of a region.
#[derive(Debug)]
pub struct RulePlan {
    pub region: String,
    /// None: the default bus.
    pub bus: Option<String>,
    pub name: String,
    pub pattern: Pattern,
    pub targets: Vec<TargetPlan>,
}

#[derive(Debug)]
pub struct TargetPlan {
    pub id: String,
    pub destination: DestinationPlan,
    pub dead_letters: Option<QueueTarget>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum DestinationPlan {
    Queue(QueueTarget),
    /// The function's short name.
    Function(String),
    Bus {
        region: String,
    },
}

/// Adds the rules of a template that are enabled.
pub fn add(plan: &mut Plan, placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let Resource::Rule(rule) = &deployed.resource else { continue };
        let problem = |place: &str, problem: String| {
            Err(placed.problem(&deployed.logical, &format!("Properties.{place}"), problem))
        };
        let bus = rule.event_bus_name.clone().filter(|bus| bus != "default");
        if let Some(bus) = bus.as_ref().filter(|bus| !plan.has_bus(placed.region, bus)) {
            return problem("EventBusName", format!("{bus} is neither the default bus nor one of the template"));
        }
        match rule.state.as_deref() {
            None | Some("ENABLED") => {}
            Some("DISABLED") => continue,
            Some(other) => return problem("State", format!("{other} is neither ENABLED nor DISABLED")),
        }
        let pattern = match Pattern::read(&rule.event_pattern) {
            Ok(pattern) => pattern,
            Err(error) => return problem("EventPattern", error.to_string()),
        };
        let targets = targets(plan, placed, deployed, rule)?;
        let name = deployed.identity.name.clone();
        plan.rules.push(RulePlan { region: placed.region.to_owned(), bus, name, pattern, targets });
    }
    Ok(())
}

fn targets(
    plan: &Plan,
    placed: &Placed<'_>,
    deployed: &Deployed,
    rule: &RuleProperties,
) -> Result<Vec<TargetPlan>, TemplateError> {
    // EventBridge takes five targets a rule (aws-facts 5.4).
    if !matches!(rule.targets.len(), 1..=5) {
        return Err(placed.problem(&deployed.logical, "Properties.Targets", "a rule has 1 to 5 targets"));
    }
    let mut targets = Vec::new();
    for (index, target) in rule.targets.iter().enumerate() {
        let place = format!("Properties.Targets[{index}]");
        let problem = |problem: String| placed.problem(&deployed.logical, &place, problem);
        let rule_arn = deployed.identity.attributes.get("Arn").map(String::as_str).unwrap_or_default();
        let destination = destination(plan, placed, target, rule_arn).map_err(problem)?;
        retry_policy(target.retry_policy.as_ref()).map_err(problem)?;
        let dead_letters = match &target.dead_letter_config {
            None => None,
            Some(config) => {
                let queue = queue_target(plan, placed, &config.arn, rule_arn);
                Some(queue.ok_or_else(|| problem(format!("{} is no queue of the template", config.arn)))?)
            }
        };
        targets.push(TargetPlan { id: target.id.clone(), destination, dead_letters });
    }
    Ok(targets)
}

fn destination(
    plan: &Plan,
    placed: &Placed<'_>,
    target: &RuleTarget,
    rule_arn: &str,
) -> Result<DestinationPlan, String> {
    if let Some(queue) = queue_target(plan, placed, &target.arn, rule_arn) {
        return Ok(DestinationPlan::Queue(queue));
    }
    let parts = target.arn.split(':').collect::<Vec<_>>();
    match parts.as_slice() {
        ["arn", _, "events", region, _, "event-bus/default"] if *region != placed.region => {
            // Sending to another bus needs a role with events:PutEvents (aws-facts 4).
            if target.role_arn.is_none() {
                return Err("a bus of another region needs a RoleArn".to_owned());
            }
            Ok(DestinationPlan::Bus { region: (*region).to_owned() })
        }
        _ => Err(format!("{} is neither a queue of the template nor the default bus of another region", target.arn)),
    }
}

/// A queue as the target of a rule, and whether its policy lets the rule send.
pub fn queue_target(plan: &Plan, placed: &Placed<'_>, arn: &str, rule_arn: &str) -> Option<QueueTarget> {
    let queue = plan.queue(arn)?;
    let mut documents = policies(placed, &queue.url);
    let allowed = documents.any(|document| lets_rule_send(document, arn, rule_arn));
    Some(QueueTarget { region: queue.region.clone(), url: queue.url.clone(), allowed })
}

/// The documents of the policy resources that name a queue.
fn policies<'a>(placed: &'a Placed<'_>, url: &'a str) -> impl Iterator<Item = &'a PolicyDocument> {
    placed.resources().filter_map(move |deployed| match &deployed.resource {
        Resource::QueuePolicy(policy) if policy.queues.iter().any(|queue| queue == url) => {
            Some(&policy.policy_document)
        }
        _ => None,
    })
}
