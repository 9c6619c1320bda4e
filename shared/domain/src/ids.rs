//! Names of platforms and of who owns them.

use serde::{Deserialize, Serialize};

/// A platform's full key: its tenant and its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlatformKey {
    pub tenant: String,
    pub id: String,
}

impl PlatformKey {
    pub fn new(tenant: &str, id: &str) -> Self {
        Self { tenant: tenant.to_owned(), id: id.to_owned() }
    }

    /// Reads `tenant/id`, the form that `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, id) = text.split_once('/')?;
        (is_tenant(tenant) && is_platform_id(id)).then(|| Self::new(tenant, id))
    }
}

impl std::fmt::Display for PlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.tenant, self.id)
    }
}

/// A tenant's id is 1 to 40 lower-case letters, digits and dashes, and begins with no dash: it becomes part of keys, in which
/// `#` and `/` divide.
pub fn is_tenant(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A platform id is `p-` and 12 lower-case letters or digits, so that it fits every AWS name it becomes part of.
pub fn is_platform_id(text: &str) -> bool {
    text.strip_prefix("p-")
        .is_some_and(|rest| rest.len() == 12 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// Turns random bytes into a platform id.
pub fn platform_id(random: [u8; 16]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let letters = random.iter().take(12).map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    std::iter::once('p').chain(std::iter::once('-')).chain(letters).collect()
}
