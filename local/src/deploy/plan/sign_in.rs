//! Who may call which route: the authorizer of the HTTP API, the user pool that it trusts, and what Cognito refuses.

use std::collections::BTreeSet;

use super::{ApiPlan, Placed, Plan};
use crate::cognito::{ClientPlan, PoolPlan};
use crate::deploy::api::{Access, AuthorizerPlan};
use crate::deploy::template::resources::{HttpApiProperties, Resource};
use crate::deploy::template::sign_in::{
    ApiAuth, ResourceServerProperties, RouteAuth, SignIn, UserPoolClientProperties, UserPoolDomainProperties,
};
use crate::deploy::template::{Deployed, TemplateError};

/// The one place where the local cloud looks for a token; an HTTP API could look elsewhere.
const IDENTITY_SOURCE: &str = "$request.header.Authorization";
/// Scopes that every pool has.
const OPENID_SCOPES: [&str; 5] = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];
/// Cognito refuses a prefix with one of these words in it.
const NOT_IN_A_DOMAIN: [&str; 3] = ["aws", "amazon", "cognito"];

type Checked<T> = Result<T, (String, String)>;

fn wrong<T>(property: &str, problem: impl Into<String>) -> Checked<T> {
    Err((property.to_owned(), problem.into()))
}

/// Adds the pool of a template with its clients. Its scopes have to be known first, whatever the order in the file.
pub fn add_pool(plan: &mut Plan, placed: &Placed<'_>) -> Result<(), TemplateError> {
    for deployed in placed.resources() {
        let Resource::SignIn(SignIn::Pool(pool)) = &deployed.resource else { continue };
        if plan.pool.is_some() {
            return Err(placed.problem(&deployed.logical, "Type", "the local cloud has one user pool"));
        }
        let protected = pool.deletion_protection.as_deref().unwrap_or("INACTIVE");
        if !matches!(protected, "ACTIVE" | "INACTIVE") {
            return Err(placed.problem(&deployed.logical, "Properties.DeletionProtection", "it is ACTIVE or INACTIVE"));
        }
        plan.pool = Some(PoolPlan {
            id: deployed.identity.reference.clone(),
            region: placed.region.to_owned(),
            clients: Vec::new(),
        });
    }
    let scopes = scopes(placed);
    for deployed in placed.resources() {
        let Resource::SignIn(resource) = &deployed.resource else { continue };
        let checked = belongs(plan, resource).and_then(|()| match resource {
            SignIn::Client(client) => client_plan(deployed, client, &scopes).map(Some),
            SignIn::Domain(domain) => prefix(domain).map(|()| None),
            SignIn::Pool(_) | SignIn::ResourceServer(_) | SignIn::Group(_) => Ok(None),
        });
        let client = checked.map_err(|(property, problem)| {
            placed.problem(&deployed.logical, &format!("Properties.{property}"), problem)
        })?;
        if let Some(pool) = &mut plan.pool {
            pool.clients.extend(client);
        }
    }
    Ok(())
}

fn belongs(plan: &Plan, resource: &SignIn) -> Checked<()> {
    let of = match resource {
        SignIn::Pool(_) => return Ok(()),
        SignIn::Domain(domain) => &domain.user_pool_id,
        SignIn::ResourceServer(server) => &server.user_pool_id,
        SignIn::Client(client) => &client.user_pool_id,
        SignIn::Group(group) => &group.user_pool_id,
    };
    match plan.pool.as_ref().is_some_and(|pool| pool.id == *of) {
        true => Ok(()),
        false => wrong("UserPoolId", format!("{of} is no user pool of the template")),
    }
}

/// `identifier/scope` of every resource server.
fn scopes(placed: &Placed<'_>) -> BTreeSet<String> {
    let servers = placed.resources().filter_map(|deployed| match &deployed.resource {
        Resource::SignIn(SignIn::ResourceServer(server)) => Some(server),
        _ => None,
    });
    let of = |server: &ResourceServerProperties| {
        let names = server.scopes.iter().map(|scope| format!("{}/{}", server.identifier, scope.scope_name));
        names.collect::<Vec<_>>()
    };
    servers.flat_map(of).collect()
}

fn client_plan(
    deployed: &Deployed,
    client: &UserPoolClientProperties,
    known: &BTreeSet<String>,
) -> Checked<ClientPlan> {
    let machine = client.flows.iter().any(|flow| flow == "client_credentials");
    if let Some(unknown) =
        client.flows.iter().find(|flow| !matches!(flow.as_str(), "code" | "implicit" | "client_credentials"))
    {
        return wrong("AllowedOAuthFlows", format!("Cognito has no flow {unknown}"));
    }
    if machine && client.flows.len() > 1 {
        return wrong("AllowedOAuthFlows", "client_credentials stands alone");
    }
    if machine && !client.generate_secret {
        return wrong("GenerateSecret", "Cognito gives client_credentials only to a client with a secret");
    }
    if !client.flows.is_empty() && !client.oauth {
        return wrong("AllowedOAuthFlowsUserPoolClient", "Cognito takes flows only where this is true");
    }
    if !machine && !client.flows.is_empty() && client.callback_urls.is_empty() {
        return wrong("CallbackURLs", "Cognito sends people back to one of these; there is none");
    }
    let unsafe_url = |url: &&String| !url.starts_with("https://") && !url.starts_with("http://localhost");
    if let Some(url) = client.callback_urls.iter().chain(&client.logout_urls).find(unsafe_url) {
        return wrong("CallbackURLs", format!("Cognito takes https, and http of localhost only; not {url}"));
    }
    let unknown = |scope: &&String| !known.contains(*scope) && (machine || !OPENID_SCOPES.contains(&scope.as_str()));
    if let Some(scope) = client.scopes.iter().find(unknown) {
        return wrong("AllowedOAuthScopes", format!("no resource server of the template has the scope {scope}"));
    }
    Ok(ClientPlan { id: deployed.identity.reference.clone(), machine, scopes: client.scopes.clone() })
}

fn prefix(domain: &UserPoolDomainProperties) -> Checked<()> {
    let name = domain.domain.as_str();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits =
        (1..=63).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('-') && !name.ends_with('-');
    if !fits {
        return wrong("Domain", format!("{name} is no prefix: 1 to 63 lower-case letters, digits and inner hyphens"));
    }
    match NOT_IN_A_DOMAIN.iter().find(|word| name.contains(**word)) {
        Some(word) => wrong("Domain", format!("Cognito takes no prefix with {word} in it: {name}")),
        None => Ok(()),
    }
}

/// The API's default authorizer. Every authorizer of the template has to trust the pool of the template.
pub fn authorizer(plan: &Plan, properties: &HttpApiProperties) -> Result<Option<AuthorizerPlan>, String> {
    let Some(auth) = &properties.auth else { return Ok(None) };
    let ApiAuth { default_authorizer: Some(name), authorizers } = auth else {
        return Err("the local cloud serves APIs with a DefaultAuthorizer".to_owned());
    };
    let (1, Some(authorizer)) = (authorizers.len(), authorizers.get(name)) else {
        return Err(format!("the local cloud serves one authorizer, the default {name}"));
    };
    if authorizer.identity_source != IDENTITY_SOURCE {
        return Err(format!("the local cloud takes a token from {IDENTITY_SOURCE} only"));
    }
    let configured = &authorizer.jwt_configuration;
    let Some(pool) = &plan.pool else { return Err("there is no user pool to trust".to_owned()) };
    let issuer = format!("https://cognito-idp.{}.amazonaws.com/{}", pool.region, pool.id);
    if configured.issuer != issuer {
        return Err(format!("the issuer {} is not the user pool's, {issuer}", configured.issuer));
    }
    if let Some(stranger) = configured.audience.iter().find(|id| !pool.clients.iter().any(|client| client.id == **id)) {
        return Err(format!("the audience {stranger} is no client of the user pool"));
    }
    if !authorizer.authorization_scopes.is_empty() {
        return Err("the local cloud reads AuthorizationScopes of routes only".to_owned());
    }
    Ok(Some(AuthorizerPlan { name: name.clone(), issuer, audience: configured.audience.clone() }))
}

/// Who may call a route.
pub fn access(api: &ApiPlan, pool: Option<&PoolPlan>, auth: &RouteAuth) -> Result<Access, String> {
    let scopes = auth.authorization_scopes.clone().unwrap_or_default();
    match (auth.authorizer.as_deref(), &api.authorizer) {
        (Some("NONE"), _) if !scopes.is_empty() => Err("a route without authorizer asks for no scopes".to_owned()),
        (Some("NONE"), _) | (None, None) if scopes.is_empty() => Ok(Access::Open),
        (Some(name), Some(authorizer)) if name != authorizer.name => {
            Err(format!("the API has no authorizer {name}; it has {}", authorizer.name))
        }
        (_, None) => Err("the API has no authorizer".to_owned()),
        (_, Some(_)) => {
            let known =
                |scope: &&String| pool.is_some_and(|pool| pool.clients.iter().any(|c| c.scopes.contains(scope)));
            match scopes.iter().find(|scope| !known(scope)) {
                Some(nobody) => Err(format!("no client of the user pool may ask for the scope {nobody}")),
                None => Ok(Access::SignedIn { scopes }),
            }
        }
    }
}
