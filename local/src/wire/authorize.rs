//! Whether a function may do what it asks for: its credentials, then its role's policies, refused as each service refuses.
//! Calls with any other credentials are the administrator's and are not looked at.

use serde_json::{Value, json};

use super::message::Request;
use super::scope::Scope;
use crate::cloud::Cloud;
use crate::iam::asks::{self, Site};
use crate::iam::{Ask, Verdict};
use crate::world::AwsError;

/// What became of the look at a call.
pub struct Authorized {
    pub outcome: Result<(), AwsError>,
    /// For the recording: the permissions that were looked at, up to the first that is missing.
    pub privileges: Vec<Value>,
}

/// Whether a function's call carries the token of its session; others need none.
pub fn has_token(cloud: &Cloud, scope: &Scope, request: &Request) -> bool {
    let Some(caller) = cloud.iam.caller(&scope.access_key) else { return true };
    let query = request.query();
    let presigned = query.iter().find(|(name, _)| name == "X-Amz-Security-Token").map(|(_, token)| token.as_str());
    request.header("x-amz-security-token").or(presigned) == Some(caller.credentials.session_token.as_str())
}

/// Judges a call by the policies of the role that makes it.
pub fn check(cloud: &Cloud, scope: &Scope, request: &Request, operation: &str, input: Option<&Value>) -> Authorized {
    let Some(caller) = cloud.iam.caller(&scope.access_key) else {
        return Authorized { outcome: Ok(()), privileges: Vec::new() };
    };
    // Only DynamoDB's and S3's requests come here unread; S3's say everything in their names.
    let body = || serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let input = input.cloned().unwrap_or_else(body);
    let asks = cloud.peek(|world| asks::of(&scope.service, operation, &input, &Site { region: &scope.region, world }));
    let mut privileges = Vec::new();
    for ask in &asks {
        let verdict = caller.role.judge(ask);
        let allowed = matches!(verdict, Verdict::Allowed(_));
        privileges.push(shown(ask, allowed));
        if !allowed {
            let outcome = Err(refusal(&scope.service, ask, caller.role.refusal(ask, &verdict)));
            return Authorized { outcome, privileges };
        }
    }
    Authorized { outcome: Ok(()), privileges }
}

fn shown(ask: &Ask, allowed: bool) -> Value {
    let context: serde_json::Map<_, _> =
        ask.context.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({"action": ask.action, "resource": ask.resource, "context": context, "allowed": allowed})
}

/// The status and the code that each service refuses with.
fn refusal(service: &str, ask: &Ask, message: String) -> AwsError {
    match service {
        // The JSON protocols answer 400 for whatever is the caller's fault (aws-facts 0).
        "dynamodb" | "secretsmanager" | "events" => AwsError::new(400, "AccessDeniedException", message),
        // A role that may not be passed is refused by the service itself, with the 403 of its model.
        "medialive" | "mediapackage" if ask.action.starts_with("iam:") => {
            AwsError::new(403, "ForbiddenException", message)
        }
        "medialive" | "mediapackage" => AwsError::new(403, "AccessDeniedException", message),
        // CloudFront, CloudWatch, S3 and SQS have the code of the XML protocols.
        _ => AwsError::new(403, "AccessDenied", message),
    }
}
