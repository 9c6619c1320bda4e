//! The JWT authorizer of an HTTP API, as API Gateway documents it: the token comes in the Authorization header, with or
//! without `Bearer`; it is signed with RS256 by a key that the issuer publishes; issuer, audience, times and scopes fit.
//! What of a refusal is documented is the status, the message and the form of `www-authenticate`; of the descriptions in it
//! the audience's alone (docs/aws-open-points.md).

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value, json};

use crate::cognito::{KeyError, TokenRequest, UserPool};

#[cfg(test)]
#[path = "authorizer_tests.rs"]
mod tests;

/// Who may call a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Access {
    /// `NONE`: everybody.
    #[default]
    Open,
    /// Whoever has a token with one of the scopes; without scopes, any token.
    SignedIn { scopes: Vec<String> },
}

/// What the template says of an authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizerPlan {
    pub name: String,
    pub issuer: String,
    pub audience: Vec<String>,
}

/// Stands in front of the routes that are not open.
#[derive(Debug, Clone)]
pub struct Authorizer {
    pub plan: AuthorizerPlan,
    pub pool: Arc<UserPool>,
    /// Whose claims every request gets, unchecked; absent where tokens are demanded.
    pub everybody: Option<TokenRequest>,
}

/// What API Gateway answers instead of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: &'static str,
    pub challenge: String,
}

type Claims = Map<String, Value>;

/// What is wrong with a token, for `error_description`.
type Why = String;

impl Authorizer {
    /// What the event says of the caller (`requestContext.authorizer`); `now` is in seconds since 1970.
    pub fn judge(&self, headers: &HeaderMap, scopes: &[String], now: i64) -> Result<Value, Refusal> {
        if let Some(everybody) = &self.everybody {
            return Ok(shown(&self.pool.simulated_claims(everybody, now), scopes));
        }
        let given = headers.get_all(AUTHORIZATION).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let given = given.collect::<Vec<_>>().join(",");
        let token = bearer(&given);
        if token.is_empty() {
            return Err(unauthorized("Bearer".to_owned()));
        }
        let why = |why: Why| unauthorized(challenge(scopes, "invalid_token", &why));
        let claims = self.signed(token).map_err(why)?;
        self.fits(&claims, now).map_err(why)?;
        if !scopes.is_empty() && !of_token(&claims).iter().any(|scope| scopes.contains(scope)) {
            let challenge = challenge(scopes, "insufficient_scope", "the token does not have a required scope");
            return Err(Refusal { status: StatusCode::FORBIDDEN, message: "Forbidden", challenge });
        }
        Ok(shown(&claims, scopes))
    }

    /// The claims of a token that the issuer signed.
    fn signed(&self, token: &str) -> Result<Claims, Why> {
        let malformed = |_| "the token is malformed".to_owned();
        let header = decode_header(token).map_err(malformed)?;
        if header.alg != Algorithm::RS256 {
            return Err(format!("signing method {:?} is invalid", header.alg));
        }
        let kid = header.kid.ok_or("the token has no kid")?;
        let failed = |error: KeyError| {
            tracing::error!(%error, "the keys of the user pool are not to be had");
            "JWKS communication error".to_owned()
        };
        let key = self.pool.public_key(&kid).map_err(failed)?.ok_or("the token's kid is not in the key set")?;
        // The claims are judged below, with API Gateway's rules.
        let mut validation = Validation::new(Algorithm::RS256);
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        validation.required_spec_claims.clear();
        match decode::<Claims>(token, &key.key, &validation) {
            Ok(data) => Ok(data.claims),
            Err(error) if *error.kind() == ErrorKind::InvalidSignature => Err("the signature is invalid".to_owned()),
            Err(error) => Err(malformed(error)),
        }
    }

    fn fits(&self, claims: &Claims, now: i64) -> Result<(), Why> {
        if claims.get("iss").and_then(Value::as_str) != Some(&self.plan.issuer) {
            return Err("the token has an invalid issuer".to_owned());
        }
        // `client_id` counts only where there is no `aud`.
        let audience = claims.get("aud").or_else(|| claims.get("client_id"));
        let known = |one: &Value| one.as_str().is_some_and(|one| self.plan.audience.iter().any(|known| known == one));
        let fits = match audience {
            Some(Value::Array(several)) => several.iter().any(known),
            Some(one) => known(one),
            None => false,
        };
        if !fits {
            return Err("the token does not have a valid audience".to_owned());
        }
        let time =
            |name: &str| claims.get(name).map(|value| value.as_i64().ok_or(format!("{name} is no time"))).transpose();
        match (time("exp")?, time("nbf")?, time("iat")?) {
            (None, ..) => Err("the token does not expire".to_owned()),
            (Some(exp), ..) if exp <= now => Err("the token has expired".to_owned()),
            (_, Some(nbf), _) if nbf > now => Err("the token is not valid yet".to_owned()),
            (.., Some(iat)) if iat > now => Err("the token was issued in the future".to_owned()),
            _ => Ok(()),
        }
    }
}

/// The header's value without `Bearer`, which is optional.
fn bearer(value: &str) -> &str {
    let value = value.trim();
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token.trim(),
        None if value.eq_ignore_ascii_case("bearer") => "",
        _ => value,
    }
}

/// The scopes of a token: `scp`, a list or a text, or `scope`, a text.
fn of_token(claims: &Claims) -> Vec<String> {
    match claims.get("scp").or_else(|| claims.get("scope")) {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn unauthorized(challenge: String) -> Refusal {
    Refusal { status: StatusCode::UNAUTHORIZED, message: "Unauthorized", challenge }
}

fn challenge(scopes: &[String], error: &str, why: &str) -> String {
    format!("Bearer scope=\"{}\" error=\"{error}\" error_description=\"{why}\"", scopes.join(" "))
}

/// Every claim is handed on as text, a list as `[a b]`; a claim that is null is left out. The token's scopes stand beside
/// them when the route has any.
fn shown(claims: &Claims, scopes: &[String]) -> Value {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => {
            let words = list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            Some(format!("[{}]", words.collect::<Vec<_>>().join(" ")))
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
    };
    let claims_shown: Map<String, Value> =
        claims.iter().filter_map(|(name, value)| Some((name.clone(), json!(text(value)?)))).collect();
    let scopes = if scopes.is_empty() { Value::Null } else { json!(of_token(claims)) };
    json!({"jwt": {"claims": claims_shown, "scopes": scopes}})
}
