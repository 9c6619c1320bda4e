//! The account's resource quotas, by name, with AWS's default numbers (aws-facts 1.5, 2.2, 3.10, 4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const DEFAULTS: &[(&str, u32)] = &[
    ("cloudfront.distributions", 200),
    ("cloudwatch.alarms", 5000),
    ("medialive.cidrs-per-group", 10),
    ("medialive.channels", 5),
    ("medialive.hevc-channels", 5),
    ("medialive.input-security-groups", 5),
    ("medialive.pull-inputs", 100),
    ("medialive.push-inputs", 5),
    ("medialive.tags-per-resource", 50),
    ("medialive.uhd-channels", 1),
    ("medialive.vpc-push-inputs", 50),
    ("mediapackage.channels", 30),
    ("mediapackage.endpoints-per-channel", 10),
    ("secretsmanager.secrets", 500_000),
];

/// How many of each thing the account may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotas {
    numbers: BTreeMap<String, u32>,
}

/// There is no quota of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no quota is called {name:?}; there are {known}")]
pub struct UnknownQuota {
    pub name: String,
    pub known: String,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { numbers: DEFAULTS.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect() }
    }
}

impl Quotas {
    /// The number of the quota `name`.
    pub fn get(&self, name: &str) -> u32 {
        *self.numbers.get(name).unwrap_or_else(|| panic!("BUG: no quota is called {name:?}"))
    }

    /// Raises or lowers one quota.
    pub fn set(&mut self, name: &str, number: u32) -> Result<(), UnknownQuota> {
        let Some(slot) = self.numbers.get_mut(name) else {
            let known = self.numbers.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(UnknownQuota { name: name.to_owned(), known });
        };
        *slot = number;
        Ok(())
    }

    /// Every quota's name and number.
    pub fn all(&self) -> impl Iterator<Item = (&str, u32)> {
        self.numbers.iter().map(|(name, number)| (name.as_str(), *number))
    }

    /// All quotas at `number`: for simulations that are not about quotas.
    pub fn uniform(number: u32) -> Self {
        Self { numbers: DEFAULTS.iter().map(|(name, _)| ((*name).to_owned(), number)).collect() }
    }
}
