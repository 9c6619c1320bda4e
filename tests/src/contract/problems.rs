//! Every problem type that the code answers, with its status: in the contract and in `docs/errors.md`, and nothing there
//! that the code does not have. The source itself is read, so that a new one cannot be forgotten.

use super::{CONTRACT, operations, resolved, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const URN: &str = "urn:headend:problem:";

/// Status and kind.
type Kinds = BTreeSet<(u16, String)>;

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The first string literal of a call's arguments.
fn literal(argument: &str) -> Option<String> {
    let rest = argument.trim_start().strip_prefix('"')?;
    Some(rest[..rest.find('"')?].to_owned())
}

/// What one call answers: `problem(404, "kind"`, `with_errors(422, "kind"`, `conflict("kind"`.
fn answered(name: &str, arguments: &str) -> Option<(u16, String)> {
    if name == "conflict" {
        return Some((409, literal(arguments)?));
    }
    let (status, rest) = arguments.split_once(',')?;
    Some((status.trim().parse().ok()?, literal(rest)?))
}

fn in_the_code() -> Kinds {
    let mut files = Vec::new();
    for folder in ["shared/control/src/api", "shared/control/src/handlers"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), &mut files);
    }
    let mut kinds = Kinds::new();
    for (path, source) in &files {
        let mut passed_on = 0;
        for name in ["problem", "with_errors", "conflict"] {
            for (at, _) in source.match_indices(&format!("{name}(")) {
                let before = &source[..at];
                if before.ends_with("fn ") || before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
                    continue;
                }
                match answered(name, &source[at + name.len() + 1..]) {
                    Some(kind) => drop(kinds.insert(kind)),
                    None => passed_on += 1,
                }
            }
        }
        // `problem` hands on to `with_errors`, `conflict` to `problem`; everywhere else a kind is a literal.
        assert_eq!(passed_on, if path.ends_with("problem.rs") { 2 } else { 0 }, "{path} has a kind that is no literal");
    }
    kinds
}

/// Of one response of the contract.
fn of_response(response: &Value) -> Kinds {
    let Some(content) = response["content"].get("application/problem+json") else { return Kinds::new() };
    let properties = &content["schema"]["allOf"][1]["properties"];
    let status = u16::try_from(properties["status"]["const"].as_u64().unwrap()).unwrap();
    let kinds = properties["type"]["enum"].as_array().unwrap();
    kinds.iter().map(|kind| (status, kind.as_str().unwrap().strip_prefix(URN).unwrap().to_owned())).collect()
}

fn in_the_contract() -> Kinds {
    CONTRACT["components"]["responses"].as_object().unwrap().values().flat_map(of_response).collect()
}

/// `docs/errors.md`: a heading with the kind, the statuses under it.
fn in_the_document() -> Kinds {
    let document = text("docs/errors.md");
    let mut kinds = Kinds::new();
    for section in document.split("\n### ").skip(1) {
        let (kind, rest) = section.split_once('\n').unwrap();
        let kind = kind.trim().trim_matches('`');
        let line = rest.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or_else(|| panic!("{kind}"));
        for part in ["What it means", "What to do"] {
            assert!(rest.contains(&format!("**{part}.**")), "{kind}: {part}");
        }
        let example: Value =
            serde_json::from_str(rest.split("```").nth(1).unwrap().trim_start_matches("json")).unwrap();
        assert_eq!(example["type"], format!("{URN}{kind}"), "the example of {kind}");
        let problems = super::wrong(&super::validator_of("Problem"), &example);
        assert!(problems.is_empty(), "the example of {kind}: {problems:?}");
        let statuses: Vec<u16> = line.split(", ").map(|word| word.parse().unwrap()).collect();
        assert!(statuses.iter().any(|status| example["status"] == *status), "the example of {kind}");
        kinds.extend(statuses.into_iter().map(|status| (status, kind.to_owned())));
    }
    kinds
}

#[test]
fn every_problem_type_of_the_code_is_in_the_contract_and_the_reverse() {
    let code = in_the_code();
    assert!(code.len() > 15, "{code:?}");
    assert_eq!(code, in_the_contract());
}

#[test]
fn every_problem_type_of_the_code_is_explained_and_the_reverse() {
    assert_eq!(in_the_code(), in_the_document());
}

#[test]
fn a_response_stands_under_its_own_status() {
    let mut seen: BTreeMap<u16, usize> = BTreeMap::new();
    for it in operations() {
        for (status, response) in it.document["responses"].as_object().unwrap() {
            let status: u16 = status.parse().unwrap();
            for (documented, kind) in of_response(resolved(response)) {
                assert_eq!(status, documented, "{} {}: {kind}", it.method, it.path);
                *seen.entry(status).or_default() += 1;
            }
        }
    }
    assert!(seen.contains_key(&409) && seen.contains_key(&503), "{seen:?}");
}
