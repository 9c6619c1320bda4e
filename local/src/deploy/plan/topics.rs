//! SNS topics with their subscriptions.

use super::{Placed, Plan, TopicPlan};
use crate::deploy::template::TemplateError;
use crate::deploy::template::resources::Resource;
use crate::deploy::template::topics::Notes;
use crate::world::Subscription;

/// Adds the topics of a template.
pub fn add(plan: &mut Plan, placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        if let Resource::Notes(Notes::Topic(_)) = &deployed.resource {
            let arn = deployed.identity.reference.clone();
            plan.topics.push(TopicPlan { arn, subscriptions: Vec::new() });
        }
    }
    for deployed in placed.resources() {
        let problem = |place: &str, problem: String| placed.problem(&deployed.logical, place, problem);
        match &deployed.resource {
            Resource::Notes(Notes::Subscription(given)) => {
                let topic = plan.topics.iter_mut().find(|topic| topic.arn == given.topic_arn);
                let topic = topic.ok_or_else(|| {
                    problem("Properties.TopicArn", format!("{} is no topic of the template", given.topic_arn))
                })?;
                if given.protocol != "email" {
                    let words = format!("the local cloud knows the protocol email and not {}", given.protocol);
                    return Err(problem("Properties.Protocol", words));
                }
                if !given.endpoint.contains('@') {
                    return Err(problem("Properties.Endpoint", format!("{} is no address", given.endpoint)));
                }
                let (protocol, endpoint) = (given.protocol.clone(), given.endpoint.clone());
                topic.subscriptions.push(Subscription { protocol, endpoint });
            }
            Resource::Notes(Notes::Policy(policy)) => {
                if let Some(other) = policy.topics.iter().find(|arn| !plan.topics.iter().any(|it| it.arn == **arn)) {
                    return Err(problem("Properties.Topics", format!("{other} is no topic of the template")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
