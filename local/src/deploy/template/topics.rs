//! The properties of SNS topics with what belongs to them, and of what a rule makes of an event before it sends it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::resources::PolicyDocument;

/// `AWS::SNS::Topic`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TopicProperties {
    pub topic_name: Option<String>,
    pub display_name: Option<String>,
    /// Without effect but one: with AWS's own key no other service can publish.
    pub kms_master_key_id: Option<String>,
    pub tags: Option<Json>,
}

/// `AWS::SNS::TopicPolicy`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TopicPolicyProperties {
    /// ARNs.
    pub topics: Vec<String>,
    pub policy_document: PolicyDocument,
}

/// `AWS::SNS::Subscription`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct SubscriptionProperties {
    pub topic_arn: String,
    pub protocol: String,
    pub endpoint: String,
}

/// Everything of SNS.
#[derive(Debug, Clone)]
pub enum Notes {
    Topic(TopicProperties),
    Policy(TopicPolicyProperties),
    Subscription(SubscriptionProperties),
}

/// A rule's target gets this instead of the event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct InputTransformer {
    #[serde(default)]
    pub input_paths_map: BTreeMap<String, String>,
    pub input_template: String,
}
