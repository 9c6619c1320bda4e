//! MediaLive: requests to the world, its resources to answers.

mod schedule;
mod show;
mod take;

use serde_json::{Value, json};

use super::fields::{flag, not_simulated, page, required, tag_map, texts};
use crate::world::medialive::{CreateInputSecurityGroup, UpdateInputSecurityGroup};
use crate::world::{AwsError, Ms, Page, World};

/// Carries out `operation`.
pub fn call(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    if operation.contains("InputSecurityGroup") {
        return groups(world, region, now, operation, input);
    }
    if operation.contains("Tags") {
        return tags(world, region, now, operation, input);
    }
    if operation.contains("Input") {
        return inputs(world, region, now, operation, input);
    }
    channels(world, region, now, operation, input)
}

fn paging(input: &Value) -> Page {
    page(input, "maxResults", "nextToken")
}

fn cidrs(input: &Value) -> Option<Vec<String>> {
    let rules = input.get("whitelistRules")?.as_array()?;
    Some(rules.iter().map(|rule| required(rule, "cidr")).collect())
}

fn groups(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let id = required(input, "inputSecurityGroupId");
    Ok(match operation {
        "CreateInputSecurityGroup" => {
            let request =
                CreateInputSecurityGroup { cidrs: cidrs(input).unwrap_or_default(), tags: tag_map(input, "tags") };
            json!({"securityGroup": show::group(&world.create_input_security_group(region, now, request)?)})
        }
        "DescribeInputSecurityGroup" => show::group(&world.describe_input_security_group(region, now, &id)?),
        "ListInputSecurityGroups" => {
            let list = world.list_input_security_groups(region, now, &paging(input))?;
            let groups: Value = list.items.iter().map(show::group).collect();
            json!({"inputSecurityGroups": groups, "nextToken": list.next_token})
        }
        "UpdateInputSecurityGroup" => {
            let tags = input.get("tags").map(|_| tag_map(input, "tags"));
            let request = UpdateInputSecurityGroup { id, cidrs: cidrs(input), tags };
            json!({"securityGroup": show::group(&world.update_input_security_group(region, now, request)?)})
        }
        "DeleteInputSecurityGroup" => {
            world.delete_input_security_group(region, now, &id)?;
            json!({})
        }
        other => return Err(not_simulated("medialive", other)),
    })
}

fn inputs(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let id = required(input, "inputId");
    Ok(match operation {
        "CreateInput" => {
            let request = take::create_input(input)?;
            json!({"input": show::input(&world.create_input(region, now, request)?)})
        }
        "DescribeInput" => show::input(&world.describe_input(region, now, &id)?),
        "ListInputs" => {
            let list = world.list_inputs(region, now, &paging(input))?;
            let inputs: Value = list.items.iter().map(show::input).collect();
            json!({"inputs": inputs, "nextToken": list.next_token})
        }
        "UpdateInput" => {
            let request = take::update_input(id, input);
            json!({"input": show::input(&world.update_input(region, now, request)?)})
        }
        "DeleteInput" => {
            world.delete_input(region, now, &id)?;
            json!({})
        }
        other => return Err(not_simulated("medialive", other)),
    })
}

fn channels(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let id = required(input, "channelId");
    Ok(match operation {
        "CreateChannel" => {
            let request = take::create_channel(input);
            json!({"channel": show::channel(&world.create_channel(region, now, request)?)})
        }
        "DescribeChannel" => show::channel(&world.describe_channel(region, now, &id)?),
        "ListChannels" => {
            let list = world.list_channels(region, now, &paging(input))?;
            let channels: Value = list.items.iter().map(show::channel).collect();
            json!({"channels": channels, "nextToken": list.next_token})
        }
        "UpdateChannel" => {
            let stored = world.region(region).medialive.channels.get(&id).map(|channel| channel.doc.clone());
            let request = take::update_channel(id, input, &stored.unwrap_or_default());
            json!({"channel": show::channel(&world.update_channel(region, now, request)?)})
        }
        "UpdateChannelClass" => {
            let class = take::class(input)?;
            let destinations = input.get("destinations").cloned();
            json!({"channel": show::channel(&world.update_channel_class(region, now, &id, class, destinations)?)})
        }
        "RestartChannelPipelines" => {
            show::channel(&world.restart_channel_pipelines(region, now, &id, &take::pipelines(input))?)
        }
        "BatchUpdateSchedule" => schedule::update(world, region, now, &id, input)?,
        "DescribeSchedule" => schedule::describe(world, region, now, &id, input)?,
        "DeleteSchedule" => {
            world.delete_schedule(region, now, &id)?;
            json!({})
        }
        "ListAlerts" => {
            let list = world.list_alerts(region, now, &id, take::alert_filter(input)?, &paging(input))?;
            let alerts: Value = list.items.iter().map(show::alert).collect();
            json!({"alerts": alerts, "nextToken": list.next_token})
        }
        "StartChannel" => show::channel(&world.start_channel(region, now, &id)?),
        "StopChannel" => show::channel(&world.stop_channel(region, now, &id)?),
        "DeleteChannel" => show::channel(&world.delete_channel(region, now, &id)?),
        other => return Err(not_simulated("medialive", other)),
    })
}

fn tags(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let arn = required(input, "resource-arn");
    Ok(match operation {
        "ListTagsForResource" => json!({"tags": world.list_medialive_tags(region, now, &arn)?}),
        "CreateTags" => {
            world.create_medialive_tags(region, now, &arn, tag_map(input, "tags"))?;
            json!({})
        }
        "DeleteTags" => {
            world.delete_medialive_tags(region, now, &arn, &texts(input, "tagKeys").unwrap_or_default())?;
            json!({})
        }
        other => return Err(not_simulated("medialive", other)),
    })
}

/// Whether a create or update only validates (aws-facts 1.1).
fn dry_run(input: &Value) -> bool {
    flag(input, "dryRun")
}
