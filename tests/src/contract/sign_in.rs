//! Who may call what: the same in `template.yaml` and `openapi.yaml`, and nothing is open that is not meant to be.

use super::{CONTRACT, operations, resolved, text};
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use std::collections::{BTreeMap, BTreeSet};

/// The routes that take no token. A new one is a decision, and stands here with its reason.
const OPEN: [&str; 3] = [
    // Public: what a player needs.
    "GET /platforms/{id}/player-config",
    // Calendar programs cannot sign in: its address has a key, without which nothing is told.
    "GET /platforms/{id}/calendar.ics",
    // Says that there is nothing, and which methods a path takes; it has no claims, without which no data is given.
    "$default",
];

/// By route: the scopes, or none where it is open.
type Access = BTreeMap<String, Option<BTreeSet<String>>>;

fn words(list: &Yaml) -> BTreeSet<String> {
    list.as_sequence().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// What the template says, as SAM reads it: the API's default authorizer holds where a route does not say `NONE`.
fn deployed() -> Access {
    let template: Yaml = serde_yaml_ng::from_str(&text("template.yaml")).unwrap();
    let default = template["Resources"]["Api"]["Properties"]["Auth"]["DefaultAuthorizer"].as_str();
    let mut all = Access::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let Some(events) = resource["Properties"]["Events"].as_mapping() else { continue };
        for (_, event) in events.iter().filter(|(_, event)| event["Type"].as_str() == Some("HttpApi")) {
            let properties = &event["Properties"];
            let route = match (properties["Method"].as_str(), properties["Path"].as_str()) {
                (Some(method), Some(path)) => format!("{method} {path}"),
                _ => "$default".to_owned(),
            };
            let auth = &properties["Auth"];
            let signed_in = auth["Authorizer"].as_str().or(default).is_some_and(|name| name != "NONE");
            let scopes = auth.get("AuthorizationScopes").map(words).unwrap_or_default();
            all.insert(route, signed_in.then_some(scopes));
        }
    }
    all
}

fn documented() -> Access {
    let mut all = Access::from([("$default".to_owned(), None)]);
    for it in operations() {
        let security = it.document["security"].as_array();
        let security = security.unwrap_or_else(|| panic!("{} {} says nothing of security", it.method, it.path));
        assert!(security.len() <= 1, "{} {}: one way to sign in", it.method, it.path);
        let scopes = security.first().map(|way| {
            let (name, scopes) = way.as_object().unwrap().iter().next().unwrap();
            assert_eq!(name, "SignIn");
            scopes.as_array().unwrap().iter().map(|scope| scope.as_str().unwrap().to_owned()).collect()
        });
        all.insert(format!("{} {}", it.method, it.path), scopes);
    }
    all
}

#[test]
fn every_route_has_an_authorizer_and_a_scope_but_those_that_are_meant_to_be_open() {
    let mut open = BTreeSet::new();
    for (route, scopes) in deployed() {
        match scopes {
            None => assert!(open.insert(route)),
            // Without scopes an ID token would do.
            Some(scopes) => assert_eq!(scopes.len(), 1, "{route} takes {scopes:?}"),
        }
    }
    assert_eq!(open, OPEN.map(str::to_owned).into());
}

#[test]
fn the_scopes_of_the_contract_are_those_of_the_template() {
    let deployed = deployed();
    assert!(deployed.len() >= 13, "{deployed:?}");
    assert_eq!(deployed, documented());
}

#[test]
fn the_scopes_are_those_that_the_user_pool_gives_and_none_is_without_use() {
    let template: Yaml = serde_yaml_ng::from_str(&text("template.yaml")).unwrap();
    let resources = &template["Resources"];
    let server = &resources["PlatformsScopes"]["Properties"];
    let identifier = server["Identifier"].as_str().unwrap();
    let named = server["Scopes"].as_sequence().unwrap().iter();
    let given: BTreeMap<String, String> = named
        .map(|scope| {
            let word = |field: &str| scope[field].as_str().unwrap();
            (format!("{identifier}/{}", word("ScopeName")), word("ScopeDescription").to_owned())
        })
        .collect();
    let used: BTreeSet<String> = deployed().into_values().flatten().flatten().collect();
    assert_eq!(given.keys().cloned().collect::<BTreeSet<_>>(), used);
    let flows = &CONTRACT["components"]["securitySchemes"]["SignIn"]["flows"];
    for flow in ["authorizationCode", "clientCredentials"] {
        let told: BTreeMap<String, String> = serde_json::from_value(flows[flow]["scopes"].clone()).unwrap();
        assert_eq!(told, given, "{flow}");
    }
    for client in ["PortalClient", "MachineClient"] {
        let mut asks = words(&resources[client]["Properties"]["AllowedOAuthScopes"]);
        asks.remove("openid");
        assert_eq!(asks, used, "{client}");
    }
}

#[test]
fn what_takes_a_token_can_be_refused_for_it_and_what_takes_none_cannot() {
    for it in operations() {
        let signed_in = it.document["security"] != Value::Array(Vec::new());
        let response = it.document["responses"].get("401").map(|response| resolved(response));
        assert_eq!(response.is_some(), signed_in, "{} {}", it.method, it.path);
        let example = |response: &Value| response["content"]["application/json"]["example"]["message"].clone();
        if let Some(response) = response {
            assert_eq!(example(response), "Unauthorized");
            assert!(response["headers"]["WWW-Authenticate"].is_object());
            assert_eq!(example(resolved(&it.document["responses"]["403"])), "Forbidden");
        }
    }
}
