//! Sums up what the functions' roles grant and what was used of it, from the recordings of a suite: what was granted and
//! never used can go, and what was used and not granted is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::{Ask, Role, Verdict, facts, tags};
use crate::deploy::plan::{MappingPlan, Plan, roles::POLLING};

/// What a recording says of one permission.
#[derive(Deserialize)]
struct Recorded {
    action: String,
    resource: Option<String>,
    context: BTreeMap<String, String>,
    allowed: bool,
}

/// One line of a recording, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    function: Option<String>,
    #[serde(default)]
    privileges: Vec<Recorded>,
}

/// What one function was granted, and what it did with it.
#[derive(Debug, Default)]
pub struct Usage {
    /// How often each grant of the template was used: sid, action and resource.
    pub granted: BTreeMap<(String, String, String), u64>,
    /// What was asked for and not allowed.
    pub denied: BTreeMap<String, u64>,
    /// What policies of AWS's own allow, by their names.
    pub managed: BTreeMap<String, BTreeSet<String>>,
}

/// The use of every function's role.
#[derive(Debug, Default)]
pub struct Privileges {
    pub functions: BTreeMap<String, Usage>,
    /// How many of a function's calls the recordings hold.
    pub calls: u64,
}

impl Privileges {
    /// What the plan grants, with nothing used but what Lambda needs to empty queues.
    pub fn of(plan: &Plan) -> Self {
        let mut all = Self::default();
        for role in &plan.roles {
            let usage = all.functions.entry(role.function.clone()).or_default();
            for grant in &role.grants {
                let (sid, action, resource) = (grant.sid.clone(), grant.action.clone(), grant.resource.clone());
                match grant.managed {
                    true => _ = usage.managed.entry(sid).or_default().insert(action),
                    false => _ = usage.granted.insert((sid, action, resource), 0),
                }
            }
            for mapping in plan.mappings.iter().filter(|mapping| mapping.function == role.function) {
                usage.poll(role, mapping);
            }
        }
        all
    }

    /// Adds every recording of a folder.
    pub fn add_folder(&mut self, plan: &Plan, folder: &Path) -> anyhow::Result<()> {
        let unreadable =
            || format!("the recordings in {} cannot be read; cargo xtask test makes them", folder.display());
        let entries = std::fs::read_dir(folder).with_context(unreadable)?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<BTreeSet<_>>>()?;
        for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "jsonl")) {
            let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
            for line in text.lines() {
                let line =
                    serde_json::from_str(line).with_context(|| format!("{} has a broken line", path.display()))?;
                self.add(plan, line);
            }
        }
        if self.calls == 0 {
            bail!("the recordings in {} hold no call of a function", folder.display());
        }
        Ok(())
    }

    fn add(&mut self, plan: &Plan, line: Line) {
        let Some(role) = plan.roles.iter().find(|role| Some(&role.function) == line.function.as_ref()) else { return };
        let Some(usage) = self.functions.get_mut(&role.function) else { return };
        self.calls += u64::from(!line.privileges.is_empty());
        for recorded in line.privileges {
            if !recorded.allowed {
                *usage.denied.entry(named(&recorded.action, recorded.resource.as_deref())).or_default() += 1;
                continue;
            }
            let known = ["iam:PassedToService", tags::STACK].into_iter();
            let context = known.filter_map(|key| Some((key, recorded.context.get(key)?.clone()))).collect();
            usage.count(role, &Ask { action: recorded.action, resource: recorded.resource, context });
        }
    }

    /// What of all this must not be: granted and never used, used and not granted, and `*` where AWS has a resource.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (function, usage) in &self.functions {
            for ((sid, action, resource), uses) in &usage.granted {
                if *uses == 0 {
                    problems.push(format!("{function} is granted {action} on {resource} ({sid}) and never used it"));
                }
                if action.contains('*') {
                    problems.push(format!("{function} is granted every {action} ({sid})"));
                }
                if resource == "*" && facts::types(action).is_none_or(|types| !types.is_empty()) {
                    problems.push(format!("{function} is granted {action} on *, and AWS has resources for it ({sid})"));
                }
            }
            for (what, times) in &usage.denied {
                problems.push(format!("{function} asked for {what} {times} times and is not granted it"));
            }
        }
        problems
    }

    /// Each grant with how often it was used.
    pub fn report(&self) -> String {
        let mut out = String::new();
        let (mut granted, mut unused, mut denied) = (0, 0, 0);
        for (function, usage) in &self.functions {
            for ((_, action, resource), uses) in &usage.granted {
                _ = writeln!(out, "{uses:>8}  {function:<18} {action} on {resource}");
            }
            granted += usage.granted.len();
            unused += usage.granted.values().filter(|uses| **uses == 0).count();
            denied += usage.denied.len();
        }
        let (functions, calls) = (self.functions.len(), self.calls);
        _ = writeln!(
            out,
            "{functions} functions made {calls} calls. Granted: {granted}. Granted and unused: {unused}. Used and not granted: {denied}."
        );
        out
    }

    /// One table a function, in Markdown.
    pub fn table(&self) -> String {
        let mut out = String::new();
        for (function, usage) in &self.functions {
            _ = writeln!(out, "### {function}\n\n| action | on | statement |\n|---|---|---|");
            for (sid, action, resource) in usage.granted.keys() {
                _ = writeln!(out, "| {action} | `{resource}` | {sid} |");
            }
            for (policy, actions) in &usage.managed {
                let actions = actions.iter().cloned().collect::<Vec<_>>().join(", ");
                _ = writeln!(out, "| {actions} | `*` | {policy}, attached by SAM |");
            }
            out.push('\n');
        }
        out
    }
}

impl Usage {
    /// Counts a use for the grants of the template that allow it.
    fn count(&mut self, role: &Role, ask: &Ask) {
        let Verdict::Allowed(by) = role.judge(ask) else {
            *self.denied.entry(named(&ask.action, ask.resource.as_deref())).or_default() += 1;
            return;
        };
        for grant in by.iter().filter_map(|index| role.grants.get(*index)) {
            let key = (grant.sid.clone(), grant.action.clone(), grant.resource.clone());
            if let Some(uses) = self.granted.get_mut(&key) {
                *uses += 1;
            }
        }
    }

    fn poll(&mut self, role: &Role, mapping: &MappingPlan) {
        for action in POLLING {
            self.count(role, &Ask::new(action, Some(mapping.queue_arn.clone())));
        }
    }
}

fn named(action: &str, resource: Option<&str>) -> String {
    format!("{action} on {}", resource.unwrap_or("*"))
}
