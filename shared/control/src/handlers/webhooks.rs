//! `webhooks`: the tenant's webhooks, their log, the test button and the resend button. What these two send goes out at once,
//! and the answer says what came of it.

use crate::api::view::webhooks::{delivery, webhook};
use crate::api::{HttpRequest, HttpResponse, body, problem};
use crate::handlers::accept::{fingerprint_of, idempotency_key, replayed};
use crate::handlers::caller::{Caller, Callers};
use crate::handlers::describe::{bad_cursor, page_query, paged};
use crate::handlers::patch::merge;
use crate::ports::{Clock, Entropy, Post};
use crate::store::{Intents, Remembered, StoreError, Stored, Tenants};
use crate::webhooks::{Deliveries, DeliveryKey, Kept, WebhookChange, Webhooks, attempt};
use headend_domain::limits::{BUSY_TRIES, DELIVERY_CLAIM_SECS, Limits, SECRET_OVERLAP_HOURS};
use headend_domain::webhook::{self, Answer, Delivery, Fate, Heard, Trouble, Webhook, is_webhook_id};
use serde_json::{Value, json};

pub struct WebhooksApi<'a, S, P, C, E> {
    pub store: &'a S,
    pub post: &'a P,
    pub clock: &'a C,
    pub entropy: &'a E,
    pub callers: Callers,
    pub limits: Limits,
}

type Answered = Result<HttpResponse, HttpResponse>;

impl<S: Webhooks + Deliveries + Intents + Tenants, P: Post, C: Clock, E: Entropy> WebhooksApi<'_, S, P, C, E> {
    pub async fn handle(&self, request: &HttpRequest) -> HttpResponse {
        self.answer(request).await.unwrap_or_else(|answer| answer)
    }

    async fn answer(&self, request: &HttpRequest) -> Answered {
        let caller = self.callers.of(request, self.store, self.clock.now()).await?;
        let last = request.path.rsplit('/').next().unwrap_or_default();
        let named = request.path_parameters.contains_key("webhookId");
        match (request.method.as_str(), last) {
            ("GET", _) if !named => self.list(&caller).await,
            (_, _) if !named => self.create(request, &caller).await,
            ("GET", "deliveries") => self.log(request, &caller).await,
            ("GET", _) => {
                let kept = self.known(request, &caller).await?;
                Ok(HttpResponse::json(200, &webhook(&kept, self.clock.now())).with_header("etag", &etag(&kept.webhook)))
            }
            ("PATCH", _) => self.change(request, &caller).await,
            ("DELETE", _) => self.remove(request, &caller).await,
            (_, "rotate-secret") => self.rotate(request, &caller).await,
            (_, "test") => self.test(request, &caller).await,
            (_, _) => self.resend(request, &caller).await,
        }
    }

    async fn list(&self, caller: &Caller) -> Answered {
        let all = stored(self.store.webhooks(&caller.tenant).await)?;
        let now = self.clock.now();
        let all: Vec<Value> = all.iter().map(|kept| webhook(kept, now)).collect();
        Ok(HttpResponse::json(200, &json!({ "webhooks": all })))
    }

    async fn create(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        let key = idempotency_key(request)?;
        let wish = self.read(&body::document(request)?)?;
        let (id, now) = (format!("w-{}", &hex::encode(self.entropy.random())[..12]), self.clock.now());
        let made = Webhook { id, wish, created_at: now, version: 1, secret: self.secret(), previous: None };
        let answer = self.with_secret(201, &made);
        let answer = answer.with_header("location", &format!("/webhooks/{}", made.id));
        self.save(request, caller, key, &made, None, answer).await
    }

    async fn change(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        let (key, patch) = (idempotency_key(request)?, body::document(request)?);
        let before = self.known(request, caller).await?;
        if let Err(refused) = matches(request, &before.webhook) {
            // What was accepted once has the same answer for ever.
            return self.answered_before(request, caller, key.as_deref()).await?.ok_or(refused);
        }
        let mut document = json!(before.webhook.wish);
        merge(&mut document, &patch);
        let wish = self.read(&document)?;
        let version = before.webhook.version;
        let after = Webhook { wish, version: version + 1, ..before.webhook };
        let kept = Kept { webhook: after, trouble: before.trouble };
        let answer = HttpResponse::json(200, &webhook(&kept, self.clock.now()));
        let answer = answer.with_header("etag", &etag(&kept.webhook));
        self.save(request, caller, key, &kept.webhook, Some(version), answer).await
    }

    async fn rotate(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        body::no_fields(request)?;
        let key = idempotency_key(request)?;
        let before = self.known(request, caller).await?.webhook;
        let until = self.clock.now().plus_secs(SECRET_OVERLAP_HOURS * 3600);
        let after = before.rotated(self.secret(), until);
        let answer = self.with_secret(200, &after);
        self.save(request, caller, key, &after, Some(before.version), answer).await
    }

    async fn remove(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        body::no_fields(request)?;
        let found = self.known(request, caller).await?.webhook;
        match self.store.remove_webhook(&caller.tenant, &found.id, found.version).await {
            Ok(()) => {
                tracing::info!(webhook = found.id, by = caller.who, "webhook removed");
                Ok(HttpResponse { status: 204, headers: Vec::new(), body: String::new() })
            }
            Err(StoreError::Conflict) => Err(meanwhile()),
            Err(error) => Err(problem::from_store(&error)),
        }
    }

    async fn log(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        let query = page_query(request, &["cursor", "limit"])?;
        let id = self.known(request, caller).await?.webhook.id;
        let page = self.store.deliveries(&caller.tenant, &id, query.cursor.as_deref(), query.limit).await;
        let page = page.map_err(|error| bad_cursor(&error))?;
        let items = page.items.iter().map(delivery).collect();
        Ok(HttpResponse::json(200, &paged("deliveries", items, page.next)))
    }

    /// One request at once, whatever the webhook hears, and although it is switched off.
    async fn test(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        body::no_fields(request)?;
        let kept = self.known(request, caller).await?;
        let now = self.clock.now();
        let message = format!("t-{}", &hex::encode(self.entropy.random())[..12]);
        let heard = Heard::test(message.clone(), &kept.webhook, &caller.tenant, now);
        let key = DeliveryKey { tenant: caller.tenant.clone(), webhook: kept.webhook.id.clone(), message };
        let delivery = Delivery::new(&heard, now);
        stored(self.store.open_delivery(&key, &delivery, now.plus_secs(DELIVERY_CLAIM_SECS)).await)?;
        // A person looks at what came of it: it is not tried again.
        self.send(&kept, &key, &delivery, |tried| match tried.fate {
            Fate::Waiting => Delivery { fate: Fate::GivenUp, next_at: None, ..tried },
            Fate::Delivered | Fate::GivenUp => tried,
        })
        .await
    }

    async fn resend(&self, request: &HttpRequest, caller: &Caller) -> Answered {
        body::no_fields(request)?;
        let kept = self.known(request, caller).await?;
        let message = request.path_parameters.get("messageId").cloned().unwrap_or_default();
        let key = DeliveryKey { tenant: caller.tenant.clone(), webhook: kept.webhook.id.clone(), message };
        let before = if is_key_part(&key.message) { stored(self.store.delivery(&key).await)? } else { None };
        let before = before.ok_or_else(|| unknown_delivery(&key))?;
        self.send(&kept, &key, &before.again(self.clock.now()), |tried| tried).await
    }

    async fn send(
        &self,
        kept: &Kept,
        key: &DeliveryKey,
        before: &Delivery,
        then: fn(Delivery) -> Delivery,
    ) -> Answered {
        let after = then(attempt(self.post, self.clock, self.limits, &kept.webhook, before).await);
        let told = after.last.clone();
        let after = self.settle(key, after, before.attempts).await?;
        if let Some(answer) = &told {
            let trouble = Trouble::after(kept.trouble.as_ref(), answer);
            if trouble != kept.trouble {
                stored(self.store.note_trouble(&key.tenant, &key.webhook, trouble.as_ref()).await)?;
            }
        }
        Ok(HttpResponse::json(200, &delivery(&after)))
    }

    /// Writes down what came of it. Where somebody else tried the same message meanwhile, a success of ours counts on top of what
    /// they wrote; after a failure of ours theirs stands.
    async fn settle(
        &self,
        key: &DeliveryKey,
        mut after: Delivery,
        mut attempts: u32,
    ) -> Result<Delivery, HttpResponse> {
        for _ in 0..3 {
            match self.store.settle_delivery(key, &after, attempts).await {
                Err(StoreError::Conflict) => {}
                settled => return stored(settled).map(|()| after),
            }
            let meanwhile = stored(self.store.delivery(key).await)?.ok_or_else(|| unknown_delivery(key))?;
            let Some(ours) = after.last.clone().filter(Answer::took_it) else { return Ok(meanwhile) };
            attempts = meanwhile.attempts;
            after = meanwhile.tried(ours, self.limits);
        }
        Err(problem::from_store(&StoreError::Conflict))
    }

    async fn known(&self, request: &HttpRequest, caller: &Caller) -> Result<Kept, HttpResponse> {
        let id = request.path_parameters.get("webhookId").map(String::as_str).unwrap_or_default();
        let found = if is_webhook_id(id) { stored(self.store.webhook(&caller.tenant, id).await)? } else { None };
        let detail = format!("there is no webhook {id:?}");
        found.ok_or_else(|| problem::problem(404, "unknown-webhook", "No such webhook", &detail))
    }

    fn read(&self, document: &Value) -> Result<webhook::Wish, HttpResponse> {
        webhook::read(document, self.post.takes_loopback()).map_err(|problems| problem::invalid(&problems))
    }

    /// 32 random bytes.
    fn secret(&self) -> String {
        format!("whsec_{}{}", hex::encode(self.entropy.random()), hex::encode(self.entropy.random()))
    }

    fn with_secret(&self, status: u16, made: &Webhook) -> HttpResponse {
        let kept = Kept { webhook: made.clone(), trouble: None };
        let mut view = webhook(&kept, self.clock.now());
        view["secret"] = json!(made.secret);
        HttpResponse::json(status, &view).with_header("etag", &etag(made)).with_header("cache-control", "no-store")
    }

    async fn save(
        &self,
        request: &HttpRequest,
        caller: &Caller,
        key: Option<String>,
        made: &Webhook,
        expect_version: Option<u64>,
        answer: HttpResponse,
    ) -> Answered {
        let location = answer.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.clone());
        let remembered = key.as_ref().map(|key| Remembered {
            key: key.clone(),
            fingerprint: fingerprint_of(request),
            status: answer.status,
            location,
            body: answer.body.clone(),
        });
        let token = hex::encode(self.entropy.random());
        let change = WebhookChange {
            tenant: &caller.tenant,
            webhook: made,
            expect_version,
            remembered,
            token,
            now: self.clock.now(),
        };
        let Err(error) = self.surely(&change).await else {
            tracing::info!(webhook = made.id, by = caller.who, version = made.version, "webhook written");
            return Ok(answer);
        };
        let refused = match &error {
            StoreError::Conflict => meanwhile(),
            StoreError::Full { .. } => problem::from_store(&error),
            StoreError::Unsure(_) | StoreError::Busy | StoreError::Failed(_) | StoreError::Poisoned { .. } => {
                return Err(problem::from_store(&error));
            }
        };
        self.answered_before(request, caller, key.as_deref()).await?.ok_or(refused)
    }

    async fn answered_before(
        &self,
        request: &HttpRequest,
        caller: &Caller,
        key: Option<&str>,
    ) -> Result<Option<HttpResponse>, HttpResponse> {
        let Some(key) = key else { return Ok(None) };
        let before = stored(self.store.remembered(&caller.tenant, key).await)?;
        before.map(|before| replayed(before, &fingerprint_of(request))).transpose()
    }

    /// As requests about platforms are: once more where nobody knows, or another transaction was in the way.
    async fn surely(&self, change: &WebhookChange<'_>) -> Stored<()> {
        let (mut unsure, mut busy) = (2, BUSY_TRIES);
        loop {
            let left = match self.store.put_webhook(change).await {
                Err(StoreError::Unsure(_)) if unsure > 0 => &mut unsure,
                Err(StoreError::Busy) if busy > 0 => &mut busy,
                other => return other,
            };
            *left -= 1;
        }
    }
}

fn stored<T>(result: Stored<T>) -> Result<T, HttpResponse> {
    result.map_err(|error| problem::from_store(&error))
}

/// What may be part of a key in the table; a message's id is a platform's and a number, or a test's.
fn is_key_part(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn etag(webhook: &Webhook) -> String {
    format!("\"w{}\"", webhook.version)
}

fn meanwhile() -> HttpResponse {
    let detail = "the webhook was changed at the same moment; read it and send the request again";
    problem::problem(503, "changed-meanwhile", "Not accepted", detail).with_header("retry-after", "1")
}

/// A change is made to what its author has seen.
fn matches(request: &HttpRequest, webhook: &Webhook) -> Result<(), HttpResponse> {
    let current = etag(webhook);
    match request.header("if-match") {
        None => {
            let detail = "send If-Match with the ETag of the webhook that you have read";
            Err(problem::problem(428, "if-match-required", "If-Match is required", detail))
        }
        Some(tags) if tags.split(',').any(|tag| tag.trim() == current || tag.trim() == "*") => Ok(()),
        Some(_) => {
            let detail = format!("the webhook has been changed since; it is at {current} now: read it again");
            Err(problem::problem(412, "changed-meanwhile", "The webhook is not what you have read", &detail))
        }
    }
}

fn unknown_delivery(key: &DeliveryKey) -> HttpResponse {
    let detail = format!("the log of {} has no message {:?}", key.webhook, key.message);
    problem::problem(404, "unknown-delivery", "No such delivery", &detail)
}
