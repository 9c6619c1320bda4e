//! The tags of objects that exist: made equal to the wanted ones, by as few calls as that takes. What differs is
//! found here; each service's calls are in its own file.

use crate::refusal::told;
use aws_sdk_medialive::config::http::HttpResponse;
use aws_sdk_medialive::error::{ProvideErrorMetadata, SdkError};
use headend_domain::action::Refusal;
use std::collections::BTreeMap;

/// Keys that begin with this are AWS's own and cannot be removed by others.
const RESERVED: &str = "aws:";

/// What has to be done about an object's tags, in this order: with 50 tags there is no room for another one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub remove: Vec<String>,
    pub set: BTreeMap<String, String>,
}

impl Changes {
    /// What leads from the tags that are there to the wanted ones.
    pub fn between(there: impl IntoIterator<Item = (String, String)>, wanted: &BTreeMap<String, String>) -> Self {
        let there: BTreeMap<String, String> = there.into_iter().collect();
        let set = wanted.iter().filter(|(key, value)| there.get(*key) != Some(value));
        let set = set.map(|(key, value)| (key.clone(), value.clone())).collect();
        let surplus = |key: &String| !wanted.contains_key(key) && !key.starts_with(RESERVED);
        Self { remove: there.into_keys().filter(surplus).collect(), set }
    }
}

/// An answer, or `None` where the object is not there.
pub fn unless_missing<T, E>(answer: Result<T, SdkError<E, HttpResponse>>) -> Result<Option<T>, Refusal>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => {
            let told = told(&error);
            if told.not_found() { Ok(None) } else { Err(told.refusal()) }
        }
    }
}

/// Whether a change finds the object not there any more.
pub fn gone<T, E>(answer: Result<T, SdkError<E, HttpResponse>>) -> Result<bool, Refusal>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    Ok(unless_missing(answer)?.is_none())
}

#[cfg(test)]
mod tests {
    use super::Changes;
    use std::collections::BTreeMap;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn check(there: &[(&str, &str)], wanted: &[(&str, &str)], remove: &[&str], set: &[(&str, &str)]) {
        let changes = Changes::between(tags(there), &tags(wanted));
        let remove = remove.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(changes, Changes { remove, set: tags(set) }, "from {there:?} to {wanted:?}");
    }

    #[test]
    fn only_what_differs_is_removed_or_set_and_the_tags_of_aws_stay() {
        check(&[], &[], &[], &[]);
        check(&[("a", "1"), ("b", "2")], &[("b", "2"), ("a", "1")], &[], &[]);
        check(&[("a", "1"), ("b", "2")], &[("b", "3"), ("c", "4")], &["a"], &[("b", "3"), ("c", "4")]);
        check(&[("a", "1"), ("b", "2")], &[], &["a", "b"], &[]);
        // A key that differs in case is another key; an empty value is a value.
        check(&[("Team", "1"), ("x", "y")], &[("team", "1"), ("x", "")], &["Team"], &[("team", "1"), ("x", "")]);
        check(&[("aws:cloudformation:stack-id", "s"), ("awsome", "1")], &[("b", "2")], &["awsome"], &[("b", "2")]);
    }
}
