//! SQS standard queues: visibility, delays, receive counts and redrive to a dead-letter queue (aws-facts 5.4b).
//!
//! Delays are durations of the account and are divided by the speed. Visibility timeouts are not: they guard
//! functions, whose timeouts run in real time.

mod attributes;
mod message;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AwsError, Dice, Ms, Tags, World};
pub use attributes::{QueueSettings, Redrive};
use message::{Message, Receipt};
pub use message::{MessageAttribute, Received, Sent, TRACE_HEADER, md5_hex, md5_of_attributes};

/// The longest delay of a message.
pub const MAX_DELAY_SECS: i64 = 900;
/// The longest visibility timeout.
pub const MAX_VISIBILITY_SECS: i64 = 43_200;
/// Messages that one receive may answer with.
pub const MAX_RECEIVE: usize = 10;

/// The queues of one region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sqs {
    queues: BTreeMap<String, Queue>,
}

impl Sqs {
    /// By name.
    pub fn queues(&self) -> &BTreeMap<String, Queue> {
        &self.queues
    }
}

/// One standard queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    pub name: String,
    pub arn: String,
    pub url: String,
    pub created: Ms,
    pub modified: Ms,
    pub settings: QueueSettings,
    pub tags: Tags,
    messages: BTreeMap<u64, Message>,
    /// (visible from, sequence number): the order in which messages are received.
    order: BTreeSet<(Ms, u64)>,
    sequence: u64,
}

/// A message to send.
#[derive(Clone, Debug, Default)]
pub struct Send {
    pub body: String,
    /// The queue's own delay where absent.
    pub delay_secs: Option<i64>,
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// The one attribute that a sender may set of those that SQS itself reads: `AWSTraceHeader`.
    pub trace: Option<String>,
}

/// How messages are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Receive {
    pub max: usize,
    /// The queue's own visibility timeout where absent.
    pub visibility_secs: Option<i64>,
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    pub visible: usize,
    pub in_flight: usize,
    pub delayed: usize,
}

impl World {
    /// Creates a queue, or answers the URL of the one that exists with the same attributes.
    pub fn create_queue(
        &mut self,
        region: &str,
        name: &str,
        attributes: &BTreeMap<String, String>,
        tags: Tags,
        now: Ms,
    ) -> Result<String, AwsError> {
        check_name(name)?;
        let mut settings = QueueSettings::default();
        settings.apply(attributes)?;
        if let Some(queue) = self.region(region).sqs.queues.get(name) {
            if attributes.is_empty() || queue.settings == settings {
                return Ok(queue.url.clone());
            }
            let message = "A queue already exists with the same name and a different value for an attribute";
            return Err(AwsError::new(400, "QueueNameExists", message));
        }
        let arn = self.arn("sqs", region, name);
        let url = format!("https://sqs.{region}.amazonaws.com/{}/{name}", self.account);
        let queue = Queue {
            name: name.to_owned(),
            arn,
            url: url.clone(),
            created: now,
            modified: now,
            settings,
            tags,
            messages: BTreeMap::new(),
            order: BTreeSet::new(),
            sequence: 0,
        };
        self.region(region).sqs.queues.insert(name.to_owned(), queue);
        Ok(url)
    }

    /// Deletes a queue with all its messages.
    pub fn delete_queue(&mut self, region: &str, url: &str) -> Result<(), AwsError> {
        let name = self.queue(region, url)?.name.clone();
        self.region(region).sqs.queues.remove(&name);
        Ok(())
    }

    /// The queue behind a URL (or a plain name).
    pub fn queue(&mut self, region: &str, url: &str) -> Result<&mut Queue, AwsError> {
        let name = url.rsplit('/').next().unwrap_or(url);
        self.region(region).sqs.queues.get_mut(name).ok_or_else(no_such_queue)
    }

    /// The queues of a region whose name begins with `prefix`, in the order of their names.
    pub fn queues(&self, region: &str, prefix: &str) -> Vec<&Queue> {
        let Some(region) = self.regions.get(region) else {
            return Vec::new();
        };
        region.sqs.queues.values().filter(|queue| queue.name.starts_with(prefix)).collect()
    }

    /// Puts a message into a queue.
    pub fn send_message(&mut self, region: &str, url: &str, send: Send, now: Ms) -> Result<Sent, AwsError> {
        let speed = self.speed;
        let message_id = self.dice.uuid();
        let queue = self.queue(region, url)?;
        if send.body.is_empty() {
            return Err(missing("MessageBody"));
        }
        if send.body.len() > queue.settings.maximum_bytes {
            let limit = queue.settings.maximum_bytes;
            let message =
                format!("One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.");
            return Err(invalid(message));
        }
        if !send.body.chars().all(message::allowed) {
            let message = "The message contains characters outside the allowed set.";
            return Err(AwsError::new(400, "InvalidMessageContents", message));
        }
        let delay_secs = send.delay_secs.unwrap_or(queue.settings.delay_secs);
        if !(0..=MAX_DELAY_SECS).contains(&delay_secs) {
            return Err(out_of_range("DelaySeconds", delay_secs, MAX_DELAY_SECS));
        }
        // Delays are minutes: a double holds them exactly enough.
        let delay = (delay_secs as f64 * 1000.0 / speed) as Ms;
        let message = Message::new(message_id, send, now, delay);
        let sent = message.sent();
        queue.insert(message);
        Ok(sent)
    }

    /// Hands out visible messages and hides each for the visibility timeout. A message that was received as often
    /// as the redrive policy allows goes to the dead-letter queue instead.
    pub fn receive_messages(
        &mut self,
        region: &str,
        url: &str,
        ask: Receive,
        now: Ms,
    ) -> Result<Vec<Received>, AwsError> {
        if !(1..=MAX_RECEIVE).contains(&ask.max) {
            let message = format!(
                "Value {} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
                ask.max
            );
            return Err(invalid(message));
        }
        let mut dice = self.dice.clone();
        let queue = self.queue(region, url)?;
        let visibility = ask.visibility_secs.unwrap_or(queue.settings.visibility_secs);
        if !(0..=MAX_VISIBILITY_SECS).contains(&visibility) {
            return Err(out_of_range("VisibilityTimeout", visibility, MAX_VISIBILITY_SECS));
        }
        queue.expire(now);
        let mut dead = Vec::new();
        let mut received = Vec::new();
        while received.len() < ask.max {
            let Some(sequence) = queue.next_visible(now) else { break };
            if queue.worn_out(sequence) {
                dead.extend(queue.remove(sequence));
                continue;
            }
            received.push(queue.hand_out(sequence, now, visibility, &mut dice));
        }
        let redrive = queue.settings.redrive.clone();
        let source = queue.arn.clone();
        self.dice = dice;
        if let Some(redrive) = redrive {
            self.bury(region, &redrive, &source, dead);
        }
        Ok(received)
    }

    /// Deletes a received message. An outdated receipt handle succeeds without effect, as on AWS.
    pub fn delete_message(&mut self, region: &str, url: &str, receipt_handle: &str) -> Result<(), AwsError> {
        let receipt = Receipt::parse(receipt_handle)?;
        let queue = self.queue(region, url)?;
        if queue.messages.get(&receipt.sequence).is_some_and(|message| message.holds(&receipt)) {
            queue.remove(receipt.sequence);
        }
        Ok(())
    }

    /// Hides a received message for `secs` from now on; 0 gives it back.
    pub fn change_message_visibility(
        &mut self,
        region: &str,
        url: &str,
        receipt_handle: &str,
        secs: i64,
        now: Ms,
    ) -> Result<(), AwsError> {
        let receipt = Receipt::parse(receipt_handle)?;
        if !(0..=MAX_VISIBILITY_SECS).contains(&secs) {
            return Err(out_of_range("VisibilityTimeout", secs, MAX_VISIBILITY_SECS));
        }
        let queue = self.queue(region, url)?;
        let in_flight = queue.messages.get(&receipt.sequence).filter(|message| message.holds(&receipt));
        match in_flight.map(|message| message.visible_from) {
            Some(visible_from) if visible_from > now => {
                queue.hide(receipt.sequence, now + secs * 1000);
                Ok(())
            }
            Some(_) | None => {
                let message = "The specified message is not in flight.";
                Err(AwsError::new(400, "MessageNotInflight", message))
            }
        }
    }

    /// Removes every message of a queue.
    pub fn purge_queue(&mut self, region: &str, url: &str) -> Result<(), AwsError> {
        let queue = self.queue(region, url)?;
        queue.messages.clear();
        queue.order.clear();
        Ok(())
    }

    /// Moves worn-out messages to the dead-letter queue; where that does not exist they are lost with a warning.
    fn bury(&mut self, region: &str, redrive: &Redrive, source: &str, dead: Vec<Message>) {
        let name = redrive.dead_letter_target_arn.rsplit(':').next().unwrap_or_default().to_owned();
        match self.region(region).sqs.queues.get_mut(&name) {
            Some(target) => {
                for message in dead {
                    target.insert(message.buried(source));
                }
            }
            None if dead.is_empty() => {}
            None => tracing::warn!(target = redrive.dead_letter_target_arn, "dead-letter queue does not exist"),
        }
    }
}

impl Queue {
    /// How many messages are waiting, in flight and delayed.
    pub fn depth(&self, now: Ms) -> Depth {
        let mut depth = Depth::default();
        for message in self.messages.values() {
            if message.visible_from <= now {
                depth.visible += 1;
            } else if message.receive_count == 0 {
                depth.delayed += 1;
            } else {
                depth.in_flight += 1;
            }
        }
        depth
    }

    /// When the next message can be received; in the past when one can be now.
    pub fn next_due(&self) -> Option<Ms> {
        self.order.first().map(|(visible_from, _)| *visible_from)
    }

    /// The bodies of all messages, oldest first, whether visible or not: for tests and for a person who looks.
    pub fn bodies(&self) -> Vec<&str> {
        self.messages.values().map(|message| message.body.as_str()).collect()
    }

    fn insert(&mut self, message: Message) {
        self.sequence += 1;
        self.order.insert((message.visible_from, self.sequence));
        self.messages.insert(self.sequence, message);
    }

    fn remove(&mut self, sequence: u64) -> Option<Message> {
        let message = self.messages.remove(&sequence)?;
        self.order.remove(&(message.visible_from, sequence));
        Some(message)
    }

    fn next_visible(&self, now: Ms) -> Option<u64> {
        self.order.first().filter(|(visible_from, _)| *visible_from <= now).map(|(_, sequence)| *sequence)
    }

    fn worn_out(&self, sequence: u64) -> bool {
        let count = self.messages.get(&sequence).map_or(0, |message| message.receive_count);
        self.settings.redrive.as_ref().is_some_and(|redrive| count >= redrive.max_receive_count)
    }

    fn hide(&mut self, sequence: u64, until: Ms) {
        if let Some(message) = self.messages.get_mut(&sequence) {
            self.order.remove(&(message.visible_from, sequence));
            message.visible_from = until;
            self.order.insert((until, sequence));
        }
    }

    fn hand_out(&mut self, sequence: u64, now: Ms, visibility_secs: i64, dice: &mut Dice) -> Received {
        // A timeout of 0 gives the message back at once, but not to the same receive call.
        self.hide(sequence, now + (visibility_secs * 1000).max(1));
        let message = self.messages.get_mut(&sequence).expect("BUG: a message in the order is in the queue");
        message.hand_out(sequence, now, dice)
    }

    fn expire(&mut self, now: Ms) {
        let oldest = now - self.settings.retention_secs * 1000;
        let old = self.messages.iter().take_while(|(_, message)| message.sent_at < oldest);
        for sequence in old.map(|(sequence, _)| *sequence).collect::<Vec<_>>() {
            self.remove(sequence);
        }
    }
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=80).contains(&name.len()) && name.chars().all(legal) {
        return Ok(());
    }
    Err(invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"))
}

fn no_such_queue() -> AwsError {
    AwsError::new(400, "QueueDoesNotExist", "The specified queue does not exist.")
}

pub(crate) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterValue", message)
}

fn missing(parameter: &str) -> AwsError {
    let message = format!("The request must contain the parameter {parameter}.");
    AwsError::new(400, "MissingParameter", message)
}

fn out_of_range(parameter: &str, value: i64, max: i64) -> AwsError {
    let message = format!(
        "Value {value} for parameter {parameter} is invalid. Reason: Must be between 0 and {max}, if provided."
    );
    invalid(message)
}
