//! `POST /platforms/{id}/inputs/{name}/rotate` and `POST /platforms/{id}/rotate-cdn-secret`: new stream names, so that the
//! old ones die, and a new secret between the CDN and the packager.

use crate::api::view::platform;
use crate::api::{HttpRequest, HttpResponse, body, problem};
use crate::handlers::accept::{Acceptor, Commit, idempotency_key};
use crate::handlers::patch::resting;
use crate::handlers::platform_key;
use crate::ports::{Clock, Entropy, Wakeups};
use crate::store::{Intents, Records, Tenants};
use headend_domain::record::{Record, Want};
use headend_domain::request::secret_is_everywhere;
use headend_domain::slot::Slot;
use headend_domain::spec::InputKind;

/// Which secret is to be another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// Of the input of that name.
    StreamNames(String),
    CdnSecret,
}

impl Rotation {
    /// By the route: only one of the two has an input's name in it.
    pub fn of(request: &HttpRequest) -> Self {
        request.path_parameters.get("name").map_or(Self::CdnSecret, |name| Self::StreamNames(name.clone()))
    }

    fn words(&self) -> String {
        match self {
            Self::StreamNames(input) => format!("new stream names for input {input}"),
            Self::CdnSecret => "a new CDN secret".to_owned(),
        }
    }
}

impl<S: Intents + Records + Tenants, Q: Wakeups, C: Clock, E: Entropy> Acceptor<'_, S, Q, C, E> {
    /// Rotates; 409 while the platform's state does not allow it.
    pub async fn rotate(&self, request: &HttpRequest) -> HttpResponse {
        self.try_rotate(request).await.unwrap_or_else(|answer| answer)
    }

    async fn try_rotate(&self, request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
        let caller = self.caller(request).await?;
        let key = idempotency_key(request)?;
        let platform_key = platform_key(request, &caller)?;
        body::no_fields(request)?;
        let loaded = self.store.load(&platform_key).await.map_err(|error| problem::from_store(&error))?;
        let mut record = loaded.ok_or_else(|| problem::unknown_platform(&platform_key.id))?.record;
        let rotation = Rotation::of(request);
        if let Err(refused) = allowed(&record, &rotation) {
            // What was accepted once has the same answer for ever.
            return self.replayed(request, &platform_key.tenant, key).await?.ok_or(refused);
        }
        let before = record.asked.clone();
        match &rotation {
            Rotation::StreamNames(input) => {
                let fresh = hex::encode(&self.entropy.random()[..8]);
                record.asked.rotated_stream_keys.insert(input.clone(), fresh);
            }
            Rotation::CdnSecret => record.asked.secret_rotations += 1,
        }
        let now = self.clock.now();
        record.asked.generation += 1;
        record.asked.intent = record.asked.intent.kept(&caller.who, now);
        let answer = HttpResponse::json(202, &platform(&record, now, &self.view));
        self.commit(Commit {
            request,
            caller: &caller,
            key,
            asked: &record.asked,
            before: Some(&before),
            counts: None,
            what: &rotation.words(),
            answer,
        })
        .await
    }
}

fn allowed(record: &Record, rotation: &Rotation) -> Result<(), HttpResponse> {
    let id = &record.asked.key.id;
    if record.asked.intent.want == Want::Gone {
        return Err(problem::conflict("tearing-down", &format!("{id} is being torn down or gone")));
    }
    match rotation {
        Rotation::StreamNames(name) => stream_names(record, name),
        Rotation::CdnSecret => cdn_secret(record),
    }
}

fn stream_names(record: &Record, name: &str) -> Result<(), HttpResponse> {
    let Some(input) = record.asked.spec.input(name) else {
        let detail = format!("{} has no input {name:?}", record.asked.key.id);
        return Err(problem::problem(404, "unknown-input", "No such input", &detail));
    };
    if input.kind != InputKind::RtmpPush {
        let detail = "only RTMP push inputs have stream names; change what you send, or the sources, by PATCH";
        return Err(problem::conflict("no-stream-names", detail));
    }
    if !resting(record) {
        let detail = "AWS fixes the stream names of an input for its life, and exchanges the inputs of an idle channel only: \
                      stop the channel, then rotate";
        return Err(problem::conflict("needs-idle-channel", detail));
    }
    Ok(())
}

fn cdn_secret(record: &Record) -> Result<(), HttpResponse> {
    if record.object(&Slot::Secret).is_none() {
        return Err(problem::conflict("no-secret-yet", "the platform is being made; ask again when it is Ready"));
    }
    let waiting = record.asked.secret_rotations > record.state.cdn_secret.asked;
    if waiting || !secret_is_everywhere(record) {
        let detail =
            "the secret before this one has not reached every edge of the CDN yet; two in a row would cut viewers off";
        return Err(problem::conflict("rotation-under-way", detail));
    }
    Ok(())
}
