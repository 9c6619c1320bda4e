//! MediaPackage v1: requests to the world, its resources to answers.

use serde_json::{Map, Value, json};

use super::fields::{not_simulated, object, objects, page, required, tag_map, text, texts, without};
use crate::world::mediapackage::{
    CdnAuthorization, CreateOriginEndpoint, CreatePackagingChannel, HlsManifest, OriginEndpoint, Packager,
    PackagingChannel, UpdateOriginEndpoint,
};
use crate::world::{AwsError, Ms, World, rfc3339_secs};

const PACKAGERS: [(&str, Packager); 4] = [
    ("hlsPackage", Packager::Hls),
    ("dashPackage", Packager::Dash),
    ("cmafPackage", Packager::Cmaf),
    ("mssPackage", Packager::Mss),
];

/// Carries out `operation`.
pub fn call(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    if operation.ends_with("Resource") {
        return tags(world, region, now, operation, input);
    }
    if operation.contains("OriginEndpoint") {
        return endpoints(world, region, now, operation, input);
    }
    channels(world, region, now, operation, input)
}

fn channels(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let id = required(input, "id");
    Ok(match operation {
        "CreateChannel" => {
            let description = required(input, "description");
            let request = CreatePackagingChannel { id, description, tags: tag_map(input, "tags") };
            show_channel(&world.create_packaging_channel(region, now, request)?)
        }
        "DescribeChannel" => show_channel(&world.describe_packaging_channel(region, now, &id)?),
        "ListChannels" => {
            let list = world.list_packaging_channels(region, now, &page(input, "maxResults", "nextToken"))?;
            let channels: Value = list.items.iter().map(show_channel).collect();
            json!({"channels": channels, "nextToken": list.next_token})
        }
        "UpdateChannel" => {
            let description = required(input, "description");
            show_channel(&world.update_packaging_channel(region, now, &id, description)?)
        }
        "RotateIngestEndpointCredentials" => {
            let ingest = required(input, "ingest_endpoint_id");
            show_channel(&world.rotate_ingest_credentials(region, now, &id, &ingest)?)
        }
        "DeleteChannel" => {
            world.delete_packaging_channel(region, now, &id)?;
            json!({})
        }
        other => return Err(not_simulated("mediapackage", other)),
    })
}

fn endpoints(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let id = required(input, "id");
    Ok(match operation {
        "CreateOriginEndpoint" => {
            let packager = packager(input)
                .ok_or_else(|| AwsError::unprocessable("an origin endpoint needs exactly one packager"))?;
            let request = CreateOriginEndpoint {
                id,
                channel_id: required(input, "channelId"),
                manifest_name: text(input, "manifestName"),
                packager,
                hls_manifests: manifests(input).unwrap_or_default(),
                authorization: authorization(input),
                tags: tag_map(input, "tags"),
                doc: without(input, &["tags"]),
            };
            show_endpoint(&world.create_origin_endpoint(region, now, request)?)
        }
        "DescribeOriginEndpoint" => show_endpoint(&world.describe_origin_endpoint(region, now, &id)?),
        "ListOriginEndpoints" => {
            let channel = text(input, "channelId");
            let paging = page(input, "maxResults", "nextToken");
            let list = world.list_origin_endpoints(region, now, channel.as_deref(), &paging)?;
            let endpoints: Value = list.items.iter().map(show_endpoint).collect();
            json!({"originEndpoints": endpoints, "nextToken": list.next_token})
        }
        "UpdateOriginEndpoint" => {
            let request = UpdateOriginEndpoint {
                id,
                manifest_name: text(input, "manifestName"),
                packager: packager(input),
                hls_manifests: manifests(input),
                authorization: authorization(input),
                doc: input.clone(),
            };
            show_endpoint(&world.update_origin_endpoint(region, now, request)?)
        }
        "DeleteOriginEndpoint" => {
            world.delete_origin_endpoint(region, now, &id)?;
            json!({})
        }
        other => return Err(not_simulated("mediapackage", other)),
    })
}

fn tags(world: &mut World, region: &str, now: Ms, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let arn = required(input, "resource-arn");
    Ok(match operation {
        "ListTagsForResource" => json!({"tags": world.list_mediapackage_tags(region, now, &arn)?}),
        "TagResource" => {
            world.create_mediapackage_tags(region, now, &arn, tag_map(input, "tags"))?;
            json!({})
        }
        "UntagResource" => {
            let keys = texts(input, "tagKeys").unwrap_or_default();
            world.delete_mediapackage_tags(region, now, &arn, &keys)?;
            json!({})
        }
        other => return Err(not_simulated("mediapackage", other)),
    })
}

fn packager(input: &Value) -> Option<Packager> {
    PACKAGERS.iter().find(|(name, _)| input.get(name).is_some()).map(|(_, packager)| *packager)
}

fn manifests(input: &Value) -> Option<Vec<HlsManifest>> {
    let manifest =
        |m: &Value| HlsManifest { id: required(m, "id"), manifest_name: text(m, "manifestName"), url: String::new() };
    Some(objects(input.get("cmafPackage")?, "hlsManifests")?.iter().map(manifest).collect())
}

fn authorization(input: &Value) -> Option<CdnAuthorization> {
    let authorization = input.get("authorization")?;
    Some(CdnAuthorization {
        secret_arn: required(authorization, "cdnIdentifierSecret"),
        secrets_role_arn: required(authorization, "secretsRoleArn"),
    })
}

fn show_channel(channel: &PackagingChannel) -> Value {
    let ingest: Value = channel
        .ingest
        .iter()
        .map(|e| json!({"id": e.id, "url": e.url, "username": e.username, "password": e.password}))
        .collect();
    json!({
        "id": channel.id,
        "arn": channel.arn,
        "description": channel.description,
        "createdAt": rfc3339_secs(channel.created_at),
        "hlsIngest": {"ingestEndpoints": ingest},
        "tags": channel.tags,
    })
}

/// What MediaPackage fills in where the request says nothing (aws-facts 2.4).
fn defaults(packager: &str) -> Value {
    match packager {
        "hlsPackage" => json!({
            "segmentDurationSeconds": 6, "playlistWindowSeconds": 60, "playlistType": "NONE", "adMarkers": "NONE",
            "programDateTimeIntervalSeconds": 0, "includeIframeOnlyStream": false, "useAudioRenditionGroup": false,
        }),
        "dashPackage" => json!({
            "segmentDurationSeconds": 2, "manifestWindowSeconds": 60, "minBufferTimeSeconds": 30,
            "minUpdatePeriodSeconds": 15, "suggestedPresentationDelaySeconds": 25, "profile": "NONE",
            "manifestLayout": "FULL", "segmentTemplateFormat": "NUMBER_WITH_TIMELINE", "periodTriggers": [],
        }),
        "mssPackage" => json!({"segmentDurationSeconds": 2, "manifestWindowSeconds": 60}),
        _ => json!({}),
    }
}

fn show_endpoint(endpoint: &OriginEndpoint) -> Value {
    let mut out = object(&json!({
        "origination": "ALLOW", "startoverWindowSeconds": 0, "timeDelaySeconds": 0, "whitelist": [], "description": "",
    }));
    out.extend(object(&endpoint.doc));
    for (name, _) in PACKAGERS {
        if let Some(given) = endpoint.doc.get(name) {
            let mut package = object(&defaults(name));
            package.extend(object(given));
            if name == "cmafPackage" {
                show_manifests(endpoint, &mut package);
            }
            out.insert(name.to_owned(), Value::Object(package));
        }
    }
    let authorization = endpoint
        .authorization
        .as_ref()
        .map(|a| json!({"cdnIdentifierSecret": a.secret_arn, "secretsRoleArn": a.secrets_role_arn}));
    let known = json!({
        "id": endpoint.id,
        "arn": endpoint.arn,
        "channelId": endpoint.channel_id,
        "manifestName": endpoint.manifest_name,
        "url": endpoint.url,
        "authorization": authorization,
        "createdAt": rfc3339_secs(endpoint.created_at),
        "tags": endpoint.tags,
    });
    out.extend(object(&known));
    Value::Object(out)
}

/// The manifests of a CMAF endpoint have URLs of their own (aws-facts 2.5).
fn show_manifests(endpoint: &OriginEndpoint, package: &mut Map<String, Value>) {
    let given = package.get("hlsManifests").and_then(Value::as_array).cloned().unwrap_or_default();
    let shown = endpoint.hls_manifests.iter().map(|manifest| {
        let mut out = given.iter().find(|m| m["id"] == manifest.id.as_str()).map(object).unwrap_or_default();
        let name = manifest.manifest_name.as_deref().unwrap_or(&endpoint.manifest_name);
        out.extend(object(&json!({"id": manifest.id, "manifestName": name, "url": manifest.url})));
        Value::Object(out)
    });
    package.insert("hlsManifests".to_owned(), shown.collect());
}
