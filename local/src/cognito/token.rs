//! The tokens that the simulated pool issues: right ones, and every kind of wrong one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::keys::KeyError;
use super::{ClientPlan, UserPool};

/// Cognito's default.
const LIFETIME_SECS: i64 = 3600;
/// How far in the past or in the future a token lies that is not valid now.
const FAR_SECS: i64 = 600;
/// Who asks for a token without a name.
const NOBODY_NAMED: &str = "dev";

/// What a token shall be like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenRequest {
    /// `platforms/read`, ...
    pub scopes: Vec<String>,
    /// The tenants whose groups (`tenant:<id>`) the user is in.
    pub tenants: Vec<String>,
    pub user: Option<String>,
    /// `machine` asks for a client's own token, which has no user and no groups; else an app client's id.
    pub client: Option<String>,
    /// Seconds from now.
    pub expires: Option<i64>,
    pub flaw: Option<Flaw>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    Expired,
    NotYetValid,
    /// Issued in the future.
    IssuedLater,
    WrongAudience,
    WrongIssuer,
    /// Signed by somebody else who says that the key is the pool's.
    WrongKey,
    /// The pool publishes no key of that name.
    UnknownKey,
    /// `alg` is `none`, and there is no signature.
    AlgNone,
    /// An ID token: it says who somebody is, and not what they may do.
    IdToken,
}

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the pool has no client {0}; it has {1}")]
    NoClient(String, String),
    #[error("the client {client} may not ask for {scope}; it may for {allowed}")]
    NotAllowed { client: String, scope: String, allowed: String },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

impl UserPool {
    /// Issues a token; `now` is in seconds since 1970.
    pub fn token(&self, asked: &TokenRequest, now: i64) -> Result<String, TokenError> {
        let client = self.client(asked.client.as_deref())?;
        if let Some(scope) = asked.scopes.iter().find(|scope| !client.scopes.contains(scope)) {
            let allowed = client.scopes.join(", ");
            return Err(TokenError::NotAllowed { client: client.id.clone(), scope: scope.clone(), allowed });
        }
        let mut claims = self.claims(asked, client, now);
        match asked.flaw {
            Some(Flaw::Expired) => {
                claims["iat"] = json!(now - LIFETIME_SECS - FAR_SECS);
                claims["exp"] = json!(now - FAR_SECS);
            }
            Some(Flaw::NotYetValid) => claims["nbf"] = json!(now + FAR_SECS),
            Some(Flaw::IssuedLater) => claims["iat"] = json!(now + FAR_SECS),
            Some(Flaw::WrongAudience) => claims["client_id"] = json!("0000000000000000000000000w"),
            Some(Flaw::WrongIssuer) => claims["iss"] = json!(format!("{}w", self.issuer())),
            Some(Flaw::WrongKey | Flaw::UnknownKey | Flaw::AlgNone | Flaw::IdToken) | None => {}
        }
        self.signed(&claims, asked.flaw)
    }

    /// The claims of a token that is not signed: what a stack without `--auth` takes as checked.
    pub fn simulated_claims(&self, asked: &TokenRequest, now: i64) -> Map<String, Value> {
        match self.client(asked.client.as_deref()).map(|client| self.claims(asked, client, now)) {
            Ok(Value::Object(claims)) => claims,
            _ => Map::new(),
        }
    }

    fn client(&self, name: Option<&str>) -> Result<&ClientPlan, TokenError> {
        let found = self.plan.clients.iter().find(|client| match name {
            None => !client.machine,
            Some("machine") => client.machine,
            Some(id) => client.id == id,
        });
        found.ok_or_else(|| {
            let all: Vec<&str> = self.plan.clients.iter().map(|client| client.id.as_str()).collect();
            TokenError::NoClient(name.unwrap_or("for people").to_owned(), all.join(", "))
        })
    }

    fn claims(&self, asked: &TokenRequest, client: &ClientPlan, now: i64) -> Value {
        let user = asked.user.as_deref().unwrap_or(NOBODY_NAMED);
        let groups: Vec<String> = asked.tenants.iter().map(|tenant| format!("tenant:{tenant}")).collect();
        let subject = if client.machine { client.id.clone() } else { subject(user) };
        let mut claims = json!({
            "sub": subject,
            "iss": self.issuer(),
            "auth_time": now,
            "iat": now,
            "exp": now + asked.expires.unwrap_or(LIFETIME_SECS),
            "jti": random_uuid(),
        });
        let mut put = |name: &str, value: Value| claims[name] = value;
        if !groups.is_empty() && !client.machine {
            put("cognito:groups", json!(groups));
        }
        if asked.flaw == Some(Flaw::IdToken) {
            put("token_use", json!("id"));
            put("aud", json!(client.id));
            put("cognito:username", json!(user));
            put("event_id", json!(random_uuid()));
            return claims;
        }
        put("token_use", json!("access"));
        put("client_id", json!(client.id));
        put("scope", json!(asked.scopes.join(" ")));
        put("version", json!(2));
        if !client.machine {
            put("username", json!(user));
        }
        claims
    }

    fn signed(&self, claims: &Value, flaw: Option<Flaw>) -> Result<String, TokenError> {
        let key = self.key()?;
        let kid = if flaw == Some(Flaw::UnknownKey) { "unpublished" } else { key.public.kid.as_str() };
        if flaw == Some(Flaw::AlgNone) {
            let header = json!({"alg": "none", "kid": kid, "typ": "JWT"});
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            return Ok(format!("{}.{}.", part(&header), part(claims)));
        }
        let private = if flaw == Some(Flaw::WrongKey) { &self.foreign()?.private } else { &key.private };
        // Cognito's header names neither a type nor a content type.
        let header = Header { typ: None, kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, claims, private)?)
    }
}

/// The same user has the same subject in every run.
fn subject(user: &str) -> String {
    uuid(&Sha256::digest(user.as_bytes()))
}

fn random_uuid() -> String {
    uuid(&rand::random::<[u8; 16]>())
}

fn uuid(bytes: &[u8]) -> String {
    let hex = hex::encode(&bytes[..16]);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-")
}
