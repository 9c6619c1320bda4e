//! The routes of `template.yaml`, of `openapi.yaml`, and of the code that answers for what has no route: the same.

use super::{CONTRACT, operations, text};
use futures::executor::block_on;
use headend_control::api::HttpRequest;
use headend_control::handlers::caller::Callers;
use headend_control::handlers::describe::Describer;
use headend_local::ports::{Sim, SimStore};
use headend_local::world::WorldConfig;
use serde_yaml_ng::Value as Yaml;
use std::collections::{BTreeMap, BTreeSet};

/// Method and path, the function that answers, and what the template calls the event.
type Route = (String, String, String);

fn deployed() -> BTreeSet<Route> {
    let template: Yaml = serde_yaml_ng::from_str(&text("template.yaml")).unwrap();
    let mut routes = BTreeSet::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let properties = &resource["Properties"];
        let Some(events) = properties["Events"].as_mapping() else { continue };
        let function = properties["CodeUri"].as_str().unwrap().trim_start_matches(".lambda/").trim_end_matches('/');
        for (name, event) in events.iter().filter(|(_, event)| event["Type"].as_str() == Some("HttpApi")) {
            let word = |field: &str| event["Properties"][field].as_str();
            let route = match (word("Method"), word("Path")) {
                (Some(method), Some(path)) => format!("{method} {path}"),
                _ => "$default".to_owned(),
            };
            routes.insert((route, function.to_owned(), name.as_str().unwrap().to_owned()));
        }
    }
    routes
}

fn documented() -> BTreeSet<Route> {
    let word = |route: &serde_json::Value, field: &str| route[field].as_str().unwrap_or_default().to_owned();
    let named = |key: String, route: &serde_json::Value| (key, word(route, "function"), word(route, "event"));
    let mut routes: BTreeSet<Route> = operations()
        .iter()
        .map(|it| named(format!("{} {}", it.method, it.path), &it.document["x-headend-route"]))
        .collect();
    routes.insert(named("$default".to_owned(), &CONTRACT["x-headend-default-route"]));
    routes
}

#[test]
fn every_route_of_the_template_is_in_the_contract_and_the_reverse() {
    let (deployed, documented) = (deployed(), documented());
    assert!(deployed.len() >= 12, "{deployed:?}");
    assert_eq!(deployed, documented);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_words_for_people() {
    let mut names = BTreeSet::new();
    let tags: BTreeSet<&str> =
        CONTRACT["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for it in operations() {
        let name = it.document["operationId"].as_str().unwrap_or_else(|| panic!("{} {}", it.method, it.path));
        assert!(names.insert(name), "{name} twice");
        for field in ["summary", "description"] {
            assert!(it.document[field].as_str().is_some_and(|text| text.len() > 8), "{name}: {field}");
        }
        let of = it.document["tags"].as_array().unwrap();
        assert!(of.iter().all(|tag| tags.contains(tag.as_str().unwrap())) && !of.is_empty(), "{name}: {of:?}");
        // A test and a resend are for a person who looks at what comes of them; a webhook is removed once.
        let once = ["removeWebhook", "testWebhook", "resendMessage"].contains(&name);
        let changes = it.method != "GET" && !once;
        let parameters = it.document["parameters"].to_string();
        // Each request for an orphan takes the next step, which a remembered answer would keep from being taken.
        let keyed = changes && name != "removeOrphan";
        assert_eq!(parameters.contains("IdempotencyKey"), keyed, "{name}: an Idempotency-Key goes with every change");
    }
}

#[test]
fn a_path_that_does_not_take_a_method_names_those_that_it_takes() {
    let store = SimStore(Sim::new(WorldConfig::default(), 1_767_225_600_000));
    let clock = store.0.clone();
    let describer =
        Describer { store: &store, clock: &clock, view: super::answers::view(), callers: Callers::default() };
    let mut taken: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for it in operations() {
        taken.entry(it.path).or_default().insert(it.method);
    }
    for (path, methods) in taken {
        let path =
            path.replace("{id}", "p-0123456789ab").replace("{name}", "studio").replace("{eventId}", "e-000000000000");
        let path = path.replace("{webhookId}", "w-000000000000").replace("{messageId}", "p-0123456789ab-1");
        let path = path.replace("{orphanId}", "channel.1");
        let path = path.replace("{occurrence}", "2026-01-05T19:00");
        let request = HttpRequest { method: "PUT".to_owned(), path: path.clone(), ..HttpRequest::default() };
        let answer = block_on(describer.handle(&request));
        super::answers::hold_default(&answer);
        assert_eq!(answer.status, 405, "{path}: {}", answer.body);
        let allow = answer.headers.iter().find(|(name, _)| name == "allow").map(|(_, value)| value.clone());
        let allow: BTreeSet<String> = allow.unwrap_or_default().split(", ").map(str::to_owned).collect();
        assert_eq!(allow, methods, "{path}");
    }
    let request = HttpRequest { method: "GET".to_owned(), path: "/nowhere".to_owned(), ..HttpRequest::default() };
    super::answers::hold_default(&block_on(describer.handle(&request)));
}
