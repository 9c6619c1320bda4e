//! A refusal in the shape of each protocol (aws-facts 0).

use serde_json::{Value, json};

use super::cbor;
use super::message::{Protocol, Reply};
use super::xml;
use crate::rules::Interface;
use crate::world::AwsError;

/// Puts a refusal on the wire.
pub fn reply(service: &str, protocol: Protocol, error: &AwsError, request_id: &str) -> Reply {
    match protocol {
        Protocol::RestJson => rest_json(error),
        Protocol::RestXml | Protocol::Query => xml_reply(service, error, request_id),
        Protocol::Json(content_type) => {
            // Secrets Manager spells the member with a capital.
            let member = if service == "secretsmanager" { "Message" } else { "message" };
            let body = json!({"__type": shape_name(service, &error.code), member: error.message});
            query_compatible(service, error, Reply::new(error.status, content_type, body.to_string()))
        }
        Protocol::Cbor => {
            let body = json!({"__type": shape_name(service, &error.code), "message": error.message});
            // Without a shape: these members are strings whatever the error.
            let interface = Interface::of("cloudwatch").expect("BUG: CloudWatch has a table");
            let reply = Reply::new(error.status, "application/cbor", cbor::write(interface, None, &body));
            query_compatible(service, error, reply.with("smithy-protocol", "rpc-v2-cbor"))
        }
    }
}

fn rest_json(error: &AwsError) -> Reply {
    let mut body = json!({"message": error.message});
    if !error.validation.is_empty() {
        let defects = error.validation.iter().map(|(path, text)| json!({"elementPath": path, "errorMessage": text}));
        body["validationErrors"] = Value::Array(defects.collect());
    }
    Reply::json(error.status, &body).with("x-amzn-ErrorType", error.code.clone())
}

fn xml_reply(service: &str, error: &AwsError, request_id: &str) -> Reply {
    let mut inner = String::from("<Error>");
    if service != "s3" {
        xml::text_element("Type", if error.status < 500 { "Sender" } else { "Receiver" }, &mut inner);
    }
    xml::text_element("Code", &error.code, &mut inner);
    xml::text_element("Message", &error.message, &mut inner);
    if service == "s3" {
        xml::text_element("RequestId", request_id, &mut inner);
    }
    inner.push_str("</Error>");
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if service == "s3" {
        out.push_str(&inner);
    } else {
        let xmlns = Interface::of(service).map(|i| i.xmlns.as_str()).unwrap_or_default();
        out.push_str(&format!("<ErrorResponse xmlns=\"{xmlns}\">{inner}"));
        xml::text_element("RequestId", request_id, &mut out);
        out.push_str("</ErrorResponse>");
    }
    Reply::new(error.status, "text/xml", out)
}

/// SQS's errors by shape, and the codes that they had in the query protocol.
const SQS_CODES: [(&str, &str); 4] = [
    ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
    ("QueueNameExists", "QueueAlreadyExists"),
    ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
    ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
];

/// CloudWatch and SQS once spoke the query protocol, whose error codes differ: new clients read the old one from a header.
fn query_compatible(service: &str, error: &AwsError, reply: Reply) -> Reply {
    if !matches!(service, "monitoring" | "sqs") {
        return reply;
    }
    let sqs = SQS_CODES.iter().find(|(shape, _)| service == "sqs" && *shape == error.code).map(|(_, code)| *code);
    let declared = Interface::of(service).and_then(|i| i.errors.get(&error.code)).and_then(|e| e.code.as_deref());
    let code = sqs.or(declared).unwrap_or(&error.code);
    let side = if error.status < 500 { "Sender" } else { "Receiver" };
    reply.with("x-amzn-query-error", format!("{code};{side}"))
}

/// The shape's name for a code that may be the query protocol's.
fn shape_name<'a>(service: &str, code: &'a str) -> &'a str {
    let Some(interface) = Interface::of(service) else {
        return SQS_CODES.iter().find(|(_, old)| *old == code).map_or(code, |(shape, _)| shape);
    };
    let by_code = interface.errors.iter().find(|(_, error)| error.code.as_deref() == Some(code));
    match by_code {
        Some((shape, _)) => shape.as_str(),
        None => code,
    }
}
