//! SQS over JSON 1.0: reads an operation's members, asks the world, and writes the answer's members with the digests
//! that the SDKs check.

mod batch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use crate::world::sqs::{MessageAttribute, Receive, Received, Send, Sent, TRACE_HEADER, md5_of_attributes};
use crate::world::{AwsError, Tags};

/// The longest wait of a receive call.
const MAX_WAIT_SECS: i64 = 20;

/// Answers one operation.
pub async fn handle(cloud: &Arc<Cloud>, region: &str, operation: &str, input: Value) -> Result<Value, AwsError> {
    match operation {
        "CreateQueue" => create(cloud, region, read(input)?),
        "DeleteQueue" => {
            let OnlyQueue { queue_url } = read(input)?;
            cloud.with_world(|world, _| world.delete_queue(region, &queue_url))?;
            Ok(json!({}))
        }
        "GetQueueUrl" => get_url(cloud, region, read(input)?),
        "ListQueues" => list(cloud, region, read(input)?),
        "GetQueueAttributes" => get_attributes(cloud, region, read(input)?),
        "SetQueueAttributes" => set_attributes(cloud, region, read(input)?),
        "SendMessage" => send(cloud, region, read(input)?),
        "SendMessageBatch" => batch::send(cloud, region, read(input)?),
        "ReceiveMessage" => receive(cloud, region, read(input)?).await,
        "DeleteMessage" => {
            let DeleteMessage { queue_url, receipt_handle } = read(input)?;
            cloud.with_world(|world, _| world.delete_message(region, &queue_url, &receipt_handle))?;
            Ok(json!({}))
        }
        "DeleteMessageBatch" => batch::delete(cloud, region, read(input)?),
        "ChangeMessageVisibility" => {
            let ChangeVisibility { queue_url, receipt_handle, visibility_timeout } = read(input)?;
            cloud.with_world(|world, now| {
                world.change_message_visibility(region, &queue_url, &receipt_handle, visibility_timeout, now)
            })?;
            Ok(json!({}))
        }
        "ChangeMessageVisibilityBatch" => batch::change_visibility(cloud, region, read(input)?),
        "PurgeQueue" => {
            let OnlyQueue { queue_url } = read(input)?;
            cloud.with_world(|world, _| world.purge_queue(region, &queue_url))?;
            Ok(json!({}))
        }
        "ListQueueTags" => {
            let OnlyQueue { queue_url } = read(input)?;
            let tags = cloud.with_world(|world, _| world.queue(region, &queue_url).map(|queue| queue.tags.clone()))?;
            Ok(if tags.is_empty() { json!({}) } else { json!({ "Tags": tags }) })
        }
        "TagQueue" => {
            let TagQueue { queue_url, tags } = read(input)?;
            cloud.with_world(|world, _| world.queue(region, &queue_url).map(|queue| queue.tags.extend(tags)))?;
            Ok(json!({}))
        }
        "UntagQueue" => {
            let UntagQueue { queue_url, tag_keys } = read(input)?;
            let keep = |tags: &mut Tags| tags.retain(|key, _| !tag_keys.contains(key));
            cloud.with_world(|world, _| world.queue(region, &queue_url).map(|queue| keep(&mut queue.tags)))?;
            Ok(json!({}))
        }
        other => {
            let message = format!("the local cloud has no operation {other} of service sqs");
            Err(AwsError::new(400, "UnknownOperationException", message))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CreateQueue {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    // The only member of the whole protocol that begins with a small letter.
    #[serde(default, rename = "tags")]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OnlyQueue {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GetQueueUrl {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ListQueues {
    #[serde(default)]
    queue_name_prefix: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct GetAttributes {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SetAttributes {
    queue_url: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, MessageAttribute>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, MessageAttribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ReceiveMessage {
    queue_url: String,
    #[serde(default = "one")]
    max_number_of_messages: usize,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ChangeVisibility {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct TagQueue {
    queue_url: String,
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct UntagQueue {
    queue_url: String,
    tag_keys: Vec<String>,
}

/// A member that is missing, unknown or of the wrong type is refused by name.
fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| {
        let text = error.to_string();
        let code = if text.starts_with("missing field") { "MissingParameter" } else { "InvalidParameterValue" };
        AwsError::new(400, code, text)
    })
}

fn create(cloud: &Cloud, region: &str, input: CreateQueue) -> Result<Value, AwsError> {
    let CreateQueue { queue_name, attributes, tags } = input;
    let url = cloud.with_world(|world, now| world.create_queue(region, &queue_name, &attributes, tags, now))?;
    Ok(json!({ "QueueUrl": url }))
}

fn get_url(cloud: &Cloud, region: &str, input: GetQueueUrl) -> Result<Value, AwsError> {
    let url = cloud.with_world(|world, _| {
        if input.owner.as_ref().is_some_and(|owner| *owner != world.account) {
            let message = "The specified queue does not exist or you do not have access to it.";
            return Err(AwsError::new(400, "QueueDoesNotExist", message));
        }
        world.queue(region, &input.queue_name).map(|queue| queue.url.clone())
    })?;
    Ok(json!({ "QueueUrl": url }))
}

fn list(cloud: &Cloud, region: &str, input: ListQueues) -> Result<Value, AwsError> {
    let urls = cloud.peek(|world| {
        let queues = world.queues(region, &input.queue_name_prefix);
        queues.into_iter().map(|queue| queue.url.clone()).collect::<Vec<_>>()
    });
    // The token is the last URL of the page before.
    let after = input.next_token.unwrap_or_default();
    let mut page = urls.into_iter().filter(|url| *url > after).collect::<Vec<_>>();
    let mut answer = Map::new();
    if let Some(max) = input.max_results
        && page.len() > max
    {
        page.truncate(max);
        answer.insert("NextToken".into(), json!(page.last()));
    }
    if !page.is_empty() {
        answer.insert("QueueUrls".into(), json!(page));
    }
    Ok(Value::Object(answer))
}

fn get_attributes(cloud: &Cloud, region: &str, input: GetAttributes) -> Result<Value, AwsError> {
    let all =
        cloud.with_world(|world, now| world.queue(region, &input.queue_url).map(|queue| queue.attributes(now)))?;
    let wanted = |name: &str| input.attribute_names.iter().any(|wanted| wanted == "All" || wanted == name);
    let chosen = all.into_iter().filter(|(name, _)| wanted(name)).collect::<BTreeMap<_, _>>();
    Ok(if chosen.is_empty() { json!({}) } else { json!({ "Attributes": chosen }) })
}

fn set_attributes(cloud: &Cloud, region: &str, input: SetAttributes) -> Result<Value, AwsError> {
    cloud.with_world(|world, now| {
        let queue = world.queue(region, &input.queue_url)?;
        // All or nothing.
        let mut settings = queue.settings.clone();
        settings.apply(&input.attributes)?;
        queue.settings = settings;
        queue.modified = now;
        Ok::<_, AwsError>(())
    })?;
    Ok(json!({}))
}

fn send(cloud: &Cloud, region: &str, input: SendMessage) -> Result<Value, AwsError> {
    let (system, attributes) = (input.message_system_attributes, input.message_attributes);
    let message =
        Send { body: input.message_body, delay_secs: input.delay_seconds, attributes, trace: trace(&system)? };
    let sent = cloud.with_world(|world, now| world.send_message(region, &input.queue_url, message, now))?;
    let mut members = sent_members(&sent);
    if let Some(digest) = md5_of_attributes(&system) {
        members.insert("MD5OfMessageSystemAttributes".into(), json!(digest));
    }
    Ok(Value::Object(members))
}

/// The one system attribute that may be sent.
fn trace(system: &BTreeMap<String, MessageAttribute>) -> Result<Option<String>, AwsError> {
    let mut header = None;
    for (name, attribute) in system {
        if name != TRACE_HEADER || attribute.data_type != "String" || attribute.string_value.is_none() {
            let message = format!(
                "Message system attribute name '{name}' is invalid; {TRACE_HEADER}, a String, is the only one."
            );
            return Err(AwsError::new(400, "InvalidParameterValue", message));
        }
        header.clone_from(&attribute.string_value);
    }
    Ok(header)
}

fn sent_members(sent: &Sent) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("MessageId".into(), json!(sent.message_id));
    members.insert("MD5OfMessageBody".into(), json!(sent.md5_of_body));
    if let Some(digest) = &sent.md5_of_attributes {
        members.insert("MD5OfMessageAttributes".into(), json!(digest));
    }
    members
}

/// A receive call, which may wait for a message (long polling) in real time.
async fn receive(cloud: &Cloud, region: &str, input: ReceiveMessage) -> Result<Value, AwsError> {
    let ask = Receive { max: input.max_number_of_messages, visibility_secs: input.visibility_timeout };
    let default_wait =
        cloud.with_world(|world, _| world.queue(region, &input.queue_url).map(|q| q.settings.receive_wait_secs))?;
    let wait = input.wait_time_seconds.unwrap_or(default_wait);
    if !(0..=MAX_WAIT_SECS).contains(&wait) {
        let message = format!("Value {wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20.");
        return Err(AwsError::new(400, "InvalidParameterValue", message));
    }
    let deadline = tokio::time::Instant::now() + Duration::from_secs(wait.unsigned_abs());
    loop {
        let changed = cloud.changed();
        let (received, due) = {
            let world = cloud.world();
            let mut world = world.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let received = world.receive_messages(region, &input.queue_url, ask, cloud.now())?;
            (received, world.queue(region, &input.queue_url)?.next_due())
        };
        if !received.is_empty() || tokio::time::Instant::now() >= deadline {
            let messages = received.iter().map(|message| message_members(message, &input)).collect::<Vec<_>>();
            return Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) });
        }
        let until_due = due.map(|due| u64::try_from(due - cloud.now()).unwrap_or(0).max(1));
        let due = until_due.map_or(deadline, |ms| tokio::time::Instant::now() + Duration::from_millis(ms));
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep_until(due.min(deadline)) => {}
        }
    }
}

fn message_members(message: &Received, ask: &ReceiveMessage) -> Value {
    let mut members = json!({
        "MessageId": message.message_id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": message.md5_of_body,
        "Body": message.body,
    });
    let names = || ask.attribute_names.iter().chain(&ask.message_system_attribute_names);
    let wanted = |name: &str| names().any(|wanted| wanted == "All" || wanted == name);
    let system = message.system.iter().filter(|(name, _)| wanted(name)).collect::<BTreeMap<_, _>>();
    if !system.is_empty() {
        members["Attributes"] = json!(system);
    }
    let own = |name: &str| {
        ask.message_attribute_names.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => wanted == "All" || wanted == name,
        })
    };
    let attributes = message.attributes.iter().filter(|(name, _)| own(name));
    let attributes = attributes.map(|(name, value)| (name.clone(), value.clone())).collect::<BTreeMap<_, _>>();
    if !attributes.is_empty() {
        members["MD5OfMessageAttributes"] = json!(md5_of_attributes(&attributes));
        members["MessageAttributes"] = json!(attributes);
    }
    members
}
