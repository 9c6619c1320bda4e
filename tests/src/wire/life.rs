//! One platform from the first request to nothing left, with everything that it asked of AWS on record.

use super::recording::{mutations, read, word};
use super::rig::{FULL, HOME, Rig, config};
use headend_local::deploy::StackConfig;
use headend_local::world::{Switches, WorldConfig};
use serde_json::{Value, json};

const MEMBERS: [&str; 8] = ["time", "function", "service", "operation", "method", "uri", "headers", "status"];

fn is_whole(call: &Value) -> bool {
    let either = |name: &str| call[name].is_string() || call[format!("{name}_base64")].is_string();
    MEMBERS.iter().all(|name| !call[*name].is_null())
        && call["headers"].is_object()
        && call["status"].is_u64()
        && either("body")
        && either("response")
}

/// The values of all secrets in the account.
fn secrets(rig: &Rig) -> Vec<String> {
    rig.stack.cloud.peek(|world| {
        let secrets = world.regions[HOME].secrets.secrets.values();
        secrets.flat_map(|secret| secret.versions.values().map(|version| version.secret_string.clone())).collect()
    })
}

/// The values inside a secret's JSON document, or the text itself.
fn values(secret: &str) -> Vec<String> {
    match serde_json::from_str(secret) {
        Ok(Value::Object(members)) => members.values().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![secret.to_owned()],
    }
}

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_life_over_the_wire_leaves_nothing() {
    let base = config();
    // A throttled call is sent again and would stand twice in the list of calls.
    let switches = Switches { throttles: false, ..Switches::default() };
    let world = WorldConfig { switches, ..base.world.clone() };
    let rig = Rig::start(StackConfig { world, ..base }).await;
    let record = rig.record.clone();

    let id = rig.create(FULL).await;
    let ready = rig.reach(&id, "Ready").await;
    assert_eq!(ready["progress"]["done"], ready["progress"]["total"], "{ready:#}");
    rig.settle(&id).await;
    let hidden: Vec<String> = secrets(&rig).iter().flat_map(|secret| values(secret)).collect();
    assert_eq!(hidden.len(), 1, "one platform has one CDN identifier");
    assert_eq!(rig.inventory().len(), 20, "{:#?}", rig.inventory());
    rig.change(&id, "start").await;
    let live = rig.reach(&id, "Live").await;
    assert_eq!(live["playback"].as_array().unwrap().len(), 3);
    rig.settle(&id).await;
    assert_eq!(rig.doubles(), Vec::<String>::new());
    rig.change(&id, "stop").await;
    rig.reach(&id, "Ready").await;
    rig.tear_down(&id).await;
    let gone = rig.reach(&id, "Gone").await;
    assert!(gone["goneAt"].is_string(), "{gone:#}");
    assert_eq!(rig.inventory(), Vec::new());
    let timeline = rig.timeline(&id).await.join("\n");
    rig.end().await;

    let calls = read(&record);
    let golden = include_str!("../lives/golden_mutations.txt").lines().filter(|line| !line.starts_with('#'));
    let mut golden: Vec<String> = golden.map(str::to_owned).collect();
    golden.sort();
    assert_eq!(mutations(&calls), golden, "{timeline}");
    assert!(calls.iter().any(|call| word(call, "service") == "dynamodb"));
    let scans = calls.iter().filter(|call| word(call, "operation") == "Scan").count();
    assert_eq!(scans, 0);
    let broken: Vec<&Value> = calls.iter().filter(|call| !is_whole(call)).collect();
    assert!(broken.is_empty(), "{:#?}", broken.first());
    assert_nothing_secret(&calls, &hidden);
}

/// Neither the CDN identifier nor a signature; both were there to be hidden.
fn assert_nothing_secret(calls: &[Value], hidden: &[String]) {
    let redacted = |call: &&Value| call["headers"]["authorization"] == json!("[redacted]");
    assert_eq!(calls.iter().filter(redacted).count(), calls.len(), "every call is signed, and no signature is kept");
    let with_secrets =
        calls.iter().filter(|call| call.to_string().contains("[redacted]") && !word(call, "body").is_empty());
    assert!(with_secrets.count() > 0);
    for call in calls {
        let text = call.to_string();
        assert!(!text.contains("Signature="), "{text}");
        for secret in hidden {
            assert!(
                !text.contains(secret.as_str()),
                "the CDN identifier stands in {} {}",
                call["service"],
                call["operation"]
            );
        }
    }
}
