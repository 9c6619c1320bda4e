//! `deliver-webhooks`: posts the stack's messages to those who asked for them. A message becomes a delivery per webhook, written
//! down before the first attempt; what is not taken is tried again by the sweep, for a day. Deliveries of one webhook go out
//! one after the other, in the order of their sequences as far as they are at hand; webhooks do not wait for each other.

use crate::handlers::events::{Trigger, bus_event};
use crate::handlers::provision::Invocation;
use crate::ports::{Clock, Post};
use crate::store::{StoreError, Stored};
use crate::webhooks::{Deliveries, DeliveryKey, Kept, Webhooks, attempt};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::join_all;
use headend_domain::limits::{ATTEMPT_BUDGET_MILLIS, DELIVERY_CLAIM_SECS, DELIVERY_PAGE, Limits};
use headend_domain::time::Timestamp;
use headend_domain::webhook::{Answer, Delivery, Fate, Heard, Trouble};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub struct Deliverer<'a, S, P, C> {
    pub store: &'a S,
    pub post: &'a P,
    pub clock: &'a C,
    pub limits: Limits,
}

/// A delivery that this invocation has.
struct Taken {
    key: DeliveryKey,
    delivery: Delivery,
}

/// By tenant and webhook.
type Lanes = BTreeMap<(String, String), (Kept, Vec<Taken>)>;

impl<S: Webhooks + Deliveries, P: Post, C: Clock> Deliverer<'_, S, P, C> {
    /// # Errors
    /// Only for a sweep that could not read the table; a batch reports its failures by message.
    pub async fn handle(&self, trigger: Trigger, invocation: &Invocation) -> Result<Value, StoreError> {
        match trigger {
            Trigger::Batch(batch) => Ok(json!(self.batch(batch, invocation).await)),
            Trigger::Sweep(sweep) if sweep.sweep => Ok(json!({"tried": self.sweep(invocation).await?})),
            Trigger::Sweep(_) => Ok(json!({"tried": 0})),
        }
    }

    /// A message is done with when its deliveries are written down: from then on the table remembers them, not the queue.
    async fn batch(&self, batch: SqsEvent, invocation: &Invocation) -> SqsBatchResponse {
        let (mut answer, mut lanes) = (SqsBatchResponse::default(), Lanes::new());
        for message in batch.records {
            let heard = bus_event(&message.body.unwrap_or_default()).and_then(|detail| Heard::read(&detail));
            let id = message.message_id.unwrap_or_default();
            let Some(heard) = heard else {
                tracing::error!(metric = "UnreadableMessages", message = id, "a message on the bus is none of ours");
                continue;
            };
            if let Err(error) = self.open(&heard, &mut lanes).await {
                tracing::warn!(message = heard.id, %error, "a message could not be written down and will come again");
                answer.add_failure(id);
            }
        }
        self.deliver(lanes, invocation).await;
        answer
    }

    /// Writes down who is to get the message. One that comes twice is there already.
    async fn open(&self, heard: &Heard, lanes: &mut Lanes) -> Stored<()> {
        let now = self.clock.now();
        for kept in self.store.webhooks(&heard.tenant).await? {
            if !kept.webhook.hears(heard) {
                continue;
            }
            let (tenant, webhook) = (heard.tenant.clone(), kept.webhook.id.clone());
            let key = DeliveryKey { tenant: tenant.clone(), webhook: webhook.clone(), message: heard.id.clone() };
            let delivery = Delivery::new(heard, now);
            if self.store.open_delivery(&key, &delivery, now.plus_secs(DELIVERY_CLAIM_SECS)).await? {
                lanes.entry((tenant, webhook)).or_insert((kept, Vec::new())).1.push(Taken { key, delivery });
            }
        }
        Ok(())
    }

    /// Takes what is due: tries whose time has come, and deliveries of functions that were killed.
    async fn sweep(&self, invocation: &Invocation) -> Stored<usize> {
        let now = self.clock.now();
        let mut lanes = Lanes::new();
        for (key, due_at) in self.store.due_deliveries(now, DELIVERY_PAGE).await? {
            if !self.store.claim_delivery(&key, due_at, now.plus_secs(DELIVERY_CLAIM_SECS)).await? {
                continue;
            }
            let Some(delivery) = self.store.delivery(&key).await? else { continue };
            let lane = (key.tenant.clone(), key.webhook.clone());
            if !lanes.contains_key(&lane) {
                let Some(kept) = self.store.webhook(&key.tenant, &key.webhook).await? else {
                    // The webhook is deleted, and its log goes with it.
                    self.store.forget_delivery(&key).await?;
                    continue;
                };
                lanes.insert(lane.clone(), (kept, Vec::new()));
            }
            lanes.entry(lane).and_modify(|(_, taken)| taken.push(Taken { key, delivery }));
        }
        Ok(self.deliver(lanes, invocation).await)
    }

    async fn deliver(&self, lanes: Lanes, invocation: &Invocation) -> usize {
        let lanes = lanes.into_values().map(|(kept, taken)| self.lane(kept, taken, invocation.deadline));
        join_all(lanes).await.into_iter().sum()
    }

    /// How many were tried. After a failure the others wait for that one's next try: an address that is down is asked once a
    /// round, and when it answers again, they follow in their order.
    async fn lane(&self, kept: Kept, mut taken: Vec<Taken>, deadline: Timestamp) -> usize {
        taken.sort_by_key(|it| (it.delivery.platform.clone(), it.delivery.sequence, it.delivery.created_at));
        let Kept { webhook, mut trouble } = kept;
        let (mut tried, mut blocked) = (0, None::<Timestamp>);
        for Taken { key, delivery } in taken {
            let now = self.clock.now();
            // What is left has been taken by this invocation, and is due again when that is over.
            if deadline.millis_since(now) < ATTEMPT_BUDGET_MILLIS {
                break;
            }
            let pause = || now.plus_millis(self.limits.webhook_pause_millis(delivery.tries));
            let after = if let Some(until) = blocked {
                delivery.later(until, self.limits)
            } else if !webhook.wish.enabled {
                delivery.later(pause(), self.limits)
            } else {
                tried += 1;
                let after = attempt(self.post, self.clock, self.limits, &webhook, &delivery).await;
                self.tell(&key, &after);
                if after.fate != Fate::Delivered {
                    blocked = Some(after.next_at.unwrap_or_else(pause));
                }
                self.note(&key, &mut trouble, after.last.as_ref()).await;
                after
            };
            if let Err(error) = self.store.settle_delivery(&key, &after, delivery.attempts).await {
                tracing::warn!(webhook = key.webhook, message = key.message, %error, "what came of it is not written down; it will be sent again");
            }
        }
        tried
    }

    fn tell(&self, key: &DeliveryKey, after: &Delivery) {
        let (status, error) = after.last.as_ref().map_or((None, None), |it| (it.status, it.error.as_deref()));
        let DeliveryKey { webhook, message, .. } = key;
        let attempt = after.attempts;
        if error.is_none() {
            tracing::info!(metric = "WebhooksDelivered", webhook, message, attempt, status, "a webhook was delivered");
        } else {
            tracing::warn!(
                metric = "WebhooksRefused",
                webhook,
                message,
                attempt,
                status,
                error,
                "a webhook was not taken"
            );
        }
    }

    async fn note(&self, key: &DeliveryKey, trouble: &mut Option<Trouble>, answer: Option<&Answer>) {
        let Some(answer) = answer else { return };
        let after = Trouble::after(trouble.as_ref(), answer);
        if after == *trouble {
            return;
        }
        if let Err(error) = self.store.note_trouble(&key.tenant, &key.webhook, after.as_ref()).await {
            tracing::warn!(webhook = key.webhook, %error, "how the webhook does is not written down");
        }
        *trouble = after;
    }
}
