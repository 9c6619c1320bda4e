//! CloudFront: requests to the world, distributions to answers.

mod config;

use serde_json::{Value, json};

use super::fields::{as_tag_list, not_simulated, objects, required, seconds, tag_list, text, texts};
use crate::world::cloudfront::Distribution;
use crate::world::{AwsError, Ms, Page, World};

/// What ListDistributions gives at once where the caller does not say.
const PAGE: usize = 100;

/// Carries out `operation`. CloudFront is global: no region.
pub fn call(world: &mut World, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let id = required(input, "Id");
    let if_match = text(input, "IfMatch");
    let resource = required(input, "Resource");
    Ok(match operation {
        "CreateDistribution" => create(world, now, &input["DistributionConfig"], None)?,
        "CreateDistributionWithTags" => {
            let both = &input["DistributionConfigWithTags"];
            create(world, now, &both["DistributionConfig"], objects(&both["Tags"], "Items"))?
        }
        "GetDistribution" => shown(&world.get_distribution(now, &id)?),
        "GetDistributionConfig" => {
            let distribution = world.get_distribution(now, &id)?;
            json!({"DistributionConfig": config::show(&distribution), "ETag": distribution.etag})
        }
        "UpdateDistribution" => {
            let config = config::take(&input["DistributionConfig"]);
            shown(&world.update_distribution(now, &id, if_match.as_deref(), config)?)
        }
        "DeleteDistribution" => {
            world.delete_distribution(now, &id, if_match.as_deref())?;
            json!({})
        }
        "ListDistributions" => list(world, now, input)?,
        "ListTagsForResource" => {
            json!({"Tags": {"Items": as_tag_list(&world.list_cloudfront_tags(now, &resource)?)}})
        }
        "TagResource" => {
            world.tag_cloudfront_resource(now, &resource, tag_list(objects(&input["Tags"], "Items")))?;
            json!({})
        }
        "UntagResource" => {
            let keys = texts(&input["TagKeys"], "Items").unwrap_or_default();
            world.untag_cloudfront_resource(now, &resource, &keys)?;
            json!({})
        }
        other => return Err(not_simulated("cloudfront", other)),
    })
}

fn create(world: &mut World, now: Ms, config: &Value, tags: Option<&Vec<Value>>) -> Result<Value, AwsError> {
    let distribution = world.create_distribution(now, config::take(config), tag_list(tags))?;
    let mut out = shown(&distribution);
    let location = format!("https://cloudfront.amazonaws.com/2020-05-31/distribution/{}", distribution.id);
    out["Location"] = json!(location);
    Ok(out)
}

fn shown(distribution: &Distribution) -> Value {
    json!({"Distribution": show(distribution), "ETag": distribution.etag})
}

fn show(distribution: &Distribution) -> Value {
    json!({
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": distribution.status.as_str(),
        "LastModifiedTime": seconds(distribution.last_modified),
        "InProgressInvalidationBatches": 0,
        "DomainName": distribution.domain_name,
        "ActiveTrustedSigners": {"Enabled": false, "Quantity": 0},
        "ActiveTrustedKeyGroups": {"Enabled": false, "Quantity": 0},
        "DistributionConfig": config::show(distribution),
    })
}

fn list(world: &mut World, now: Ms, input: &Value) -> Result<Value, AwsError> {
    // MaxItems is a string in the interface.
    let max = text(input, "MaxItems").and_then(|n| n.parse().ok()).unwrap_or(PAGE);
    let marker = text(input, "Marker").filter(|marker| !marker.is_empty());
    let page = Page { max_results: Some(max), next_token: marker.clone() };
    let list = world.list_distributions(now, &page)?;
    let items: Vec<_> = list.items.iter().map(summary).collect();
    Ok(json!({"DistributionList": {
        "Marker": marker.unwrap_or_default(),
        "NextMarker": list.next_token,
        "MaxItems": max,
        "IsTruncated": list.next_token.is_some(),
        "Quantity": items.len(),
        "Items": if items.is_empty() { Value::Null } else { Value::Array(items) },
    }}))
}

/// A summary has the members of the configuration at its top; the table leaves out what it does not show.
fn summary(distribution: &Distribution) -> Value {
    let mut out = config::show(distribution);
    if let (Some(out), Value::Object(known)) = (out.as_object_mut(), show(distribution)) {
        out.extend(known);
        out.insert("ETag".to_owned(), json!(distribution.etag));
    }
    out
}
