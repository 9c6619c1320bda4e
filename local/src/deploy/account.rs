//! The account that a stack begins with: the kept world or an empty one, and the stores that the plan lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;

use super::StackConfig;
use super::plan::{Plan, QueuePlan, TablePlan};
use super::state::Keeper;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudConfig};
use crate::world::World;
use crate::world::sqs::QueueSettings;

/// Makes the account with the tables, queues and buckets of the plan.
pub async fn furnished(config: &StackConfig, keeper: Option<&Keeper>, plan: &Plan) -> anyhow::Result<Arc<Cloud>> {
    let cloud = account(config, keeper)?;
    for table in &plan.tables {
        make_table(&cloud, table).await?;
    }
    make_queues(&cloud, &plan.queues)?;
    cloud.with_world(|world, _| {
        plan.topics.iter().for_each(|topic| world.add_topic(&topic.arn, topic.subscriptions.clone()));
    });
    for bucket in &plan.buckets {
        cloud.s3.create_bucket(bucket, cloud.now());
    }
    Ok(cloud)
}

fn account(config: &StackConfig, keeper: Option<&Keeper>) -> anyhow::Result<Arc<Cloud>> {
    let cloud_config = CloudConfig {
        world: config.world.clone(),
        clock: Clock::Real,
        strictness: config.strictness.clone(),
        state_dir: config.state.clone(),
        record: config.record.clone(),
        record_secrets: config.record_secrets,
        known_keys_only: false,
    };
    match keeper.map(Keeper::load).transpose()?.flatten() {
        Some(mut world) => {
            // What exists is kept; how the account behaves is as asked for this time.
            world.speed = config.world.speed;
            world.quotas = config.world.quotas.clone();
            world.switches = config.world.switches.clone();
            Cloud::around(world, cloud_config)
        }
        None => Cloud::around(World::new(config.world.clone()), cloud_config),
    }
}

/// A table that an earlier run left is taken as it is.
async fn make_table(cloud: &Cloud, plan: &TablePlan) -> anyhow::Result<()> {
    let database = cloud.dynamodb.database(&plan.region).await?;
    let failed = |error: String| anyhow::anyhow!("DynamoDB refuses the table {}: {error}", plan.name);
    let existing = database.list_tables(Default::default()).map_err(|error| failed(error.to_string()))?;
    if existing.table_names.contains(&plan.name) {
        return Ok(());
    }
    let request = serde_json::from_value(plan.create.clone()).map_err(|error| failed(error.to_string()))?;
    database.create_table(request).map_err(|error| failed(error.to_string()))?;
    if let Some(time_to_live) = &plan.time_to_live {
        let request = serde_json::json!({ "TableName": plan.name, "TimeToLiveSpecification": time_to_live });
        let request = serde_json::from_value(request).map_err(|error| failed(error.to_string()))?;
        database.update_time_to_live(request).map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

/// A queue that an earlier run left keeps its messages and takes the template's attributes.
fn make_queues(cloud: &Cloud, queues: &[QueuePlan]) -> anyhow::Result<()> {
    cloud.with_world(|world, now| {
        for plan in queues {
            let url = world.create_queue(&plan.region, &plan.name, &BTreeMap::new(), BTreeMap::new(), now)?;
            let mut settings = QueueSettings::default();
            settings.apply(&plan.attributes).with_context(|| format!("SQS refuses the queue {}", plan.name))?;
            world.queue(&plan.region, &url)?.settings = settings;
        }
        Ok(())
    })
}
