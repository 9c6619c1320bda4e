//! The configuration of the functions, read once. Every problem is reported together, so that one deployment
//! corrects them all.

use headend_control::handlers::accept::Allowance;

/// Where playback goes when the template says nothing else: the distribution itself.
const PLAYBACK_URL_PATTERN: &str = "https://{domain}";

/// What each tenant may have when the template says nothing else: what it says itself.
const MAX_PLATFORMS: u32 = 100;
const MAX_RUNNING_CHANNELS: u32 = 20;

/// What every function needs.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreConfig {
    /// The stack's name; part of every tag.
    pub stack: String,
    pub table: String,
    pub wakeups_queue_url: String,
    /// `{domain}` stands for the distribution's domain.
    pub playback_url_pattern: String,
    /// How many times faster than real time the account runs: 1 on AWS; the local cloud sets it.
    pub time_scale: f64,
    pub allowance: Allowance,
}

/// What only the function that makes resources needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaConfig {
    pub region: String,
    /// The role that MediaLive takes on: `arn:aws:iam::<account>:role/<name>`.
    pub medialive_role_arn: String,
    /// The role by which MediaPackage reads the CDN identifier (aws-facts 2.6).
    pub secrets_role_arn: String,
    pub archive_bucket: String,
    /// The name of the stack's own event bus.
    pub bus: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not usable: {}", problems.join("; "))]
pub struct ConfigError {
    pub problems: Vec<String>,
}

/// Looks up an environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl StoreConfig {
    /// # Errors
    /// Everything that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&environment)
    }

    /// # Errors
    /// Everything that is missing or wrong.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let config = Self {
            stack: reader.required("HEADEND_STACK"),
            table: reader.required("HEADEND_TABLE"),
            wakeups_queue_url: reader.required("HEADEND_WAKEUPS_QUEUE_URL"),
            playback_url_pattern: reader.playback_url_pattern(),
            time_scale: reader.time_scale(),
            allowance: Allowance {
                platforms: reader.limit("HEADEND_MAX_PLATFORMS", MAX_PLATFORMS),
                running_channels: reader.limit("HEADEND_MAX_RUNNING_CHANNELS", MAX_RUNNING_CHANNELS),
            },
        };
        reader.done(config)
    }
}

impl MediaConfig {
    /// # Errors
    /// Everything that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&environment)
    }

    /// # Errors
    /// Everything that is missing or wrong.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let config = Self {
            region: reader.required("AWS_REGION"),
            medialive_role_arn: reader.role_arn("HEADEND_MEDIALIVE_ROLE_ARN"),
            secrets_role_arn: reader.role_arn("HEADEND_SECRETS_ROLE_ARN"),
            archive_bucket: reader.archive_bucket(),
            bus: reader.required("HEADEND_BUS"),
        };
        reader.done(config)
    }

    /// The partition (`aws`) and the account's number, as the role's ARN has them.
    pub fn partition_and_account(&self) -> (&str, &str) {
        let mut parts = self.medialive_role_arn.split(':').skip(1);
        let partition = parts.next().unwrap_or_default();
        (partition, parts.nth(2).unwrap_or_default())
    }
}

/// Both at once, for the function that needs both: one error names the problems of both.
///
/// # Errors
/// Everything that is missing or wrong.
pub fn store_and_media() -> Result<(StoreConfig, MediaConfig), ConfigError> {
    match (StoreConfig::from_env(), MediaConfig::from_env()) {
        (Ok(store), Ok(media)) => Ok((store, media)),
        (store, media) => {
            let problems = store.err().into_iter().chain(media.err()).flat_map(|error| error.problems).collect();
            Err(ConfigError { problems })
        }
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

struct Reader<'a> {
    lookup: Lookup<'a>,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// The value, or an empty text and a problem.
    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    fn playback_url_pattern(&mut self) -> String {
        let name = "HEADEND_PLAYBACK_URL_PATTERN";
        let pattern = self.optional(name).unwrap_or_else(|| PLAYBACK_URL_PATTERN.to_owned());
        if !pattern.contains("{domain}") {
            self.problems.push(format!("{name} is {pattern:?}, which has no {{domain}} in it"));
        }
        pattern
    }

    fn time_scale(&mut self) -> f64 {
        let name = "HEADEND_TIME_SCALE";
        let Some(text) = self.optional(name) else { return 1.0 };
        match text.parse::<f64>() {
            Ok(scale) if scale.is_finite() && scale > 0.0 => scale,
            _ => {
                self.problems.push(format!("{name} is {text:?}, not a number above 0"));
                1.0
            }
        }
    }

    /// 0 is no limit.
    fn limit(&mut self, name: &str, usual: u32) -> u32 {
        let Some(text) = self.optional(name) else { return usual };
        text.parse().unwrap_or_else(|_| {
            self.problems.push(format!("{name} is {text:?}, not a whole number from 0"));
            usual
        })
    }

    fn role_arn(&mut self, name: &str) -> String {
        let arn = self.required(name);
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let good = matches!(parts[..], ["arn", partition, "iam", "", account, role]
            if !partition.is_empty() && !account.is_empty() && role.starts_with("role/"));
        if !good && !arn.is_empty() {
            self.problems.push(format!("{name} is {arn:?}, not the ARN of a role"));
        }
        arn
    }

    fn archive_bucket(&mut self) -> String {
        let name = "HEADEND_ARCHIVE_BUCKET";
        let bucket = self.required(name);
        if bucket.contains('.') {
            // aws-facts 1.10: an archive destination's bucket must not have dots in its name.
            self.problems.push(format!("{name} is {bucket:?}; MediaLive takes no bucket with dots in its name"));
        }
        bucket
    }

    fn done<T>(self, config: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() { Ok(config) } else { Err(ConfigError { problems: self.problems }) }
    }
}

#[cfg(test)]
mod tests;
