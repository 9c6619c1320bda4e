//! `cargo xtask token`: asks the running local cloud for a token of its simulated user pool, and prints nothing else.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};

/// What the token shall be like.
#[derive(Args)]
pub struct Wanted {
    /// platforms/read, platforms/write or platforms/operate; may be given several times. Without it, all three.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The tenant whose group the user is in; may be given several times, which nobody should be.
    #[arg(long = "tenant", value_name = "TENANT", default_value = "default")]
    tenants: Vec<String>,
    /// The user's name.
    #[arg(long, conflicts_with = "client")]
    user: Option<String>,
    /// A client in place of a person: `machine`, or the id of one of the pool's clients.
    #[arg(long)]
    client: Option<String>,
    /// Seconds until it expires; Cognito's default is an hour.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    expires: Option<i64>,
    /// Makes a token that the API has to refuse: expired, not-yet-valid, issued-later, wrong-audience, wrong-issuer,
    /// wrong-key, unknown-key, alg-none, id-token.
    #[arg(long)]
    flaw: Option<String>,
    /// The AWS endpoint of the local cloud.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    aws: String,
}

const SCOPES: [&str; 3] = ["platforms/read", "platforms/write", "platforms/operate"];

/// A token with everything for the default tenant.
pub fn of(aws: &str) -> Result<String> {
    ask(aws, &json!({"scopes": SCOPES, "tenants": ["default"]}))
}

pub fn print(wanted: &Wanted) -> Result<()> {
    let scopes = if wanted.scopes.is_empty() { SCOPES.map(str::to_owned).to_vec() } else { wanted.scopes.clone() };
    let asked = json!({
        "scopes": scopes,
        "tenants": wanted.tenants,
        "user": wanted.user,
        "client": wanted.client,
        "expires": wanted.expires,
        "flaw": wanted.flaw,
    });
    println!("{}", ask(&wanted.aws, &asked)?);
    Ok(())
}

fn ask(aws: &str, asked: &Value) -> Result<String> {
    let url = format!("{}/_headend/token", aws.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let answer = agent.post(&url).send_json(asked);
    let mut answer =
        answer.with_context(|| format!("no local cloud answers at {url}; start one with cargo xtask dev --auth"))?;
    let status = answer.status();
    let body: Value = answer.body_mut().read_json().with_context(|| format!("{url} is no local cloud's"))?;
    match body["token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => bail!("the local cloud answered {status}: {}", body["message"].as_str().unwrap_or_default()),
    }
}
