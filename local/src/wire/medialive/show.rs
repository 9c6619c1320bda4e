//! MediaLive's resources as its answers have them.

use serde_json::{Value, json};

use crate::wire::fields::object;
use crate::world::medialive::{Alert, Channel, ChannelState, Input, InputSecurityGroup, InputType};
use crate::world::rfc3339_secs;

pub fn group(group: &InputSecurityGroup) -> Value {
    let rules: Value = group.cidrs.iter().map(|cidr| json!({"cidr": cidr})).collect();
    json!({
        "id": group.id,
        "arn": group.arn,
        "state": group.state.as_str(),
        "whitelistRules": rules,
        "inputs": group.inputs,
        "tags": group.tags,
    })
}

pub fn input(input: &Input) -> Value {
    let mut out = object(&input.doc);
    let sources: Value = input
        .sources
        .iter()
        // An SRT caller's are in its srtSettings.
        .filter(|_| input.kind != InputType::SrtCaller)
        .map(|s| json!({"url": s.url, "username": s.username, "passwordParam": s.password_param}))
        .collect();
    let destinations: Value =
        input.destinations.iter().map(|d| json!({"ip": d.ip, "port": d.port, "url": d.url})).collect();
    let flows: Value = input.flows.iter().map(|arn| json!({"flowArn": arn})).collect();
    let known = json!({
        "id": input.id,
        "arn": input.arn,
        "name": input.name,
        "type": input.kind.as_str(),
        "inputClass": input.class.as_str(),
        "inputSourceType": "STATIC",
        "state": input.state.as_str(),
        "securityGroups": input.security_groups,
        "attachedChannels": input.attached_channels,
        "sources": sources,
        "destinations": destinations,
        "mediaConnectFlows": flows,
        "roleArn": input.role_arn,
        "tags": input.tags,
    });
    out.extend(object(&known));
    Value::Object(out)
}

pub fn alert(alert: &Alert) -> Value {
    json!({
        "id": alert.id,
        "alertType": alert.kind.as_str(),
        "pipelineId": alert.pipeline.to_string(),
        "state": if alert.cleared_at.is_none() { "SET" } else { "CLEARED" },
        "setTimestamp": rfc3339_secs(alert.set_at),
        "clearedTimestamp": alert.cleared_at.map(rfc3339_secs),
        "message": alert.kind.as_str(),
    })
}

pub fn channel(channel: &Channel) -> Value {
    // aws-facts 1.2: a deleted channel has little more than its name and state.
    let deleted = channel.state == ChannelState::Deleted;
    let mut out = if deleted { serde_json::Map::new() } else { object(&channel.doc) };
    let active = channel.active_attachment().map(|a| a.name.as_str()).unwrap_or_default();
    let action = channel.switched_to.as_ref().map_or("Initial Channel Input", |(_, action)| action.as_str());
    let running = |(pipeline, _): (usize, &bool)| {
        json!({"pipelineId": pipeline.to_string(), "activeInputAttachmentName": active,
               "activeInputSwitchActionName": action})
    };
    let details: Value = channel.pipelines.iter().enumerate().filter(|(_, on)| **on).map(running).collect();
    let known = json!({
        "id": channel.id,
        "arn": channel.arn,
        "name": channel.name,
        "channelClass": channel.class.as_str(),
        "state": channel.state.as_str(),
        "roleArn": channel.role_arn,
        "pipelineDetails": details,
        "pipelinesRunningCount": channel.pipelines_running(),
        "tags": channel.tags,
    });
    out.extend(object(&known));
    for list in ["destinations", "inputAttachments", "egressEndpoints"] {
        out.entry(list).or_insert_with(|| json!([]));
    }
    out.entry("logLevel").or_insert_with(|| json!("DISABLED"));
    Value::Object(out)
}
