//! Keys and tokens of the simulated pool. What a gateway makes of them is `deploy::api`'s to test.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const NOW: i64 = 1_800_000_000;

fn pool(key_file: Option<PathBuf>) -> UserPool {
    let scopes = vec!["platforms/read".to_owned()];
    let client = |id: &str, machine| ClientPlan { id: id.to_owned(), machine, scopes: scopes.clone() };
    let clients = vec![client("portal", false), client("robot", true)];
    UserPool::new(PoolPlan { id: "eu-west-1_ABC".into(), region: "eu-west-1".into(), clients }, key_file)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn tokens_hold_what_cognitos_do() {
    let pool = pool(None);
    let asked = TokenRequest {
        scopes: vec!["platforms/read".into()],
        tenants: vec!["news".into()],
        user: Some("anna".into()),
        ..TokenRequest::default()
    };
    let token = pool.token(&asked, NOW).unwrap();
    let kid = pool.key_set().unwrap()["keys"][0]["kid"].clone();
    assert_eq!(part(&token, 0), json!({"alg": "RS256", "kid": kid}));
    let claims = part(&token, 1);
    assert_eq!(claims["cognito:groups"], json!(["tenant:news"]));
    assert_eq!(claims["iss"], "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ABC");
    assert_eq!((&claims["client_id"], &claims["scope"]), (&json!("portal"), &json!("platforms/read")));
    assert_eq!((&claims["username"], &claims["token_use"]), (&json!("anna"), &json!("access")));
    assert_eq!((&claims["exp"], claims.get("aud")), (&json!(NOW + 3600), None));
    let id = part(&pool.token(&TokenRequest { flaw: Some(Flaw::IdToken), ..asked.clone() }, NOW).unwrap(), 1);
    assert_eq!((&id["aud"], id.get("scope"), id.get("client_id")), (&json!("portal"), None, None));
    let robot = TokenRequest { client: Some("machine".into()), user: None, ..asked };
    let robot = part(&pool.token(&robot, NOW).unwrap(), 1);
    assert_eq!((&robot["sub"], &robot["client_id"]), (&json!("robot"), &json!("robot")));
    assert_eq!((robot.get("cognito:groups"), robot.get("username")), (None, None), "a machine is no user");
}

#[test]
fn what_a_client_may_not_ask_for_is_refused() {
    let asked = TokenRequest { scopes: vec!["platforms/own".into()], ..TokenRequest::default() };
    let error = pool(None).token(&asked, NOW).unwrap_err().to_string();
    assert_eq!(error, "the client portal may not ask for platforms/own; it may for platforms/read");
    let stranger = TokenRequest { client: Some("nobody".into()), ..TokenRequest::default() };
    let error = pool(None).token(&stranger, NOW).unwrap_err().to_string();
    assert_eq!(error, "the pool has no client nobody; it has portal, robot");
}

#[test]
fn a_kept_key_is_found_again_and_nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = std::env::temp_dir().join(format!("headend-key-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("key.der");
    let keys = || pool(Some(file.clone())).key_set();
    assert_eq!(keys().unwrap(), keys().unwrap());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&file, "no key").unwrap();
    let error = keys().unwrap_err().to_string();
    assert!(error.contains("key.der is no RSA key; remove it"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}
