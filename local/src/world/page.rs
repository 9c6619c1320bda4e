//! Paged lists. The token names the last item that was given out, so that changes in between skip or repeat nothing else.

use serde::{Deserialize, Serialize};

use super::AwsError;

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub max_results: Option<usize>,
    pub next_token: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next_token: Option<String>,
}

const TOKEN_PREFIX: &str = "after-";

/// Cuts the page out of `all`, whose items are in the order of their keys; a page holds at most `most` of them.
pub(crate) fn cut<'a, T: Clone + 'a>(
    all: impl Iterator<Item = (&'a String, &'a T)>,
    page: &Page,
    most: usize,
) -> Result<Paged<T>, AwsError> {
    let after = match page.next_token.as_deref() {
        None => None,
        Some(token) => Some(read_token(token)?),
    };
    let size = page.max_results.unwrap_or(most).clamp(1, most);
    let mut rest = all.skip_while(|(key, _)| after.as_ref().is_some_and(|after| *key <= after));
    let mut items = Vec::new();
    let mut last = None;
    for (key, item) in rest.by_ref().take(size) {
        items.push(item.clone());
        last = Some(key.clone());
    }
    let more = rest.next().is_some();
    let next_token = last.filter(|_| more).map(|key| format!("{TOKEN_PREFIX}{}", hex::encode(key)));
    Ok(Paged { items, next_token })
}

fn read_token(token: &str) -> Result<String, AwsError> {
    token
        .strip_prefix(TOKEN_PREFIX)
        .and_then(|encoded| hex::decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| AwsError::bad_request(format!("Invalid nextToken: {token}")))
}
