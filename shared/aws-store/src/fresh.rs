//! Answers that are still fresh: what a response says of itself in `cache-control` holds within the function too. A
//! viewers' rush that CloudFront lets through costs one read every few seconds and not one each. A kept answer goes out
//! with what is left of its time, so that nobody sees anything older than the response allowed.

use headend_control::api::{HttpRequest, HttpResponse};
use headend_control::handlers::player::unless_known;
use headend_domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Platforms with viewers, times what their players know; full means begin again.
const MOST: usize = 256;
const MAX_AGE: &str = "max-age=";

pub struct Fresh {
    kept: Mutex<BTreeMap<String, Kept>>,
    /// How many times faster than real time the account lives.
    time_scale: f64,
}

struct Kept {
    answer: HttpResponse,
    at: Timestamp,
}

impl Fresh {
    pub fn new(time_scale: f64) -> Self {
        Self { kept: Mutex::default(), time_scale }
    }

    /// The kept answer while it is fresh, else what `asked` answers; without its body for a caller who has it.
    pub async fn answer(
        &self,
        request: &HttpRequest,
        now: Timestamp,
        asked: impl Future<Output = HttpResponse>,
    ) -> HttpResponse {
        if let Some(fresh) = self.fresh(&request.path, now) {
            return unless_known(request, fresh);
        }
        let answer = asked.await;
        if max_age(&answer).is_some() {
            self.keep(request.path.clone(), Kept { answer: answer.clone(), at: now });
        }
        unless_known(request, answer)
    }

    fn fresh(&self, key: &str, now: Timestamp) -> Option<HttpResponse> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(key)?;
        let age = (now.0.checked_sub(found.at.0)? as f64 * self.time_scale / 1000.0).ceil() as i64;
        let left = i64::from(max_age(&found.answer)?) - age;
        // A clock that was set back says nothing.
        (age >= 0 && left > 0).then(|| with_max_age(found.answer.clone(), left))
    }

    fn keep(&self, key: String, answer: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, answer);
    }
}

/// Seconds that the answer allows; `None` where it says nothing.
fn max_age(answer: &HttpResponse) -> Option<u32> {
    let (_, value) = answer.headers.iter().find(|(name, _)| name == "cache-control")?;
    value.split(',').find_map(|part| part.trim().strip_prefix(MAX_AGE)?.parse().ok())
}

fn with_max_age(mut answer: HttpResponse, left: i64) -> HttpResponse {
    for (name, value) in &mut answer.headers {
        if name == "cache-control" {
            let parts = value.split(',').map(str::trim);
            let parts = parts.map(|part| match part.strip_prefix(MAX_AGE) {
                Some(_) => format!("{MAX_AGE}{left}"),
                None => part.to_owned(),
            });
            *value = parts.collect::<Vec<_>>().join(", ");
        }
    }
    answer
}

#[cfg(test)]
mod tests;
