//! What the templates amount to: queues, tables, functions, routes, rules, mappings and schedules, with every
//! reference between them followed. Nothing exists yet; `stack` makes it.

mod checks;
mod functions;
mod monitoring;
pub mod pages;
mod read;
pub mod roles;
mod rules;
mod sign_in;
mod site;
mod topics;

#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod sign_in_tests;
#[cfg(test)]
mod site_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::api::{AuthorizerPlan, Routes};
use super::lambda::FunctionSpec;
use super::template::resources::{QueueProperties, Resource, TableProperties};
use super::template::{Deployed, Template, TemplateError};
use crate::cognito::PoolPlan;
use crate::iam::Role;
use crate::world::Subscription;
pub use functions::{MappingPlan, SchedulePlan};
pub use read::plan;
pub use rules::{DestinationPlan, RulePlan};

/// A template with the region it is deployed to.
pub struct Placed<'a> {
    pub file: &'a str,
    pub region: &'a str,
    pub template: &'a Template,
}

impl Placed<'_> {
    /// A problem with one resource.
    fn problem(&self, logical: &str, place: &str, problem: impl Into<String>) -> TemplateError {
        let place = format!("Resources.{logical}.{place}");
        TemplateError { file: self.file.to_owned(), place, problem: problem.into() }
    }

    fn resources(&self) -> impl Iterator<Item = &Deployed> {
        self.template.resources.iter()
    }
}

/// Everything that is to be made.
#[derive(Debug, Default)]
pub struct Plan {
    pub tables: Vec<TablePlan>,
    pub queues: Vec<QueuePlan>,
    /// Event buses by region and name.
    pub buses: Vec<(String, String)>,
    pub topics: Vec<TopicPlan>,
    /// Names of buckets.
    pub buckets: Vec<String>,
    pub functions: Vec<FunctionSpec>,
    /// What each function may do.
    pub roles: Vec<Role>,
    pub api: Option<ApiPlan>,
    pub pool: Option<PoolPlan>,
    pub site: Option<pages::SitePlan>,
    pub rules: Vec<RulePlan>,
    pub mappings: Vec<MappingPlan>,
    pub schedules: Vec<SchedulePlan>,
    pub outputs: BTreeMap<String, String>,
}

#[derive(Debug)]
pub struct TablePlan {
    pub region: String,
    pub name: String,
    /// A CreateTable request.
    pub create: Json,
    /// The TimeToLiveSpecification, which is set by a call of its own.
    pub time_to_live: Option<Json>,
}

/// An SNS topic, and who gets what is published to it.
#[derive(Debug)]
pub struct TopicPlan {
    pub arn: String,
    pub subscriptions: Vec<Subscription>,
}

#[derive(Debug, Clone)]
pub struct QueuePlan {
    pub region: String,
    pub name: String,
    pub arn: String,
    pub url: String,
    pub attributes: BTreeMap<String, String>,
    visibility_secs: u32,
}

#[derive(Debug)]
pub struct ApiPlan {
    pub api_id: String,
    pub region: String,
    pub routes: Routes,
    pub authorizer: Option<AuthorizerPlan>,
}

impl Plan {
    /// Puts the templates together. `functions` is the folder with the binaries.
    pub fn of(templates: &[Placed<'_>], functions: &Path) -> Result<Self, TemplateError> {
        let mut plan = Self::default();
        for placed in templates {
            plan.stores(placed)?;
        }
        for placed in templates {
            functions::add(&mut plan, placed, functions)?;
            roles::add(&mut plan, placed)?;
            rules::add(&mut plan, placed)?;
            checks::check(&plan, placed)?;
            monitoring::check(placed)?;
            site::check(placed)?;
            plan.site = plan.site.take().or(pages::plan(placed)?);
            let outputs = placed.template.outputs.iter();
            plan.outputs.extend(outputs.map(|(name, value)| (name.clone(), value.clone())));
        }
        Ok(plan)
    }

    /// The queue with this ARN.
    fn queue(&self, arn: &str) -> Option<&QueuePlan> {
        self.queues.iter().find(|queue| queue.arn == arn)
    }

    /// Whether the templates make this event bus.
    fn has_bus(&self, region: &str, name: &str) -> bool {
        self.buses.iter().any(|(its_region, its_name)| its_region == region && its_name == name)
    }

    /// Tables, queues, event buses, buckets and the user pool: what the others refer to.
    fn stores(&mut self, placed: &Placed<'_>) -> Result<(), TemplateError> {
        sign_in::add_pool(self, placed)?;
        topics::add(self, placed)?;
        for deployed in placed.resources() {
            match &deployed.resource {
                Resource::Table(table) => self.tables.push(table_plan(placed, deployed, table)),
                Resource::Queue(queue) => self.queues.push(queue_plan(placed, deployed, queue)),
                Resource::EventBus(bus) => self.buses.push((placed.region.to_owned(), bus.name.clone())),
                Resource::Bucket(_) => self.buckets.push(deployed.identity.name.clone()),
                Resource::HttpApi(api) => {
                    if self.api.is_some() {
                        return Err(placed.problem(&deployed.logical, "Type", "the local cloud serves one HTTP API"));
                    }
                    let authorizer = sign_in::authorizer(self, api);
                    let authorizer =
                        authorizer.map_err(|why| placed.problem(&deployed.logical, "Properties.Auth", why))?;
                    self.api = Some(ApiPlan {
                        api_id: deployed.identity.reference.clone(),
                        region: placed.region.to_owned(),
                        routes: Routes::default(),
                        authorizer,
                    });
                }
                Resource::Function(_)
                | Resource::QueuePolicy(_)
                | Resource::EventSourceMapping(_)
                | Resource::Rule(_)
                | Resource::Notes(_)
                | Resource::Role(_)
                | Resource::RolePolicy(_)
                | Resource::BucketPolicy(_)
                | Resource::LogGroup(_)
                | Resource::Alarm(_)
                | Resource::Dashboard(_)
                | Resource::SignIn(_)
                | Resource::Distribution(_)
                | Resource::OriginAccessControl(_)
                | Resource::CachePolicy(_)
                | Resource::ResponseHeadersPolicy(_)
                | Resource::EdgeFunction(_) => {}
            }
        }
        Ok(())
    }
}

fn table_plan(placed: &Placed<'_>, deployed: &Deployed, table: &TableProperties) -> TablePlan {
    let name = deployed.identity.name.clone();
    let mut create = json!({
        "TableName": name,
        "AttributeDefinitions": table.attribute_definitions,
        "KeySchema": table.key_schema,
        "BillingMode": table.billing_mode.as_deref().unwrap_or("PROVISIONED"),
    });
    let optional = [("GlobalSecondaryIndexes", &table.global_secondary_indexes), ("Tags", &table.tags)];
    for (member, value) in optional {
        if let Some(value) = value {
            create[member] = value.clone();
        }
    }
    if let Some(protected) = table.deletion_protection_enabled {
        create["DeletionProtectionEnabled"] = json!(protected);
    }
    let time_to_live = table.time_to_live_specification.clone();
    TablePlan { region: placed.region.to_owned(), name, create, time_to_live }
}

fn queue_plan(placed: &Placed<'_>, deployed: &Deployed, queue: &QueueProperties) -> QueuePlan {
    let numbers = [
        ("VisibilityTimeout", queue.visibility_timeout),
        ("MessageRetentionPeriod", queue.message_retention_period),
        ("DelaySeconds", queue.delay_seconds),
        ("ReceiveMessageWaitTimeSeconds", queue.receive_message_wait_time_seconds),
        ("MaximumMessageSize", queue.maximum_message_size),
    ];
    let numbers = numbers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_string())));
    let mut attributes: BTreeMap<String, String> = numbers.collect();
    if let Some(sse) = queue.sqs_managed_sse_enabled {
        attributes.insert("SqsManagedSseEnabled".into(), sse.to_string());
    }
    if let Some(redrive) = &queue.redrive_policy {
        let policy = json!({
            "deadLetterTargetArn": redrive.dead_letter_target_arn,
            "maxReceiveCount": redrive.max_receive_count,
        });
        attributes.insert("RedrivePolicy".into(), policy.to_string());
    }
    let attribute = |name: &str| deployed.identity.attributes.get(name).cloned().unwrap_or_default();
    QueuePlan {
        region: placed.region.to_owned(),
        name: deployed.identity.name.clone(),
        arn: attribute("Arn"),
        url: attribute("QueueUrl"),
        attributes,
        // SQS's own default.
        visibility_secs: queue.visibility_timeout.unwrap_or(30),
    }
}
