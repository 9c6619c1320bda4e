//! Reads request bodies that are to be accepted, or refused for exactly one set of reasons.

use crate::spec::{Spec, read};
use serde_json::Value;

#[track_caller]
pub fn good(request: &Value) -> Spec {
    read(request).unwrap_or_else(|problems| panic!("{request} is refused: {problems:?}"))
}

/// Refused with exactly these problems, each at its field and with these words in it.
#[track_caller]
pub fn bad(request: &Value, expect: &[(&str, &str)]) {
    let problems = read(request).err().unwrap_or_default();
    let found: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(found, expect.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(), "{request}: {problems:?}");
    for (problem, (_, words)) in problems.iter().zip(expect) {
        assert!(problem.detail.contains(words), "{words:?} is not in {:?}", problem.detail);
    }
}
