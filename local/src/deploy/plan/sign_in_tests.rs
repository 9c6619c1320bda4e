//! Sign-in in the project's template, and what Cognito, SAM and API Gateway do not take.

use super::tests::{FUNCTION, own_plan, plan, refused};
use crate::deploy::api::Access;

/// A pool with a scope and one client of each kind.
const POOL: &str = "
  Pool: {Type: AWS::Cognito::UserPool}
  Server: {Type: AWS::Cognito::UserPoolResourceServer, Properties: {UserPoolId: !Ref Pool, Identifier: it, Name: It, Scopes: [{ScopeName: read, ScopeDescription: Reads}]}}
  People: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Pool, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: [code], CallbackURLs: ['https://a.example/'], AllowedOAuthScopes: [openid, it/read]}}
";
const API: &str = "  Api: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {DefaultAuthorizer: A, Authorizers: {A: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: !Sub 'https://cognito-idp.eu-west-1.amazonaws.com/${Pool}', audience: [!Ref People]}}}}}}\n";

fn route(auth: &str) -> String {
    format!(
        "{POOL}{API}  F: {{{FUNCTION}, Events: {{E: {{Type: HttpApi, Properties: {{ApiId: !Ref Api, Method: GET, Path: /x{auth}}}}}}}}}}}\n"
    )
}

fn access(auth: &str) -> Access {
    let plan = plan(&format!("Resources:\n{}", route(auth))).unwrap();
    plan.api.unwrap().routes.all()[0].access.clone()
}

#[test]
fn a_route_takes_what_its_template_says() {
    let signed_in = |scopes: &[&str]| Access::SignedIn { scopes: scopes.iter().map(|it| (*it).to_owned()).collect() };
    assert_eq!(access(""), signed_in(&[]), "the default authorizer holds where nothing is said");
    assert_eq!(access(", Auth: {AuthorizationScopes: [it/read]}"), signed_in(&["it/read"]));
    assert_eq!(access(", Auth: {Authorizer: A, AuthorizationScopes: [it/read]}"), signed_in(&["it/read"]));
    assert_eq!(access(", Auth: {Authorizer: NONE}"), Access::Open);
    let place = "Resources.F.Properties.Events.E.Properties.Auth";
    refused(&route(", Auth: {Authorizer: B}"), place, "no authorizer B; it has A");
    refused(&route(", Auth: {AuthorizationScopes: [it/write]}"), place, "no client of the user pool may ask for");
    refused(&route(", Auth: {Authorizer: NONE, AuthorizationScopes: [it/read]}"), place, "asks for no scopes");
}

#[test]
fn the_template_lets_in_people_and_machines() {
    let plan = own_plan();
    let pool = plan.pool.unwrap();
    let kinds: Vec<bool> = pool.clients.iter().map(|client| client.machine).collect();
    assert_eq!(kinds.iter().filter(|machine| **machine).count(), 1, "{kinds:?}");
    let mut ids: Vec<String> = pool.clients.into_iter().map(|client| client.id).collect();
    let mut audience = plan.api.unwrap().authorizer.unwrap().audience;
    ids.sort();
    audience.sort();
    assert_eq!((ids.len(), &ids), (2, &audience));
}

#[test]
fn what_cognito_refuses_is_refused() {
    let client = |more: &str| {
        format!("{POOL}  C: {{Type: AWS::Cognito::UserPoolClient, Properties: {{UserPoolId: !Ref Pool, {more}}}}}\n")
    };
    let oauth = "AllowedOAuthFlowsUserPoolClient: true";
    let at = |property: &str| format!("Resources.C.Properties.{property}");
    let machine = format!("{oauth}, AllowedOAuthFlows: [client_credentials]");
    refused(&client(&machine), &at("GenerateSecret"), "a client with a secret");
    let both = format!("{oauth}, AllowedOAuthFlows: [code, client_credentials]");
    refused(&client(&both), &at("AllowedOAuthFlows"), "stands alone");
    refused(&client(&format!("{oauth}, AllowedOAuthFlows: [magic]")), &at("AllowedOAuthFlows"), "no flow magic");
    refused(&client("AllowedOAuthFlows: [code]"), &at("AllowedOAuthFlowsUserPoolClient"), "only where this is true");
    let code = format!("{oauth}, AllowedOAuthFlows: [code]");
    refused(&client(&code), &at("CallbackURLs"), "there is none");
    refused(&client(&format!("{code}, CallbackURLs: ['http://a.example']")), &at("CallbackURLs"), "https");
    let scope = format!("{machine}, GenerateSecret: true, AllowedOAuthScopes: [openid]");
    refused(&client(&scope), &at("AllowedOAuthScopes"), "has the scope openid");
    let stray = "  C: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: nowhere}}\n";
    refused(stray, &at("UserPoolId"), "no user pool of the template");
    let domain = |name: &str| {
        format!(
            "{POOL}  C: {{Type: AWS::Cognito::UserPoolDomain, Properties: {{UserPoolId: !Ref Pool, Domain: {name}}}}}\n"
        )
    };
    refused(&domain("Headend"), &at("Domain"), "is no prefix");
    refused(&domain("my-aws-stack"), &at("Domain"), "with aws in it");
}

#[test]
fn an_authorizer_trusts_the_templates_own_pool() {
    let place = "Resources.Api.Properties.Auth";
    let api = |from: &str, to: &str| format!("{POOL}{}", API.replace(from, to));
    refused(&api("/${Pool}", "/other"), place, "is not the user pool's");
    refused(&api("!Ref People", "stranger"), place, "stranger is no client");
    refused(&api("header.Authorization", "querystring.token"), place, "takes a token from");
    refused(&api("DefaultAuthorizer: A, ", ""), place, "with a DefaultAuthorizer");
    refused(API.replace("${Pool}", "x").replace("!Ref People", "x").as_str(), place, "no user pool to trust");
}
