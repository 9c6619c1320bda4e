//! Request ids: the same one again makes nothing new (aws-facts 1.5).

use serde::{Deserialize, Serialize};

use crate::world::{AwsError, Ms, World};

/// What a requestId made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Token {
    id: String,
    made_at: Ms,
    /// A digest of the body that came with it.
    body: u64,
}

/// FNV-1a over the debug form: it only has to tell one body from another.
pub(super) fn digest(request: &impl std::fmt::Debug) -> u64 {
    format!("{request:?}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl World {
    /// The id of what this token already made. `kind` keeps the tokens of channels and inputs apart.
    pub(super) fn recall_token(
        &mut self,
        region: &str,
        now: Ms,
        kind: &str,
        request_id: Option<&str>,
        body: u64,
    ) -> Result<Option<String>, AwsError> {
        let Some(request_id) = request_id else {
            return Ok(None);
        };
        let life = self.switches.durations.token_life.to_ms;
        let strict = self.switches.token_other_body_conflicts;
        let tokens = &mut self.region(region).medialive.tokens;
        tokens.retain(|_, token| token.made_at + life > now);
        match tokens.get(&format!("{kind}/{request_id}")) {
            None => Ok(None),
            Some(token) if strict && token.body != body => {
                Err(AwsError::conflict(format!("The requestId {request_id} was used before with different parameters")))
            }
            Some(token) => Ok(Some(token.id.clone())),
        }
    }

    pub(super) fn remember_token(
        &mut self,
        region: &str,
        now: Ms,
        kind: &str,
        request_id: Option<&str>,
        id: &str,
        body: u64,
    ) {
        let Some(request_id) = request_id else { return };
        let token = Token { id: id.to_owned(), made_at: now, body };
        self.region(region).medialive.tokens.insert(format!("{kind}/{request_id}"), token);
    }
}
