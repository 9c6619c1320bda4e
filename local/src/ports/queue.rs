//! The wake-ups queue of a simulated life: delays, visibility, at least once.

use super::Sim;
use crate::world::Ms;
use headend_control::ports::Wakeups;
use headend_domain::ids::PlatformKey;

/// Visibility timeout of the queue in the template.
const VISIBILITY_MS: Ms = 180_000;

/// A message that is out for delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub number: u64,
    pub body: String,
}

#[derive(Debug, Clone)]
struct Message {
    number: u64,
    body: String,
    visible_at: Ms,
}

#[derive(Debug)]
pub struct Queue {
    messages: Vec<Message>,
    numbers: u64,
    /// How often what is sent arrives.
    pub copies: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self { messages: Vec::new(), numbers: 0, copies: 1 }
    }
}

impl Queue {
    pub fn send(&mut self, body: String, visible_at: Ms) {
        for _ in 0..self.copies {
            self.post(body.clone(), visible_at);
        }
    }

    /// A message that gets through whatever happens to wake-ups: EventBridge's.
    pub fn post(&mut self, body: String, visible_at: Ms) {
        self.numbers += 1;
        self.messages.push(Message { number: self.numbers, body, visible_at });
    }

    /// The message that has waited longest; it stays invisible until it is deleted or the time is over.
    pub fn receive(&mut self, now: Ms) -> Option<Delivery> {
        let message = self
            .messages
            .iter_mut()
            .filter(|message| message.visible_at <= now)
            .min_by_key(|message| (message.visible_at, message.number))?;
        message.visible_at = now + VISIBILITY_MS;
        Some(Delivery { number: message.number, body: message.body.clone() })
    }

    pub fn delete(&mut self, number: u64) {
        self.messages.retain(|message| message.number != number);
    }

    pub fn next_visible(&self) -> Option<Ms> {
        self.messages.iter().map(|message| message.visible_at).min()
    }
}

impl Wakeups for Sim {
    async fn wake(&self, key: &PlatformKey, delay_secs: i64) -> Result<(), String> {
        let body = format!("{{\"platform\":\"{key}\"}}");
        self.call("SendMessage", true, &key.id, move |inner| {
            let visible_at = inner.now + delay_secs * 1000;
            inner.queue.send(body, visible_at);
        })
        .await
        .map_err(|_| "no answer".to_owned())
    }
}
