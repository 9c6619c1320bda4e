//! Inputs: what each type needs and excludes (aws-facts 1.8).

use crate::rules::net::{is_arn, scheme};
use crate::rules::{Defects, Node};

const FILE_SCHEMES: &[&str] = &["http", "https", "s3ssl", "mediastoressl"];
const RTMP_SCHEMES: &[&str] = &["rtmp", "rtmps"];

pub fn create(input: &Node<'_>, defects: &mut Defects) {
    defects.require(&input.get("name"));
    defects.require(&input.get("type"));
    vpc(input, defects);
    role(input, defects);
    let Some(kind) = input.get("type").str() else {
        return;
    };
    match kind {
        "RTMP_PUSH" => {
            security_group(input, defects);
            stream_names(input, defects);
            without(input, kind, &["sources", "mediaConnectFlows", "srtSettings"], defects);
        }
        "RTP_PUSH" | "UDP_PUSH" => {
            security_group(input, defects);
            without(input, kind, &["sources", "mediaConnectFlows", "srtSettings"], defects);
        }
        "URL_PULL" | "MP4_FILE" | "TS_FILE" => pull(input, kind, FILE_SCHEMES, defects),
        "RTMP_PULL" => {
            pull(input, kind, RTMP_SCHEMES, defects);
            rtmp_paths(input, defects);
        }
        "MEDIACONNECT" => mediaconnect(input, defects),
        "SRT_CALLER" => srt_caller(input, defects),
        "SRT_LISTENER" => {
            security_group(input, defects);
            defects.require(&input.at("srtSettings.srtListenerSettings"));
            without(input, kind, &["destinations", "sources", "mediaConnectFlows"], defects);
        }
        "AWS_CDI" => {
            defects.require(&input.get("vpc"));
            defects.require(&input.get("roleArn"));
        }
        "INPUT_DEVICE" => {
            if input.get("inputDevices").items().is_empty() {
                defects.invalid(&input.get("inputDevices"), "an INPUT_DEVICE input needs a device");
            }
        }
        other => {
            defects.invalid(&input.get("type"), format!("the local cloud does not simulate inputs of type {other}"))
        }
    }
}

/// An update names no type; what it does name must still make sense by itself.
pub fn update(input: &Node<'_>, defects: &mut Defects) {
    vpc(input, defects);
    role(input, defects);
    if input.get("destinations").exists() {
        stream_names(input, defects);
    }
    for source in input.get("sources").items() {
        defects.require(&source.get("url"));
    }
}

/// aws-facts 1.8: push inputs need an input security group, unless they are in a VPC; never both.
fn security_group(input: &Node<'_>, defects: &mut Defects) {
    let groups = input.get("inputSecurityGroups");
    if input.get("vpc").exists() {
        return;
    }
    match groups.items().len() {
        1 => {}
        0 => defects.invalid(&groups, "a push input needs an input security group"),
        n => defects.invalid(&groups, format!("an input takes one input security group, found {n}")),
    }
}

/// aws-facts 1.8: two subnets, at most five security groups, and no input security group beside a VPC.
fn vpc(input: &Node<'_>, defects: &mut Defects) {
    let vpc = input.get("vpc");
    if !vpc.exists() {
        return;
    }
    if !input.get("inputSecurityGroups").items().is_empty() {
        defects.invalid(&vpc, "vpc and inputSecurityGroups cannot be combined");
    }
    let subnets = vpc.get("subnetIds");
    if subnets.items().len() != 2 {
        defects.invalid(&subnets, format!("exactly two subnets are needed, found {}", subnets.items().len()));
    }
    if vpc.get("securityGroupIds").items().len() > 5 {
        defects.invalid(&vpc.get("securityGroupIds"), "at most five security groups are allowed");
    }
}

fn role(input: &Node<'_>, defects: &mut Defects) {
    let role = input.get("roleArn");
    if role.str().is_some_and(|arn| !is_arn(arn, "iam", "role/")) {
        defects.invalid(&role, "roleArn is not the ARN of an IAM role");
    }
}

/// aws-facts 1.8: one or two destinations, `app/instance` each, different from each other (recipe mistake 9).
fn stream_names(input: &Node<'_>, defects: &mut Defects) {
    let list = input.get("destinations");
    let destinations = list.items();
    if destinations.is_empty() || destinations.len() > 2 {
        defects.invalid(&list, "an RTMP_PUSH input needs one or two destinations, each with a streamName");
    }
    for (i, destination) in destinations.iter().enumerate() {
        let node = destination.get("streamName");
        let Some(name) = node.str() else {
            defects.invalid(&node, "streamName is required");
            continue;
        };
        let halves: Vec<_> = name.split('/').collect();
        if halves.len() != 2 || halves.iter().any(|half| half.is_empty()) {
            defects.invalid(&node, format!("stream name {name} does not have the form application/instance"));
        }
        if destinations[..i].iter().any(|earlier| earlier.get("streamName").is(name)) {
            defects.invalid(&node, format!("stream name {name} is used more than once"));
        }
    }
}

fn pull(input: &Node<'_>, kind: &str, schemes: &[&str], defects: &mut Defects) {
    let list = input.get("sources");
    let sources = list.items();
    if sources.is_empty() || sources.len() > 2 {
        defects.invalid(&list, format!("an input of type {kind} needs one or two sources"));
    }
    for source in sources {
        let url = source.get("url");
        let Some(text) = url.str() else {
            defects.invalid(&url, "url is required");
            continue;
        };
        if !scheme(text).is_some_and(|(scheme, _)| schemes.contains(&scheme)) {
            defects
                .invalid(&url, format!("url {text} of a {kind} input must begin with one of {}", schemes.join(", ")));
        }
        // aws-facts 1.8: passwordParam is the name of an SSM parameter and goes with a user name.
        if source.get("passwordParam").exists() && !source.get("username").exists() {
            defects.invalid(&source.get("username"), "username is required with passwordParam");
        }
    }
    without(input, kind, &["destinations", "inputSecurityGroups", "mediaConnectFlows", "srtSettings"], defects);
}

/// aws-facts 1.8: `rtmp://host:port/app/stream`.
fn rtmp_paths(input: &Node<'_>, defects: &mut Defects) {
    for source in input.get("sources").items() {
        let url = source.get("url");
        let path = url.str().and_then(scheme).and_then(|(_, rest)| rest.split_once('/'));
        let parts = path.map(|(_, path)| path.split('/').filter(|part| !part.is_empty()).count());
        if url.exists() && parts.unwrap_or(0) < 2 {
            defects.invalid(&url, "an RTMP source names its application and stream: rtmp://host:port/app/stream");
        }
    }
}

/// aws-facts 1.8: one or two flows, and the role that may read them.
fn mediaconnect(input: &Node<'_>, defects: &mut Defects) {
    let list = input.get("mediaConnectFlows");
    if list.items().is_empty() || list.items().len() > 2 {
        defects.invalid(&list, "a MEDIACONNECT input needs one or two flows");
    }
    for flow in list.items() {
        let arn = flow.get("flowArn");
        if !arn.str().is_some_and(|arn| is_arn(arn, "mediaconnect", "flow:")) {
            defects.invalid(&arn, "flowArn is not the ARN of a MediaConnect flow");
        }
    }
    defects.require(&input.get("roleArn"));
    without(input, "MEDIACONNECT", &["destinations", "inputSecurityGroups", "sources", "srtSettings"], defects);
}

fn srt_caller(input: &Node<'_>, defects: &mut Defects) {
    let list = input.at("srtSettings.srtCallerSources");
    if list.items().is_empty() || list.items().len() > 2 {
        defects.invalid(&list, "an SRT_CALLER input needs one or two sources");
    }
    for source in list.items() {
        defects.require(&source.get("srtListenerAddress"));
        let port = source.get("srtListenerPort");
        // The port is a string in the interface (aws-facts 1.8).
        if !port.str().is_some_and(|text| text.parse::<u16>().is_ok_and(|port| port > 0)) {
            defects.invalid(&port, "srtListenerPort is not a port");
        }
        // The interface requires neither of a caller, and one makes no sense without the other.
        let decryption = source.get("decryption");
        for member in ["algorithm", "passphraseSecretArn"].into_iter().filter(|_| decryption.exists()) {
            defects.require(&decryption.get(member));
        }
    }
    without(input, "SRT_CALLER", &["destinations", "inputSecurityGroups", "sources", "mediaConnectFlows"], defects);
}

/// A type of input does not take the members of another.
fn without(input: &Node<'_>, kind: &str, members: &[&str], defects: &mut Defects) {
    for name in members {
        let node = input.get(name);
        let empty = node.value.as_array().is_some_and(Vec::is_empty);
        if node.exists() && !empty {
            defects.invalid(&node, format!("{name} does not go with an input of type {kind}"));
        }
    }
}
