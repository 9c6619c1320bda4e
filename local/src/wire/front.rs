//! One AWS call from the request to the answer: who calls, which service and operation, rules, the account, the recording.

use std::sync::Arc;

use serde_json::Value;

use super::json::{self, Times};
use super::message::{Protocol, Reply, Request};
use super::record::Entry;
use super::scope::{self, Scope};
use super::{
    authorize, cbor, cloudfront, cloudwatch, error, events, faults, medialive, mediapackage, query, rest, s3,
    secretsmanager, sqs, sts,
};
use crate::cloud::Cloud;
use crate::rules::{self, Interface};
use crate::world::AwsError;

/// Access keys that the local cloud gives to functions begin so.
const KEY_PREFIX: &str = "AKIALOCAL";

/// An operation with its input.
type Read = (String, Value);

/// What is known of a call by the time it is answered.
struct Answered {
    operation: String,
    reply: Reply,
    privileges: Vec<Value>,
}

/// Answers one call and records it.
pub async fn answer(cloud: &Arc<Cloud>, request: Request) -> Reply {
    let time = cloud.now();
    let scope = scope::of(&request.headers, &request.query());
    let service = scope.as_ref().map(|s| s.service.clone()).unwrap_or_default();
    let request_id = request_id();
    let answered = dispatch(cloud, scope.as_ref(), &request, &request_id).await;
    let reply = answered.reply.with("x-amzn-RequestId", request_id);
    if let Some(recorder) = &cloud.recorder {
        let function = scope.as_ref().and_then(|s| function(cloud, &s.access_key));
        recorder.write(&Entry {
            time,
            function: function.as_deref(),
            // CloudWatch is signed for as `monitoring`; a reader looks for its name.
            service: if service == "monitoring" { "cloudwatch" } else { &service },
            operation: &answered.operation,
            method: request.method.as_str(),
            uri: &request.uri,
            headers: &request.headers,
            body: &request.body,
            status: reply.status,
            response: &reply.body,
            privileges: &answered.privileges,
        });
    }
    reply
}

/// The function that calls: by the key it was given, else by the key's own name.
fn function(cloud: &Cloud, access_key: &str) -> Option<String> {
    let by_name = || access_key.strip_prefix(KEY_PREFIX).map(str::to_ascii_lowercase);
    cloud.function_of(access_key).or_else(by_name)
}

fn request_id() -> String {
    let mut bytes: [u8; 16] = rand::random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

async fn dispatch(cloud: &Arc<Cloud>, scope: Option<&Scope>, request: &Request, request_id: &str) -> Answered {
    let service = scope.map(|s| s.service.as_str()).unwrap_or_default();
    let protocol = Protocol::of(service, request);
    let refuse = |operation: &str, refusal: &AwsError| Answered {
        operation: operation.to_owned(),
        reply: error::reply(service, protocol, refusal, request_id),
        privileges: Vec::new(),
    };
    let Some(scope) = scope else {
        return refuse("", &unsigned(protocol));
    };
    if !cloud.admits(&scope.access_key) || !authorize::has_token(cloud, scope, request) {
        return refuse("", &unknown_key(protocol));
    }
    let call = match call(service, protocol, request) {
        Ok(call) => call,
        Err(refusal) => return refuse(&target(request), &refusal),
    };
    let operation = call.operation().to_owned();
    let authorized = authorize::check(cloud, scope, request, &operation, call.input());
    let privileges = authorized.privileges;
    if let Err(refusal) = authorized.outcome {
        return Answered { privileges, ..refuse(&operation, &refusal) };
    }
    let fault = cloud.faults.meet(service, &operation);
    if let Some(refusal) = fault.as_ref().and_then(faults::Kind::refusal) {
        return Answered { privileges, ..refuse(&operation, &refusal) };
    }
    let mut reply = match call {
        Call::DynamoDb(_) => cloud.dynamodb.forward(scope, request).await,
        Call::S3(operation) => s3::answer(cloud, operation, request, request_id),
        Call::Read(operation, input) => match perform(cloud, scope, &operation, input).await {
            Ok(output) => write(service, protocol, &operation, &output, request_id),
            Err(refusal) => error::reply(service, protocol, &refusal, request_id),
        },
    };
    reply.lost = fault == Some(faults::Kind::Lost);
    Answered { operation, reply, privileges }
}

/// A call whose operation is known.
enum Call {
    /// Handed on as it is.
    DynamoDb(String),
    S3(&'static str),
    Read(String, Value),
}

impl Call {
    fn operation(&self) -> &str {
        match self {
            Self::S3(operation) => operation,
            Self::DynamoDb(operation) | Self::Read(operation, _) => operation,
        }
    }

    /// What was read of the request; what is handed on as it is was not read.
    fn input(&self) -> Option<&Value> {
        match self {
            Self::Read(_, input) => Some(input),
            Self::DynamoDb(_) | Self::S3(_) => None,
        }
    }
}

fn call(service: &str, protocol: Protocol, request: &Request) -> Result<Call, AwsError> {
    match service {
        "dynamodb" => Ok(Call::DynamoDb(target(request))),
        "s3" => s3::operation(request).map(Call::S3),
        _ => read(service, protocol, request).map(|(operation, input)| Call::Read(operation, input)),
    }
}

fn target(request: &Request) -> String {
    request.target().unwrap_or_default().to_owned()
}

/// aws-facts 0: 403; the XML protocols leave `Exception` out.
fn unsigned(protocol: Protocol) -> AwsError {
    let code = match protocol {
        Protocol::RestXml | Protocol::Query => "MissingAuthenticationToken",
        Protocol::RestJson | Protocol::Json(_) | Protocol::Cbor => "MissingAuthenticationTokenException",
    };
    AwsError::new(403, code, "Request is missing Authentication Token")
}

fn unknown_key(protocol: Protocol) -> AwsError {
    let code = match protocol {
        Protocol::RestXml | Protocol::Query => "InvalidClientTokenId",
        Protocol::RestJson | Protocol::Json(_) | Protocol::Cbor => "UnrecognizedClientException",
    };
    AwsError::new(403, code, "The security token included in the request is invalid.")
}

/// Which operation is called, with what.
fn read(service: &str, protocol: Protocol, request: &Request) -> Result<Read, AwsError> {
    let malformed = |message: String| AwsError::new(400, "SerializationException", message);
    if service == "sqs" && matches!(protocol, Protocol::Json(_)) {
        let operation = request.target().ok_or_else(|| unknown(service, "without a name"))?;
        let input = json_body(request).map_err(malformed)?;
        return Ok((operation.to_owned(), input));
    }
    let Some(interface) = Interface::of(service).filter(|_| service != "sqs") else {
        return Err(unknown(service, &format!("{} {}", request.method, request.path())));
    };
    let (operation, input) = match protocol {
        Protocol::RestJson | Protocol::RestXml => return rest::read(interface, protocol, request),
        Protocol::Json(_) => {
            let input = json_body(request).map_err(malformed)?;
            (request.target().unwrap_or("without a name").to_owned(), input)
        }
        Protocol::Cbor => {
            let operation = request.path().rsplit('/').next().unwrap_or_default().to_owned();
            (operation, cbor::read(&request.body).map_err(malformed)?)
        }
        Protocol::Query => {
            let text = std::str::from_utf8(&request.body).map_err(|_| malformed("the body is not UTF-8".to_owned()))?;
            let mut fields = request.query();
            fields.extend(query::pairs(text));
            let action = fields.iter().find(|(name, _)| name == "Action").map(|(_, action)| action.clone());
            let operation = action.unwrap_or_else(|| "without a name".to_owned());
            let shape = interface.operations.get(&operation).and_then(|op| op.input.as_deref());
            (operation, query::read(interface, shape, &fields))
        }
    };
    if !interface.operations.contains_key(&operation) {
        return Err(unknown(service, &operation));
    }
    Ok((operation, input))
}

fn json_body(request: &Request) -> Result<Value, String> {
    if request.body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(&request.body).map_err(|e| format!("the body is not JSON: {e}"))
}

/// Never a silent 200: what the account does not have is named.
fn unknown(service: &str, operation: &str) -> AwsError {
    let message = format!("the local cloud has no operation {operation} of service {service}");
    AwsError::new(404, "UnknownOperationException", message)
}

/// Carries out a call whose request has been read: what every protocol comes to.
pub async fn perform(cloud: &Arc<Cloud>, scope: &Scope, operation: &str, input: Value) -> Result<Value, AwsError> {
    rules::check(&scope.service, operation, &input, &cloud.strictness)?;
    let region = scope.region.as_str();
    match scope.service.as_str() {
        "sqs" => sqs::handle(cloud, region, operation, input).await,
        "medialive" => cloud.with_world(|world, now| medialive::call(world, region, now, operation, &input)),
        "mediapackage" => cloud.with_world(|world, now| mediapackage::call(world, region, now, operation, &input)),
        "cloudfront" => cloud.with_world(|world, now| cloudfront::call(world, now, operation, &input)),
        "monitoring" => cloud.with_world(|world, now| cloudwatch::call(world, region, now, operation, &input)),
        "events" => cloud.with_world(|world, now| events::call(world, region, now, operation, &input)),
        "secretsmanager" => cloud.with_world(|world, now| secretsmanager::call(world, region, now, operation, &input)),
        "sts" => Ok(cloud.peek(|world| sts::call(world, &scope.access_key))),
        other => Err(unknown(other, operation)),
    }
}

fn write(service: &str, protocol: Protocol, operation: &str, output: &Value, request_id: &str) -> Reply {
    let Some(interface) = Interface::of(service) else {
        return Reply::new(200, "application/x-amz-json-1.0", output.to_string());
    };
    let shape = interface.operations.get(operation).and_then(|op| op.output.as_deref());
    let shown = |times| shape.map(|name| json::shaped(interface, name, output, times)).unwrap_or(Value::Null);
    match protocol {
        Protocol::RestJson | Protocol::RestXml => rest::write(interface, protocol, operation, output),
        Protocol::Json(content_type) => {
            let body = shape.map_or_else(|| "{}".to_owned(), |_| shown(Times::Epoch).to_string());
            Reply::new(200, content_type, body)
        }
        Protocol::Query => {
            let body = query::write(interface, operation, &shown(Times::Text), request_id);
            Reply::new(200, "text/xml", body)
        }
        Protocol::Cbor => {
            let body = shape.map(|name| cbor::write(interface, Some(name), &shown(Times::Epoch))).unwrap_or_default();
            Reply::new(200, "application/cbor", body).with("smithy-protocol", "rpc-v2-cbor")
        }
    }
}
