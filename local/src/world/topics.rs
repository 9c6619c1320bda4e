//! SNS topics, as far as a rule publishes to them: what was published, and who would have got it. No mail is sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ms, World};

/// Notes that a topic keeps for whoever looks.
const NOTES_KEPT: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub subscriptions: Vec<Subscription>,
    /// The newest last.
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub protocol: String,
    pub endpoint: String,
}

/// Something that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Ms,
    pub text: String,
}

impl World {
    /// A topic that an earlier run left keeps its notes.
    pub fn add_topic(&mut self, arn: &str, subscriptions: Vec<Subscription>) {
        self.topics.entry(arn.to_owned()).or_default().subscriptions = subscriptions;
    }

    pub fn topics(&self) -> &BTreeMap<String, Topic> {
        &self.topics
    }

    /// # Errors
    /// There is no such topic.
    pub fn publish_note(&mut self, arn: &str, at: Ms, text: String) -> Result<(), String> {
        let topic = self.topics.get_mut(arn).ok_or_else(|| format!("there is no topic {arn}"))?;
        topic.notes.push(Note { at, text });
        let more = topic.notes.len().saturating_sub(NOTES_KEPT);
        topic.notes.drain(..more);
        Ok(())
    }
}
