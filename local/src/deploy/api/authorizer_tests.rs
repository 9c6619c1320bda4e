//! What the authorizer lets through, what it answers to the rest, and what the function is told.

use super::*;
use crate::cognito::{ClientPlan, Flaw, PoolPlan};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::LazyLock;

const NOW: i64 = 1_800_000_000;
const SCOPES: [&str; 2] = ["platforms/read", "platforms/write"];

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// One for all: a key takes a while to make.
static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(|| {
    let client = |id: &str, machine| ClientPlan { id: id.to_owned(), machine, scopes: owned(&SCOPES) };
    let clients = vec![client("portal", false), client("robot", true)];
    let pool = UserPool::new(PoolPlan { id: "eu-west-1_ABC".into(), region: "eu-west-1".into(), clients }, None);
    let plan = AuthorizerPlan { name: "SignIn".into(), issuer: pool.issuer(), audience: owned(&["portal", "robot"]) };
    Authorizer { plan, pool: Arc::new(pool), everybody: None }
});

fn asked() -> TokenRequest {
    TokenRequest {
        scopes: owned(&SCOPES),
        tenants: owned(&["news"]),
        user: Some("anna".into()),
        ..TokenRequest::default()
    }
}

fn headers(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
}

fn judged(value: &str, scopes: &[&str]) -> Result<Value, Refusal> {
    AUTHORIZER.judge(&headers(value), &owned(scopes), NOW)
}

fn token(asked: &TokenRequest) -> String {
    AUTHORIZER.pool.token(asked, NOW).unwrap()
}

#[test]
fn a_right_token_is_let_through_with_its_claims_as_text() {
    let token = token(&TokenRequest { tenants: owned(&["news", "sport"]), ..asked() });
    let caller = judged(&format!("Bearer {token}"), &["platforms/write"]).unwrap();
    let claims = &caller["jwt"]["claims"];
    assert_eq!(claims["cognito:groups"], "[tenant:news tenant:sport]");
    assert_eq!(claims["exp"], (NOW + 3600).to_string());
    assert_eq!((&claims["username"], &claims["version"]), (&json!("anna"), &json!("2")));
    assert!(claims.as_object().unwrap().values().all(Value::is_string), "{claims}");
    assert_eq!(caller["jwt"]["scopes"], json!(SCOPES));
    for same in [token.clone(), format!("bearer {token}")] {
        assert_eq!(judged(&same, &["platforms/write"]).unwrap(), caller);
    }
    let unscoped = judged(&token, &[]).unwrap();
    assert_eq!(unscoped["jwt"]["scopes"], Value::Null, "a route without scopes");
}

#[test]
fn a_machines_token_has_no_user_in_it() {
    let token = token(&TokenRequest { client: Some("machine".into()), ..asked() });
    let claims = judged(&token, &["platforms/read"]).unwrap()["jwt"]["claims"].clone();
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("robot"), &json!("robot")));
    assert_eq!((claims.get("username"), claims.get("cognito:groups")), (None, None));
}

#[test]
fn without_a_token_the_scheme_is_named() {
    for none in [HeaderMap::new(), headers(""), headers("Bearer "), headers("bearer")] {
        let refused = AUTHORIZER.judge(&none, &owned(&["platforms/read"]), NOW).unwrap_err();
        assert_eq!((refused.status, refused.message), (StatusCode::UNAUTHORIZED, "Unauthorized"));
        assert_eq!(refused.challenge, "Bearer");
    }
}

#[track_caller]
fn refused(token: &str, why: &str) {
    let refused = judged(token, &["platforms/read"]).unwrap_err();
    assert_eq!((refused.status, refused.message), (StatusCode::UNAUTHORIZED, "Unauthorized"));
    let words = format!("Bearer scope=\"platforms/read\" error=\"invalid_token\" error_description=\"{why}\"");
    assert_eq!(refused.challenge, words);
}

#[test]
fn a_wrong_token_is_refused_and_the_answer_says_why() {
    let cases = [
        (Flaw::Expired, "the token has expired"),
        (Flaw::NotYetValid, "the token is not valid yet"),
        (Flaw::IssuedLater, "the token was issued in the future"),
        (Flaw::WrongAudience, "the token does not have a valid audience"),
        (Flaw::WrongIssuer, "the token has an invalid issuer"),
        (Flaw::WrongKey, "the signature is invalid"),
        (Flaw::UnknownKey, "the token's kid is not in the key set"),
        (Flaw::AlgNone, "the token is malformed"),
    ];
    for (flaw, why) in cases {
        refused(&token(&TokenRequest { flaw: Some(flaw), ..asked() }), why);
    }
    let right = token(&asked());
    refused(&token(&TokenRequest { expires: Some(0), ..asked() }), "the token has expired");
    refused(&format!("{right}, {right}"), "the token is malformed");
    for garbage in ["garbage", "a.b.c", "..", "Basic YTpi"] {
        refused(garbage, "the token is malformed");
    }
    let (head, rest) = right.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    let hmac = json!({"alg": "HS256", "kid": header["kid"]}).to_string();
    refused(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(hmac)), "signing method HS256 is invalid");
    let anonymous = json!({"alg": "RS256"}).to_string();
    refused(&format!("{}.{rest}", URL_SAFE_NO_PAD.encode(anonymous)), "the token has no kid");
    let (claims, signature) = rest.split_once('.').unwrap();
    let mut changed: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    changed["cognito:groups"] = json!(["tenant:sport"]);
    let changed = URL_SAFE_NO_PAD.encode(changed.to_string());
    refused(&format!("{head}.{changed}.{signature}"), "the signature is invalid");
    refused(&format!("{head}.{claims}."), "the signature is invalid");
}

#[test]
fn claims_count_as_api_gateway_counts_them() {
    let fits = |claims: Value| {
        let mut all = json!({"iss": AUTHORIZER.plan.issuer, "exp": NOW + 1, "iat": NOW, "nbf": NOW});
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        AUTHORIZER.fits(all.as_object().unwrap(), NOW)
    };
    assert_eq!(fits(json!({"client_id": "portal"})), Ok(()));
    assert_eq!(fits(json!({"aud": "portal"})), Ok(()));
    assert_eq!(fits(json!({"aud": ["other", "robot"]})), Ok(()));
    let audience = Err("the token does not have a valid audience".to_owned());
    assert_eq!(fits(json!({"aud": "other", "client_id": "portal"})), audience, "with aud, client_id does not count");
    assert_eq!(fits(json!({})), audience);
    assert_eq!(fits(json!({"client_id": "portal", "exp": NOW})), Err("the token has expired".to_owned()));
    assert_eq!(fits(json!({"client_id": "portal", "exp": "soon"})), Err("exp is no time".to_owned()));
    assert_eq!(fits(json!({"client_id": "portal", "nbf": "x"})), Err("nbf is no time".to_owned()));
    assert!(fits(json!({"client_id": "portal", "nbf": NOW + 1})).is_err());
    assert!(fits(json!({"client_id": "portal", "iat": NOW + 1})).is_err());
    let mut timeless = json!({"iss": AUTHORIZER.plan.issuer, "client_id": "portal"});
    assert!(AUTHORIZER.fits(timeless.as_object().unwrap(), NOW).is_err(), "a token that never expires");
    timeless["exp"] = json!(NOW + 1);
    assert_eq!(AUTHORIZER.fits(timeless.as_object().unwrap(), NOW), Ok(()));
}

#[test]
fn one_of_the_routes_scopes_is_enough_and_none_of_them_is_forbidden() {
    let reader = token(&TokenRequest { scopes: owned(&["platforms/read"]), ..asked() });
    assert!(judged(&reader, &["platforms/write", "platforms/read"]).is_ok());
    let nothing = token(&TokenRequest { scopes: Vec::new(), ..asked() });
    let id = token(&TokenRequest { flaw: Some(Flaw::IdToken), ..asked() });
    for short in [&reader, &nothing, &id] {
        let refused = judged(short, &["platforms/write"]).unwrap_err();
        assert_eq!((refused.status, refused.message), (StatusCode::FORBIDDEN, "Forbidden"));
        assert!(refused.challenge.starts_with("Bearer scope=\"platforms/write\" error=\"insufficient_scope\""));
    }
    assert!(judged(&id, &[]).is_ok(), "why every route asks for scopes");
    let scp = json!({"scp": ["a", "b"], "scope": "c"});
    assert_eq!(of_token(scp.as_object().unwrap()), ["a", "b"]);
}

#[test]
fn without_auth_everybody_is_the_simulated_developer() {
    let developer = TokenRequest { scopes: owned(&SCOPES), tenants: owned(&["default"]), ..TokenRequest::default() };
    let open = Authorizer { everybody: Some(developer), ..AUTHORIZER.clone() };
    let caller = open.judge(&headers("garbage"), &owned(&["platforms/read"]), NOW).unwrap();
    let claims = &caller["jwt"]["claims"];
    assert_eq!((&claims["username"], &claims["cognito:groups"]), (&json!("dev"), &json!("[tenant:default]")));
    assert_eq!((&claims["client_id"], &caller["jwt"]["scopes"]), (&json!("portal"), &json!(SCOPES)));
}
