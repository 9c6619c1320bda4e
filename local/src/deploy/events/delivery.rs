//! Takes the world's events to the targets of the rules that match them: queues, functions, another region's bus.

use std::sync::Arc;

use axum::body::Bytes;
use serde_json::Value;

use super::{AsyncFunction, Pattern, Transformer};
use crate::cloud::Cloud;
use crate::world::Emitted;
use crate::world::sqs::Send;

/// A rule on a bus of its region.
pub struct Rule {
    pub region: String,
    /// None: the default bus.
    pub bus: Option<String>,
    pub name: String,
    pub pattern: Pattern,
    pub targets: Vec<Target>,
}

/// Where a rule sends what it matches.
pub struct Target {
    pub id: String,
    pub destination: Destination,
    /// What is sent in the place of the event.
    pub transformer: Option<Transformer>,
    /// Where EventBridge puts what it could not deliver.
    pub dead_letters: Option<QueueTarget>,
}

pub enum Destination {
    Queue(QueueTarget),
    Topic(TopicTarget),
    Function(AsyncFunction),
    /// The default bus of another region.
    Bus {
        region: String,
    },
}

/// A queue, and whether its policy lets the rule send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueTarget {
    pub region: String,
    pub url: String,
    pub allowed: bool,
}

/// A topic, and whether its policy and its key let the rule publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTarget {
    pub arn: String,
    pub allowed: bool,
}

/// The buses of the account.
pub struct Router {
    pub cloud: Arc<Cloud>,
    pub rules: Vec<Rule>,
    pub speed: f64,
}

impl Router {
    /// Delivers an event that reached the bus of its region.
    pub fn deliver(&self, emitted: &Emitted) {
        for other in self.deliver_on(&emitted.region, emitted.bus.as_deref(), &emitted.event) {
            // An event that came from another bus is not sent to a third one.
            self.deliver_on(&other, None, &emitted.event);
        }
    }

    /// Delivers on one bus; answers the regions that it is to be sent on to.
    fn deliver_on(&self, region: &str, bus: Option<&str>, event: &Value) -> Vec<String> {
        let mut onward = Vec::new();
        let here = |rule: &&Rule| rule.region == region && rule.bus.as_deref() == bus;
        let rules = self.rules.iter().filter(here).filter(|rule| rule.pattern.matches(event));
        for (rule, target) in rules.flat_map(|rule| rule.targets.iter().map(move |target| (rule, target))) {
            match &target.destination {
                Destination::Queue(queue) => {
                    let sent = self.send(queue, event);
                    self.or_bury(rule, target, sent, event);
                }
                Destination::Topic(topic) => {
                    let sent = self.publish(topic, target, event);
                    self.or_bury(rule, target, sent, event);
                }
                Destination::Function(function) => {
                    let payload = Bytes::from(event.to_string());
                    tokio::spawn(function.clone().invoke(self.cloud.clone(), payload, self.speed));
                }
                Destination::Bus { region } => onward.push(region.clone()),
            }
        }
        onward
    }

    /// A refusal by policy is not retried: the event goes to the dead letters or is lost.
    fn or_bury(&self, rule: &Rule, target: &Target, sent: Result<(), String>, event: &Value) {
        let problem = match sent {
            Ok(()) => return,
            Err(problem) => problem,
        };
        let buried = target.dead_letters.as_ref().map(|dead_letters| self.send(dead_letters, event));
        match buried {
            Some(Ok(())) => {
                tracing::warn!(rule = rule.name, target = target.id, problem, "event went to the dead letters")
            }
            Some(Err(second)) => {
                tracing::warn!(rule = rule.name, target = target.id, problem, second, "event lost");
            }
            None => tracing::warn!(rule = rule.name, target = target.id, problem, "event lost"),
        }
    }

    fn publish(&self, topic: &TopicTarget, target: &Target, event: &Value) -> Result<(), String> {
        if !topic.allowed {
            return Err(format!("the policy or the key of {} does not let the rule publish", topic.arn));
        }
        let text = target.transformer.as_ref().map_or_else(|| event.to_string(), |it| it.apply(event));
        self.cloud.with_world(|world, now| world.publish_note(&topic.arn, now, text))
    }

    fn send(&self, queue: &QueueTarget, event: &Value) -> Result<(), String> {
        if !queue.allowed {
            return Err(format!("the policy of {} does not let the rule send", queue.url));
        }
        let message = Send { body: event.to_string(), ..Send::default() };
        let sent = self.cloud.with_world(|world, now| world.send_message(&queue.region, &queue.url, message, now));
        sent.map(|_| ()).map_err(|error| error.to_string())
    }
}
