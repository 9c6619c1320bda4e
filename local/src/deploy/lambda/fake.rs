//! A function for tests: the test binary itself, started through a script, that plays by the Runtime API.
//!
//! What it does stands in the event: `{"do": "echo" | "fail" | "crash" | "hang" | "wait"}`, an HTTP event's path, or
//! the body of a queue message.

// A function that hangs has to hang.
#![allow(clippy::disallowed_methods)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

/// An empty folder of this test's own.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("headend-{name}-{}", std::process::id()));
    // A run that was killed may have left one.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Puts the function into a folder under this name.
pub fn install(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let tests = std::env::current_exe().unwrap();
    let play = "deploy::lambda::fake::plays_the_function";
    let script = format!("#!/bin/sh\nexec '{}' --exact {play} --ignored --nocapture\n", tests.display());
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Not a test of anything: the other half of those that start it.
#[test]
#[ignore = "plays the function for other tests"]
fn plays_the_function() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    match std::env::var("INIT").as_deref() {
        Ok("crash") => std::process::exit(3),
        Ok("hang") => std::thread::sleep(Duration::from_secs(3600)),
        Ok(_) | Err(_) => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play(&format!("http://{api}/2018-06-01/runtime")));
}

async fn play(api: &str) {
    let client = reqwest::Client::new();
    if std::env::var("INIT").as_deref() == Ok("error") {
        let error = json!({"errorType": "Config", "errorMessage": "no table"});
        client.post(format!("{api}/init/error")).json(&error).send().await.unwrap();
        return;
    }
    loop {
        // The local cloud is gone: so are we.
        let Ok(next) = client.get(format!("{api}/invocation/next")).send().await else { return };
        let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
        let event: Value = next.json().await.unwrap();
        println!("event {event}");
        match wanted(&event).as_str() {
            "fail" => {
                let error = json!({"errorType": "Broken", "errorMessage": "as asked"});
                client.post(format!("{api}/invocation/{id}/error")).json(&error).send().await.unwrap();
            }
            "crash" => std::process::exit(7),
            "hang" => std::thread::sleep(Duration::from_secs(3600)),
            "environment" => {
                let all = std::env::vars().collect::<std::collections::BTreeMap<_, _>>();
                client.post(format!("{api}/invocation/{id}/response")).json(&all).send().await.unwrap();
            }
            _ => {
                client.post(format!("{api}/invocation/{id}/response")).json(&event).send().await.unwrap();
            }
        }
    }
}

fn wanted(event: &Value) -> String {
    let asked = [&event["do"], &event["pathParameters"]["what"], &event["Records"][0]["body"]];
    asked.into_iter().find_map(Value::as_str).unwrap_or("echo").to_owned()
}
