//! Which IAM actions there are, and which types of resource each takes: AWS's Service Authorization Reference, from
//! `tables/actions.json` (made by `tables/extract.py`).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// Actions that the reference leaves out and MediaLive's guide asks for, so that it can use a flow of MediaConnect
/// (aws-facts 1.12). They take flows.
const BESIDE_THE_REFERENCE: [&str; 3] =
    ["mediaconnect:ManagedAddOutput", "mediaconnect:ManagedDescribeFlow", "mediaconnect:ManagedRemoveOutput"];

static FLOWS: OnceLock<Vec<String>> = OnceLock::new();

#[derive(Debug, Deserialize)]
struct Table {
    services: BTreeMap<String, Service>,
}

/// One service, by the prefix of its actions.
#[derive(Debug, Deserialize)]
pub struct Service {
    /// Types of resource, with the form of their ARNs.
    pub resources: BTreeMap<String, String>,
    /// Actions with the types of resource that they take; none means that only `*` fits.
    pub actions: BTreeMap<String, Vec<String>>,
}

/// The service that an action's prefix names.
pub fn service(prefix: &str) -> Option<&'static Service> {
    table().services.get(prefix)
}

/// Every action that is known, as `prefix:Name`.
pub fn all_actions() -> impl Iterator<Item = (String, &'static [String])> {
    table().services.iter().flat_map(|(prefix, service)| {
        service.actions.iter().map(move |(name, types)| (format!("{prefix}:{name}"), types.as_slice()))
    })
}

/// The types of resource that an action takes; `None` when there is no such action.
pub fn types(action: &str) -> Option<&'static [String]> {
    let (prefix, name) = action.split_once(':')?;
    service(prefix)?.actions.get(name).map(Vec::as_slice).or_else(|| {
        let flow = FLOWS.get_or_init(|| vec!["Flow".to_owned()]);
        BESIDE_THE_REFERENCE.contains(&action).then_some(flow.as_slice())
    })
}

/// Whether an ARN, or a pattern of ARNs, can be meant for a type of resource: same service and same beginning.
pub fn fits(action: &str, kind: &str, pattern: &str) -> bool {
    let form = action.split_once(':').and_then(|(prefix, _)| service(prefix)?.resources.get(kind));
    let Some(form) = form else { return false };
    let (form, pattern): (Vec<&str>, Vec<&str>) = (form.splitn(6, ':').collect(), pattern.splitn(6, ':').collect());
    let ([_, _, service, _, _, resource], ["arn", _, given, _, _, rest]) = (form.as_slice(), pattern.as_slice()) else {
        return false;
    };
    // What stands before the first variable is fixed: `channel:${ChannelId}`.
    let fixed = resource.split("${").next().unwrap_or_default();
    let (literal, is_open) = rest.split_once('*').map_or((*rest, false), |(literal, _)| (literal, true));
    given == service && (literal.starts_with(fixed) || (is_open && fixed.starts_with(literal)))
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let text = include_str!("tables/actions.json");
        serde_json::from_str(text).unwrap_or_else(|error| panic!("BUG: the table of actions is not readable: {error}"))
    })
}
