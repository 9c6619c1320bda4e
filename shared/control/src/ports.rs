//! Ports to the services that a platform is made of, in the words of the domain. One trait per service, so that
//! a function's bounds read like its policy. An implementation sends one call, classifies the answer and
//! converts it; it decides nothing and never retries by itself.

use headend_domain::action::{Object, Refusal, Seen};
use headend_domain::drift::Traits;
use headend_domain::health::Probe;
use headend_domain::ids::PlatformKey;
use headend_domain::orphan::{Kind, Marked};
use headend_domain::request::{
    AlarmRequest, ChannelRequest, DistributionRequest, EndpointRequest, GroupRequest, InputRequest, PackagingRequest,
    SecretRequest,
};
use headend_domain::slot::{AlarmRegion, Slot};
use headend_domain::spec::ChannelClass;
use headend_domain::time::Timestamp;
use std::collections::BTreeMap;

/// What a create came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    Made(Object, Seen),
    /// AWS says that the name or token is taken. The caller looks it up and adopts it.
    AlreadyThere,
}

pub type Created = Result<Creation, Refusal>;
/// All live objects that match, the oldest first.
pub type FoundAll = Result<Vec<(Object, Seen)>, Refusal>;
/// The object of that name, or `None`.
pub type FoundOne = Result<Option<(Object, Seen)>, Refusal>;
/// The state of the object, or `None` when it is not there (any more). Deleted counts as not there.
pub type Looked = Result<Option<Seen>, Refusal>;

/// What decides in which steps a channel is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelShape {
    pub class: ChannelClass,
    /// Ids of the attached inputs.
    pub inputs: Vec<String>,
}

/// By what an object without a name of ours is found again: its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub stack: String,
    pub platform: String,
    pub slot: Slot,
}

/// MediaLive. Input security groups have no token: their create is never sent twice by the client.
pub trait MediaLive {
    async fn create_group(&self, request: &GroupRequest) -> Created;
    async fn create_input(&self, request: &InputRequest) -> Created;
    async fn create_channel(&self, request: &ChannelRequest) -> Created;
    async fn find_groups(&self, mark: &Mark) -> FoundAll;
    async fn find_inputs(&self, mark: &Mark) -> FoundAll;
    async fn find_channels(&self, mark: &Mark) -> FoundAll;
    async fn describe_group(&self, id: &str) -> Looked;
    async fn describe_input(&self, id: &str) -> Looked;
    async fn describe_channel(&self, id: &str) -> Looked;
    async fn delete_group(&self, id: &str) -> Looked;
    async fn delete_input(&self, id: &str) -> Looked;
    async fn delete_channel(&self, id: &str) -> Looked;
    async fn update_group(&self, id: &str, request: &GroupRequest) -> Looked;
    /// Sources and security group of an input whose channel is IDLE (aws-facts 1.2).
    async fn update_input(&self, id: &str, request: &InputRequest) -> FoundOne;
    async fn channel_shape(&self, id: &str) -> Result<Option<ChannelShape>, Refusal>;
    /// The class and the destinations of the request, of an IDLE channel (aws-facts 1.6).
    async fn update_channel_class(&self, id: &str, request: &ChannelRequest) -> Looked;
    /// Everything but the class, of an IDLE channel only.
    async fn update_channel(&self, id: &str, request: &ChannelRequest) -> Looked;
    async fn start_channel(&self, id: &str) -> Looked;
    async fn stop_channel(&self, id: &str) -> Looked;
    /// Pipelines of a RUNNING channel (aws-facts 1.2); `None` when it is not there.
    async fn restart_pipelines(&self, id: &str, pipelines: &[u8]) -> Result<Option<()>, Refusal>;
    /// Puts the attachment on air at once. `action` is its name in the schedule; one that is there already was done before.
    async fn switch_input(&self, id: &str, action: &str, attachment: &str) -> Result<Option<()>, Refusal>;
}

/// MediaPackage v1. Ids are the caller's; there are no states.
pub trait MediaPackage {
    async fn create_packaging(&self, request: &PackagingRequest) -> Created;
    async fn find_packaging(&self, id: &str) -> FoundOne;
    async fn delete_packaging(&self, id: &str) -> Looked;
    async fn create_endpoint(&self, request: &EndpointRequest) -> Created;
    async fn find_endpoint(&self, id: &str) -> FoundOne;
    /// Its addresses may change with it.
    async fn update_endpoint(&self, id: &str, request: &EndpointRequest) -> FoundOne;
    async fn delete_endpoint(&self, id: &str) -> Looked;
}

pub trait CloudFront {
    async fn create_distribution(&self, request: &DistributionRequest, header: &SecretValue) -> Created;
    /// Distributions whose comment begins with the token.
    async fn find_distributions(&self, token: &str) -> FoundAll;
    async fn describe_distribution(&self, id: &str) -> Looked;
    /// Writes the whole configuration anew, in service.
    async fn update_distribution(&self, id: &str, request: &DistributionRequest, header: &SecretValue) -> Looked;
    /// Reads the configuration with its ETag and writes it back disabled.
    async fn disable_distribution(&self, id: &str) -> Looked;
    async fn delete_distribution(&self, id: &str) -> Looked;
}

pub trait Secrets {
    async fn create_secret(&self, request: &SecretRequest, value: &SecretValue) -> Created;
    async fn find_secret(&self, name: &str) -> FoundOne;
    async fn read_secret(&self, id: &str, version: &str) -> Result<SecretValue, Refusal>;
    /// Puts the version that the request names, unless it is there already, whatever its value.
    async fn put_secret(&self, id: &str, request: &SecretRequest, value: &SecretValue) -> Looked;
    async fn delete_secret(&self, id: &str) -> Looked;
}

pub trait Alarms {
    async fn put_alarm(&self, request: &AlarmRequest) -> Created;
    async fn find_alarm(&self, region: AlarmRegion, name: &str) -> FoundOne;
    /// One call for all names.
    async fn delete_alarms(&self, region: AlarmRegion, names: &[String]) -> Looked;
}

/// What CloudWatch has measured.
pub trait Metrics {
    /// The newest value of each probe within the window that ends at `now`, in the order of the probes; one call.
    ///
    /// # Errors
    /// The reason in words, for the log.
    async fn newest(&self, probes: &[Probe], now: Timestamp) -> Result<Vec<Option<f64>>, String>;
}

/// The tags of objects: every service has the same three calls for them.
pub trait Tagging {
    /// Makes the object's tags these, those that begin with `aws:` left alone; `None` when it is not there.
    async fn retag(&self, slot: &Slot, object: &Object, tags: &BTreeMap<String, String>)
    -> Result<Option<()>, Refusal>;
}

/// What AWS describes of an object, in the form of `drift::wanted`; `None` when it is not there.
pub type Compared = Result<Option<(Object, Seen, Traits)>, Refusal>;

/// One call describes an object: every service has one for each kind.
pub trait Comparing {
    async fn compare(&self, slot: &Slot, id: &str) -> Compared;
}

/// What the account has, whether a record knows it or not.
pub trait Inventory {
    /// All objects of the kind that bear the mark of a Headend, of whatever stack and tenant.
    async fn marked(&self, kind: Kind) -> Result<Vec<Marked>, Refusal>;
    /// The tags of one whose list tells none; `None` when it is not there.
    async fn tags_of(&self, marked: &Marked) -> Result<Option<BTreeMap<String, String>>, Refusal>;
}

/// One message as it goes onto the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusEvent {
    /// The `detail-type`.
    pub kind: &'static str,
    pub at: Timestamp,
    /// JSON.
    pub detail: String,
}

/// The stack's own bus.
pub trait Messages {
    /// One call with at most ten, the oldest first: how many of them, from the first on, the bus has taken. Where it did not take
    /// the first, that one's refusal.
    async fn put_events(&self, events: &[BusEvent]) -> Result<usize, Refusal>;
}

/// What an address answered: the status and the beginning of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub status: u16,
    pub said: String,
}

/// Receivers of webhooks, anywhere on the internet.
pub trait Post {
    /// One request, no redirects followed, nothing but public addresses connected to.
    ///
    /// # Errors
    /// Why there was no answer, in words for the delivery's log.
    async fn post(&self, url: &str, headers: &[(&'static str, String)], body: &str) -> Result<Posted, String>;
    /// Whether receivers on this machine are allowed, and plain HTTP: never in a deployed stack.
    fn takes_loopback(&self) -> bool;
}

/// The queue of wake-ups.
pub trait Wakeups {
    /// Sends `tenant/id`, to be delivered after `delay_secs` (at most 900).
    ///
    /// # Errors
    /// The reason in words. A lost wake-up costs time only; the sweep finds the platform.
    async fn wake(&self, key: &PlatformKey, delay_secs: i64) -> Result<(), String>;
}

pub trait Clock {
    fn now(&self) -> Timestamp;
}

pub trait Entropy {
    fn random(&self) -> [u8; 16];
}

/// A secret in memory. Printing it shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(String);

impl SecretValue {
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the one request that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretValue(hidden)")
    }
}
