//! Rules with their targets, and what the queue policies let them do.

use super::checks::retry_policy;
use super::{Placed, Plan};
use crate::deploy::events::{Pattern, QueueTarget, TopicTarget, Transformer, lets_rule};
use crate::deploy::template::resources::{PolicyDocument, Resource, RuleProperties, RuleTarget};
use crate::deploy::template::topics::Notes;
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
    pub transformer: Option<Transformer>,
    pub dead_letters: Option<QueueTarget>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum DestinationPlan {
    Queue(QueueTarget),
    Topic(TopicTarget),
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
        let transformer = target.input_transformer.as_ref().map(Transformer::read).transpose();
        let transformer = transformer.map_err(|why| problem(format!("InputTransformer: {why}")))?;
        if transformer.is_some() && !matches!(destination, DestinationPlan::Topic(_)) {
            return Err(problem("the local cloud transforms what goes to topics only".to_owned()));
        }
        let dead_letters = match &target.dead_letter_config {
            None => None,
            Some(config) => {
                let queue = queue_target(plan, placed, &config.arn, rule_arn);
                Some(queue.ok_or_else(|| problem(format!("{} is no queue of the template", config.arn)))?)
            }
        };
        targets.push(TargetPlan { id: target.id.clone(), destination, transformer, dead_letters });
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
    if plan.topics.iter().any(|topic| topic.arn == target.arn) {
        return Ok(DestinationPlan::Topic(topic_target(placed, &target.arn, rule_arn)));
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
        _ => Err(format!(
            "{} is neither a queue nor a topic of the template nor the default bus of another region",
            target.arn
        )),
    }
}

/// A queue as the target of a rule, and whether its policy lets the rule send.
pub fn queue_target(plan: &Plan, placed: &Placed<'_>, arn: &str, rule_arn: &str) -> Option<QueueTarget> {
    let queue = plan.queue(arn)?;
    let mut documents = policies(placed, &queue.url);
    let allowed = documents.any(|document| lets_rule(document, "sqs:sendmessage", arn, rule_arn));
    Some(QueueTarget { region: queue.region.clone(), url: queue.url.clone(), allowed })
}

/// AWS's own key for SNS: its policy lets no other service use it, and nobody can change that.
const OWN_KEY: &str = "alias/aws/sns";

fn topic_target(placed: &Placed<'_>, arn: &str, rule_arn: &str) -> TopicTarget {
    let lets = placed.resources().any(|deployed| match &deployed.resource {
        Resource::Notes(Notes::Policy(policy)) if policy.topics.iter().any(|topic| topic == arn) => {
            lets_rule(&policy.policy_document, "sns:publish", arn, rule_arn)
        }
        _ => false,
    });
    let locked = placed.resources().any(|deployed| match &deployed.resource {
        Resource::Notes(Notes::Topic(topic)) if deployed.identity.reference == arn => {
            topic.kms_master_key_id.as_deref() == Some(OWN_KEY)
        }
        _ => false,
    });
    TopicTarget { arn: arn.to_owned(), allowed: lets && !locked }
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
