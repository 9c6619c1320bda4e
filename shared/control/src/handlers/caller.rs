//! Who asks, and for which tenant. API Gateway's JWT authorizer has checked the token and the route's scopes before the
//! function is invoked; here its claims are read. Scopes are not looked at again: which scope a route takes would stand in
//! two places, and a route that lost its scopes is found by the tests of the template, not here.

use crate::api::{HttpRequest, HttpResponse, problem};
use crate::store::Tenants;
use headend_domain::ids::{PlatformKey, is_tenant};
use headend_domain::limits::{CLIENT_BELIEVED_SECS, REMEMBERED_MOST};
use headend_domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub tenant: String,
    /// What the timeline calls them: a user name that is no e-mail address, the token's subject, or a client's id.
    pub who: String,
}

/// Longer names are cut; Cognito's have at most 128 characters.
const WHO_MOST: usize = 128;
/// The user group that says for which tenant somebody works.
const GROUP: &str = "tenant:";

/// Tells who asks, and remembers the tenants of machine clients.
#[derive(Debug, Default)]
pub struct Callers {
    clients: Known<(String, Timestamp)>,
}

impl Callers {
    /// # Errors
    /// The answer to give: 403 to whoever belongs to no tenant, 503 when the table does not say.
    pub async fn of<S: Tenants>(
        &self,
        request: &HttpRequest,
        store: &S,
        now: Timestamp,
    ) -> Result<Caller, HttpResponse> {
        let claim = |name: &str| Some(request.claims.as_ref()?.get(name)?.as_str()).filter(|value| !value.is_empty());
        let Some(subject) = claim("sub") else {
            let detail =
                "the request carries nobody's claims: the route has no authorizer; deploy the template as it is";
            return Err(problem::problem(403, "not-signed-in", "Nobody has signed in", detail));
        };
        let groups = names(claim("cognito:groups").unwrap_or_default());
        // A token of the client credentials grant has no user in it, and so no groups; its subject is the client.
        let tenant = if groups.is_empty() && claim("client_id") == Some(subject) {
            self.of_client(subject, store, now).await?
        } else {
            of_groups(&groups)?
        };
        let name = claim("username").filter(|name| !name.contains('@')).unwrap_or(subject);
        let who = name.chars().filter(|c| !c.is_control()).take(WHO_MOST).collect();
        Ok(Caller { tenant, who })
    }

    async fn of_client<S: Tenants>(&self, client: &str, store: &S, now: Timestamp) -> Result<String, HttpResponse> {
        if let Some((tenant, until)) = self.clients.get(client)
            && now < until
        {
            return Ok(tenant);
        }
        let found = store.tenant_of_client(client).await.map_err(|error| problem::from_store(&error))?;
        let Some(tenant) = found else {
            let cure = format!("client {client} belongs to no tenant; an operator writes its tenant into the table");
            return Err(no_tenant(&cure));
        };
        checked(&tenant)?;
        self.clients.put(client, (tenant.clone(), now.plus_secs(CLIENT_BELIEVED_SECS)));
        Ok(tenant)
    }
}

/// The one tenant that the groups name.
fn of_groups(groups: &[&str]) -> Result<String, HttpResponse> {
    let mut tenants = groups.iter().filter_map(|group| group.strip_prefix(GROUP));
    match (tenants.next(), tenants.next()) {
        (Some(tenant), None) => checked(tenant),
        (None, _) => Err(no_tenant("you are in no group tenant:<id>; an operator adds you to your tenant's")),
        (Some(_), Some(_)) => {
            Err(no_tenant("you are in several groups tenant:<id>; an operator takes you out of all but one"))
        }
    }
}

fn checked(tenant: &str) -> Result<String, HttpResponse> {
    if is_tenant(tenant) {
        return Ok(tenant.to_owned());
    }
    let cure = "a tenant's id has 1 to 40 lower-case letters, digits and dashes; an operator renames the group or the client's item";
    Err(no_tenant(&format!("{tenant:.60?} is no tenant: {cure}")))
}

fn no_tenant(detail: &str) -> HttpResponse {
    problem::problem(403, "no-tenant", "You belong to no one tenant", detail)
}

/// The names in a claim that is a list. API Gateway hands an array on as one text, `[a b]`; commas, quotes and a single bare
/// name are taken too. No name has any of these in it: Cognito's groups have no spaces, and a tenant's has nothing else.
fn names(list: &str) -> Vec<&str> {
    let list = list.trim();
    let inner = list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(list);
    let parts = inner.split(|c: char| c == ',' || c.is_whitespace());
    parts.map(|name| name.trim_matches('"')).filter(|name| !name.is_empty()).collect()
}

/// What a function has read once and need not read again. Bounded: when it is full it begins anew.
#[derive(Debug)]
pub struct Known<V>(Mutex<BTreeMap<String, V>>);

impl<V> Default for Known<V> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<V: Clone> Known<V> {
    pub fn get(&self, name: &str) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub fn put(&self, name: &str, value: V) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MOST {
            known.clear();
        }
        known.insert(name.to_owned(), value);
    }
}

impl Known<String> {
    /// The platform of that id, whosever it is: for routes that everybody may ask. Its tenant is read once.
    pub(super) async fn platform<S: Tenants>(&self, store: &S, id: &str) -> Result<Option<PlatformKey>, HttpResponse> {
        if let Some(tenant) = self.get(id) {
            return Ok(Some(PlatformKey::new(&tenant, id)));
        }
        let tenant = store.tenant_of_platform(id).await.map_err(|error| problem::from_store(&error))?;
        Ok(tenant.map(|tenant| {
            let key = PlatformKey::new(&tenant, id);
            self.put(id, tenant);
            key
        }))
    }
}

#[cfg(test)]
mod tests;
