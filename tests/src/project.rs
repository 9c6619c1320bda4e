//! What the project promises of itself: who links what, and that functions and template name the same things.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every crate that the packages link, themselves included.
fn linked(packages: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"]).current_dir(root());
    for package in packages {
        command.args(["--package", package]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_default_loop_links_no_aws_sdk() {
    let default = linked(&["headend-domain", "headend-control", "headend-local", "headend-tests", "xtask"]);
    assert!(default.contains("headend-domain") && default.contains("serde"), "{default:?}");
    // The trigger types are data; they bring no client along.
    let of_aws = |name: &&String| name.starts_with("aws-") || name.starts_with("aws_");
    assert_eq!(default.iter().filter(of_aws).collect::<Vec<_>>(), ["aws_lambda_events"]);
    assert!(linked(&["headend-aws-media"]).contains("aws-sdk-medialive"), "this test can see an SDK");
}

#[test]
fn the_domain_knows_neither_time_nor_chance_nor_threads() {
    let domain = linked(&["headend-domain"]);
    for forbidden in ["tokio", "futures", "rand", "getrandom", "headend-control", "headend-local"] {
        assert!(!domain.contains(forbidden), "the domain links {forbidden}");
    }
}

#[test]
fn control_knows_what_functions_are_invoked_with_but_not_who_invokes_them() {
    let control = linked(&["headend-control"]);
    assert!(control.contains("aws_lambda_events"), "{control:?}");
    for forbidden in ["lambda_runtime", "lambda_http", "http", "hyper", "tokio"] {
        assert!(!control.contains(forbidden), "control links {forbidden}");
    }
}

#[test]
fn only_what_changes_the_account_links_the_heavy_sdks() {
    for entry in std::fs::read_dir(root().join("functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let linked = linked(&[&name]);
        let heavy = ["provision", "orphans"].contains(&name.as_str());
        assert_eq!(linked.contains("aws-sdk-medialive"), heavy, "{name}");
        assert_eq!(linked.contains("aws-sdk-cloudwatch"), heavy || name == "platform-health", "{name}");
    }
}

#[test]
fn every_function_is_in_the_template_and_the_reverse() {
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let named: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("CodeUri: .lambda/"))
        .map(|name| name.trim_end_matches('/').to_owned())
        .collect();
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    let folders: BTreeSet<String> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(named, folders);
}

#[test]
fn a_function_is_wiring() {
    for entry in std::fs::read_dir(root().join("functions")).unwrap() {
        let path = entry.unwrap().path().join("src/main.rs");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().count() <= 40, "{} has more than 40 lines", path.display());
        assert!(!text.contains("if "), "{} decides something", path.display());
    }
}
