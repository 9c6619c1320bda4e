//! Adding tags to a resource and taking them off, the same for every service.

use super::Tags;

/// Adds `tags`; refuses, in words, when there would be more than `most`.
pub(crate) fn apply(existing: &mut Tags, tags: Tags, most: usize) -> Result<(), String> {
    let added = tags.keys().filter(|key| !existing.contains_key(*key)).count();
    if existing.len() + added > most {
        return Err(format!("A resource has at most {most} tags"));
    }
    existing.extend(tags);
    Ok(())
}

/// Takes the tags with these keys off; unknown keys are no error.
pub(crate) fn remove(existing: &mut Tags, keys: &[String]) {
    existing.retain(|key, _| !keys.contains(key));
}
