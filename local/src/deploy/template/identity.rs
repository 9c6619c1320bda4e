//! What `Ref` and `Fn::GetAtt` answer for each resource type, and the physical name a resource gets.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::StackSettings;

/// The names of a resource once it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The physical name, e.g. a queue's name.
    pub name: String,
    /// What `Ref` answers.
    pub reference: String,
    /// What `Fn::GetAtt` answers.
    pub attributes: BTreeMap<&'static str, String>,
}

/// The property that fixes a resource's physical name, for the types that have one.
pub fn name_property(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Serverless::Function" => Some("FunctionName"),
        "AWS::DynamoDB::Table" => Some("TableName"),
        "AWS::SQS::Queue" => Some("QueueName"),
        "AWS::Events::Rule" | "AWS::Events::EventBus" => Some("Name"),
        "AWS::SNS::Topic" => Some("TopicName"),
        "AWS::IAM::Role" => Some("RoleName"),
        "AWS::S3::Bucket" => Some("BucketName"),
        "AWS::Logs::LogGroup" => Some("LogGroupName"),
        "AWS::CloudWatch::Alarm" => Some("AlarmName"),
        "AWS::CloudWatch::Dashboard" => Some("DashboardName"),
        "AWS::Cognito::UserPoolDomain" => Some("Domain"),
        "AWS::Cognito::UserPoolGroup" => Some("GroupName"),
        _ => None,
    }
}

/// The identity of a resource; `None` for a type that the local cloud does not know.
pub fn of(kind: &str, logical: &str, name: Option<String>, settings: &StackSettings) -> Option<Identity> {
    let StackSettings { stack_name, region, account, partition, .. } = settings;
    let made = || format!("{stack_name}-{logical}-{}", suffix(stack_name, logical));
    let name_or_made = || name.clone().unwrap_or_else(made);
    let arn = |service: &str, rest: &str| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
    let identity = |name: String, reference: String, attributes: Vec<(&'static str, String)>| {
        Some(Identity { name, reference, attributes: attributes.into_iter().collect() })
    };
    match kind {
        "AWS::Serverless::Function" => {
            let name = name_or_made();
            identity(name.clone(), name.clone(), vec![("Arn", arn("lambda", &format!("function:{name}")))])
        }
        "AWS::Serverless::HttpApi" => {
            let id = suffix(stack_name, logical)[..10].to_lowercase();
            identity(id.clone(), id, vec![])
        }
        "AWS::DynamoDB::Table" => {
            let name = name_or_made();
            identity(name.clone(), name.clone(), vec![("Arn", arn("dynamodb", &format!("table/{name}")))])
        }
        "AWS::SQS::Queue" => {
            let name = name_or_made();
            let url = format!("https://sqs.{region}.amazonaws.com/{account}/{name}");
            let attributes = vec![("Arn", arn("sqs", &name)), ("QueueName", name.clone()), ("QueueUrl", url.clone())];
            identity(name, url, attributes)
        }
        "AWS::SQS::QueuePolicy"
        | "AWS::SNS::TopicPolicy"
        | "AWS::SNS::Subscription"
        | "AWS::IAM::RolePolicy"
        | "AWS::S3::BucketPolicy"
        | "AWS::Lambda::EventSourceMapping" => identity(made(), made(), vec![]),
        "AWS::Events::Rule" => {
            let name = name_or_made();
            identity(name.clone(), name.clone(), vec![("Arn", arn("events", &format!("rule/{name}")))])
        }
        "AWS::Events::EventBus" => {
            let name = name_or_made();
            let arn = arn("events", &format!("event-bus/{name}"));
            identity(name.clone(), name.clone(), vec![("Arn", arn), ("Name", name)])
        }
        "AWS::SNS::Topic" => {
            let name = name_or_made();
            let arn = arn("sns", &name);
            identity(name.clone(), arn.clone(), vec![("TopicArn", arn), ("TopicName", name)])
        }
        "AWS::IAM::Role" => {
            let name = name_or_made();
            let arn = format!("arn:{partition}:iam::{account}:role/{name}");
            identity(name.clone(), name, vec![("Arn", arn)])
        }
        "AWS::S3::Bucket" => {
            let name = name.unwrap_or_else(|| made().to_lowercase());
            let arn = format!("arn:{partition}:s3:::{name}");
            let regional = format!("{name}.s3.{region}.amazonaws.com");
            let domain = format!("{name}.s3.amazonaws.com");
            let attributes = vec![("Arn", arn), ("RegionalDomainName", regional), ("DomainName", domain)];
            identity(name.clone(), name, attributes)
        }
        "AWS::Logs::LogGroup" => {
            let name = name_or_made();
            identity(name.clone(), name.clone(), vec![("Arn", arn("logs", &format!("log-group:{name}:*")))])
        }
        "AWS::CloudWatch::Alarm" => {
            let name = name_or_made();
            identity(name.clone(), name.clone(), vec![("Arn", arn("cloudwatch", &format!("alarm:{name}")))])
        }
        "AWS::CloudFront::Distribution" => {
            let id = format!("E{}", suffix(stack_name, logical));
            // The form of the names that the simulated CloudFront gives.
            let domain = format!("d{}.cloudfront.net", suffix(stack_name, logical).to_lowercase());
            identity(id.clone(), id.clone(), vec![("Id", id), ("DomainName", domain)])
        }
        "AWS::CloudFront::OriginAccessControl"
        | "AWS::CloudFront::CachePolicy"
        | "AWS::CloudFront::ResponseHeadersPolicy" => {
            let id = suffix(stack_name, logical).to_lowercase();
            identity(id.clone(), id.clone(), vec![("Id", id)])
        }
        "AWS::CloudFront::Function" => {
            let arn = format!("arn:{partition}:cloudfront::{account}:function/{}", made());
            identity(made(), arn.clone(), vec![("FunctionARN", arn)])
        }
        "AWS::CloudWatch::Dashboard" => identity(name_or_made(), name_or_made(), vec![]),
        "AWS::Cognito::UserPool" => {
            let id = format!("{region}_{}", &suffix(stack_name, logical)[..9]);
            let provider = format!("cognito-idp.{region}.amazonaws.com/{id}");
            let url = format!("https://{provider}");
            let arn = arn("cognito-idp", &format!("userpool/{id}"));
            let attributes =
                vec![("Arn", arn), ("ProviderName", provider), ("ProviderURL", url), ("UserPoolId", id.clone())];
            identity(id.clone(), id, attributes)
        }
        "AWS::Cognito::UserPoolClient" => {
            let digits = Sha256::digest(format!("{stack_name}/{logical}").as_bytes());
            let id = hex::encode(digits)[..26].to_owned();
            identity(id.clone(), id.clone(), vec![("ClientId", id)])
        }
        "AWS::Cognito::UserPoolDomain" | "AWS::Cognito::UserPoolGroup" => {
            identity(name_or_made(), name_or_made(), vec![])
        }
        "AWS::Cognito::UserPoolResourceServer" => identity(made(), made(), vec![]),
        _ => None,
    }
}

impl Identity {
    /// Of a rule on a bus of its own, whose name is part of its ARN.
    #[must_use]
    pub fn on_bus(mut self, bus: &str) -> Self {
        if let Some(arn) = self.attributes.get_mut("Arn") {
            *arn = arn.replace(":rule/", &format!(":rule/{bus}/"));
        }
        self.reference = format!("{bus}|{}", self.name);
        self
    }
}

/// The stack's ARN, which ends with a UUID.
pub fn stack_id(settings: &StackSettings) -> String {
    let StackSettings { stack_name, region, account, partition, .. } = settings;
    let hex = hex::encode(Sha256::digest(stack_name.as_bytes()));
    let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-");
    format!("arn:{partition}:cloudformation:{region}:{account}:stack/{stack_name}/{uuid}")
}

/// The random part of a name that CloudFormation makes; here a function of the stack and the logical name, so that
/// a restart with kept state finds its own resources again.
fn suffix(stack_name: &str, logical: &str) -> String {
    let digest = Sha256::digest(format!("{stack_name}/{logical}").as_bytes());
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    digest.iter().take(12).map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}
