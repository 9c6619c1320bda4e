//! The properties of every resource type that the local cloud knows. Each struct lists all members that are
//! accepted; any other member of the template is an error naming it and its place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::invocation::EventInvokeConfig;
use super::monitoring::{AlarmProperties, DashboardProperties};
use super::sign_in::{ApiAuth, RouteAuth, SignIn};
use super::site::{
    CachePolicyProperties, DistributionProperties, EdgeFunctionProperties, OriginAccessControlProperties,
    ResponseHeadersPolicyProperties,
};
use super::topics::{InputTransformer, Notes};

/// `AWS::Serverless::Function`, after `Globals.Function` was merged in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct FunctionProperties {
    pub function_name: Option<String>,
    pub description: Option<String>,
    /// The folder with the `bootstrap`; its last component names the binary.
    pub code_uri: String,
    pub handler: String,
    pub runtime: String,
    pub architectures: Vec<String>,
    #[serde(default = "default_memory_mb")]
    pub memory_size: u32,
    /// Seconds (SAM's default is 3).
    #[serde(default = "default_timeout_secs")]
    pub timeout: u32,
    #[serde(default)]
    pub environment: Environment,
    /// Documents only: a managed policy of AWS grants more than one function needs.
    #[serde(default)]
    pub policies: Vec<PolicyDocument>,
    #[serde(default)]
    pub events: BTreeMap<String, FunctionEvent>,
    pub logging_config: Option<LoggingConfig>,
    /// Accepted without effect: the local cloud keeps no traces.
    pub tracing: Option<Tracing>,
    pub reserved_concurrent_executions: Option<usize>,
    pub event_invoke_config: Option<EventInvokeConfig>,
    /// Accepted without effect: the variables are not encrypted here.
    pub kms_key_arn: Option<String>,
    pub tags: Option<BTreeMap<String, String>>,
}

fn default_memory_mb() -> u32 {
    128
}

fn default_timeout_secs() -> u32 {
    3
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Environment {
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct LoggingConfig {
    pub log_group: Option<String>,
    pub log_format: Option<String>,
}

/// What Lambda tells X-Ray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Tracing {
    Active,
    PassThrough,
    Disabled,
}

/// What starts a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, tag = "Type", content = "Properties")]
pub enum FunctionEvent {
    HttpApi(HttpApiEvent),
    #[serde(rename = "SQS")]
    Sqs(SqsEvent),
    EventBridgeRule(EventBridgeRuleEvent),
    Schedule(ScheduleEvent),
}

/// A route; without path and method it is the API's `$default` route.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct HttpApiEvent {
    pub api_id: String,
    pub path: Option<String>,
    pub method: Option<String>,
    #[serde(default)]
    pub auth: RouteAuth,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct SqsEvent {
    /// The queue's ARN.
    pub queue: String,
    #[serde(default = "default_batch_size")]
    pub batch_size: usize,
    pub scaling_config: Option<ScalingConfig>,
    #[serde(default)]
    pub function_response_types: Vec<String>,
}

fn default_batch_size() -> usize {
    10
}

/// `AWS::Lambda::EventSourceMapping` of a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EventSourceMappingProperties {
    /// What `Ref` says of the function.
    pub function_name: String,
    /// The queue's ARN.
    pub event_source_arn: String,
    #[serde(default = "default_batch_size")]
    pub batch_size: usize,
    pub scaling_config: Option<ScalingConfig>,
    #[serde(default)]
    pub function_response_types: Vec<String>,
}

impl EventSourceMappingProperties {
    /// The same as SAM's event of a function.
    pub fn event(&self) -> SqsEvent {
        SqsEvent {
            queue: self.event_source_arn.clone(),
            batch_size: self.batch_size,
            scaling_config: self.scaling_config.clone(),
            function_response_types: self.function_response_types.clone(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ScalingConfig {
    pub maximum_concurrency: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EventBridgeRuleEvent {
    pub pattern: Json,
    pub rule_name: Option<String>,
    /// Checked, and without effect: Lambda's asynchronous queue takes every event here.
    pub retry_policy: Option<RetryPolicy>,
    pub dead_letter_config: Option<DeadLetterConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ScheduleEvent {
    pub schedule: String,
    /// The constant event, as JSON text.
    pub input: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    /// Checked, and without effect: Lambda's asynchronous queue takes every tick here.
    pub retry_policy: Option<RetryPolicy>,
    pub dead_letter_config: Option<DeadLetterConfig>,
}

/// `AWS::Serverless::HttpApi`: one API with the `$default` stage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct HttpApiProperties {
    pub name: Option<String>,
    pub description: Option<String>,
    pub auth: Option<ApiAuth>,
    pub access_log_settings: Option<AccessLogSettings>,
    pub default_route_settings: Option<RouteSettings>,
    pub tags: Option<BTreeMap<String, String>>,
}

/// Checked, and without effect: the local API writes no access log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AccessLogSettings {
    /// A log group's ARN.
    pub destination_arn: String,
    pub format: String,
}

/// Checked, and without effect: the local API never answers 429 by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RouteSettings {
    /// Requests a second.
    pub throttling_rate_limit: f64,
    /// Requests at once.
    pub throttling_burst_limit: u32,
}

/// `AWS::DynamoDB::Table`; the members with a JSON value go to the embedded DynamoDB as they are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TableProperties {
    pub table_name: Option<String>,
    pub billing_mode: Option<String>,
    pub attribute_definitions: Json,
    pub key_schema: Json,
    pub global_secondary_indexes: Option<Json>,
    pub time_to_live_specification: Option<Json>,
    /// Accepted without effect: backups and encryption have no meaning on a laptop.
    pub point_in_time_recovery_specification: Option<Json>,
    #[serde(rename = "SSESpecification")]
    pub sse_specification: Option<Json>,
    pub deletion_protection_enabled: Option<bool>,
    pub tags: Option<Json>,
}

/// `AWS::SQS::Queue`, times in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct QueueProperties {
    pub queue_name: Option<String>,
    pub visibility_timeout: Option<u32>,
    pub message_retention_period: Option<u32>,
    pub delay_seconds: Option<u32>,
    pub receive_message_wait_time_seconds: Option<u32>,
    pub maximum_message_size: Option<u32>,
    pub redrive_policy: Option<RedrivePolicy>,
    pub redrive_allow_policy: Option<RedriveAllowPolicy>,
    /// Accepted without effect: the local queue is not encrypted.
    pub sqs_managed_sse_enabled: Option<bool>,
    pub kms_master_key_id: Option<String>,
    pub tags: Option<Json>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RedrivePolicy {
    pub dead_letter_target_arn: String,
    pub max_receive_count: u32,
}

/// Which queues may bury their messages here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RedriveAllowPolicy {
    pub redrive_permission: RedrivePermission,
    #[serde(default)]
    pub source_queue_arns: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RedrivePermission {
    AllowAll,
    DenyAll,
    ByQueue,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct QueuePolicyProperties {
    /// Queue URLs.
    pub queues: Vec<String>,
    pub policy_document: PolicyDocument,
}

/// An IAM policy document, as far as the local cloud reads it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PolicyDocument {
    pub version: String,
    pub statement: Vec<Statement>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: String,
    pub principal: Option<Json>,
    pub action: Json,
    pub resource: Option<Json>,
    pub condition: Option<BTreeMap<String, BTreeMap<String, Json>>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RuleProperties {
    pub name: Option<String>,
    pub description: Option<String>,
    pub event_bus_name: Option<String>,
    pub event_pattern: Json,
    pub state: Option<String>,
    pub targets: Vec<RuleTarget>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct EventBusProperties {
    pub name: String,
    pub description: Option<String>,
    pub kms_key_identifier: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RuleTarget {
    pub id: String,
    /// A queue, a topic, or the default bus of another region.
    pub arn: String,
    pub role_arn: Option<String>,
    pub input_transformer: Option<InputTransformer>,
    pub dead_letter_config: Option<DeadLetterConfig>,
    pub retry_policy: Option<RetryPolicy>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeadLetterConfig {
    pub arn: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RetryPolicy {
    pub maximum_event_age_in_seconds: Option<u32>,
    pub maximum_retry_attempts: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RoleProperties {
    pub role_name: Option<String>,
    pub description: Option<String>,
    pub assume_role_policy_document: PolicyDocument,
    #[serde(default)]
    pub policies: Vec<InlinePolicy>,
    pub tags: Option<Json>,
}

/// `AWS::IAM::RolePolicy`: a policy that needs the ARN of the role it belongs to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RolePolicyProperties {
    pub role_name: String,
    pub policy_name: String,
    pub policy_document: PolicyDocument,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct InlinePolicy {
    pub policy_name: String,
    pub policy_document: PolicyDocument,
}

/// `AWS::S3::Bucket`; what is written into it is simulated for the archive alone, and its settings have no effect here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct BucketProperties {
    pub bucket_name: Option<String>,
    pub bucket_encryption: Option<Json>,
    pub lifecycle_configuration: Option<Json>,
    pub logging_configuration: Option<BucketLogging>,
    pub ownership_controls: Option<Json>,
    pub public_access_block_configuration: Option<Json>,
    pub versioning_configuration: Option<Json>,
    pub tags: Option<Json>,
}

/// Accepted where the bucket is of the template, and without effect: nobody logs who reads a bucket here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct BucketLogging {
    pub destination_bucket_name: String,
    pub log_file_prefix: Option<String>,
}

/// `AWS::S3::BucketPolicy`; kept as it is, and nothing evaluates it yet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct BucketPolicyProperties {
    pub bucket: String,
    pub policy_document: PolicyDocument,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct LogGroupProperties {
    pub log_group_name: Option<String>,
    pub retention_in_days: Option<u32>,
    /// Accepted without effect, as every key: nothing is encrypted on a laptop.
    pub kms_key_id: Option<String>,
    pub tags: Option<Json>,
}

/// A resource with its properties.
#[derive(Debug, Clone)]
pub enum Resource {
    Function(Box<FunctionProperties>),
    HttpApi(HttpApiProperties),
    Table(TableProperties),
    Queue(QueueProperties),
    QueuePolicy(QueuePolicyProperties),
    EventSourceMapping(EventSourceMappingProperties),
    Rule(RuleProperties),
    EventBus(EventBusProperties),
    Notes(Notes),
    Role(RoleProperties),
    RolePolicy(RolePolicyProperties),
    Bucket(BucketProperties),
    BucketPolicy(BucketPolicyProperties),
    LogGroup(LogGroupProperties),
    Alarm(Box<AlarmProperties>),
    Dashboard(DashboardProperties),
    SignIn(SignIn),
    Distribution(DistributionProperties),
    OriginAccessControl(OriginAccessControlProperties),
    CachePolicy(Box<CachePolicyProperties>),
    ResponseHeadersPolicy(Box<ResponseHeadersPolicyProperties>),
    EdgeFunction(EdgeFunctionProperties),
}
