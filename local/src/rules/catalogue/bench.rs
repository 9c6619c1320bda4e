//! An account to try behaviours on: the rules and the world, called as the protocols call them, in virtual time.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::requests;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudConfig};
use crate::rules::tests::with;
use crate::wire;
use crate::world::{AwsError, World};

const START: i64 = 1_767_225_600_000;
pub const HOME: &str = "eu-west-1";

/// An account without throttles and without doubled or late events.
pub struct Bench {
    cloud: Arc<Cloud>,
    runtime: Runtime,
    /// A detached RTMP push input of class STANDARD; the packaging channel `platform` is there too.
    input: Option<String>,
}

/// An answer as it came over HTTP.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut CloudConfig)) -> Self {
        let mut config = CloudConfig { clock: Clock::starting_at(START), ..CloudConfig::default() };
        let switches = &mut config.world.switches;
        switches.throttles = false;
        switches.event_duplicate = 0.0;
        switches.event_late = 0.0;
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { cloud: Cloud::new(config).unwrap(), runtime, input: None }
    }

    /// Changes the account itself: a quota, a switch.
    pub fn world<T>(&self, act: impl FnOnce(&mut World, i64) -> T) -> T {
        self.cloud.with_world(act)
    }

    pub fn quota(&self, name: &str, number: u32) {
        self.world(|world, _| world.quotas.set(name, number)).unwrap();
    }

    /// Lets time pass, in seconds.
    pub fn pass(&self, secs: i64) {
        self.cloud.clock().move_to(self.cloud.now() + secs * 1000);
        self.world(|_, _| ());
    }

    /// Calls an action, named as in an IAM policy: `medialive:CreateInput`.
    pub fn call(&self, action: &str, input: &Value) -> Result<Value, AwsError> {
        let (service, operation) = action.split_once(':').expect("service:Operation");
        let service = if service == "cloudwatch" { "monitoring" } else { service };
        self.runtime.block_on(wire::call(&self.cloud, service, operation, input.clone()))
    }

    #[track_caller]
    pub fn ok(&self, action: &str, input: &Value) -> Value {
        match self.call(action, input) {
            Ok(output) => output,
            Err(refusal) => panic!("{action} was refused: {refusal} {:?}", refusal.validation),
        }
    }

    #[track_caller]
    pub fn refused(&self, action: &str, input: &Value) -> AwsError {
        match self.call(action, input) {
            Ok(output) => panic!("{action} was accepted: {output}"),
            Err(refusal) => refusal,
        }
    }

    /// Refused with this status and code; the message says `words`.
    #[track_caller]
    pub fn bad(&self, action: &str, input: &Value, status: u16, code: &str, words: &str) {
        let refusal = self.refused(action, input);
        assert_eq!((refusal.status, refusal.code.as_str()), (status, code), "{refusal}");
        assert!(refusal.message.contains(words), "{words:?} is not in: {refusal}");
    }

    /// Sends a request over HTTP, signed for `service`.
    pub fn http(&self, service: &str, call: (&str, &str), headers: &[(&str, &str)], body: &str) -> Answer {
        let scope = format!("AWS4-HMAC-SHA256 Credential=AKIALOCALTEST/20260101/{HOME}/{service}/aws4_request");
        let mut request = http::Request::builder().method(call.0).uri(call.1);
        if !service.is_empty() {
            request = request.header("authorization", scope);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.runtime.block_on(async {
            let response = wire::handle(axum::extract::State(self.cloud.clone()), request).await;
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Answer { status: parts.status.as_u16(), headers: parts.headers, text }
        })
    }

    /// A new group with one rule.
    pub fn group(&self) -> String {
        let group = self.ok("medialive:CreateInputSecurityGroup", &requests::group(&["192.0.2.1/32"]));
        group["securityGroup"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes an input and waits for it.
    #[track_caller]
    pub fn input(&self, request: &Value) -> String {
        let input = self.ok("medialive:CreateInput", request);
        self.pass(6);
        input["input"]["id"].as_str().unwrap().to_owned()
    }

    /// A push input of class STANDARD in a group of its own.
    pub fn push_input(&self) -> String {
        let group = self.group();
        self.input(&requests::push_input(&group))
    }

    /// CreateChannel's request, for an account that has what it names.
    pub fn channel(&mut self, edits: &[(&str, Value)]) -> Value {
        if self.input.is_none() {
            self.ok("mediapackage:CreateChannel", &json!({"id": "platform"}));
            self.input = Some(self.push_input());
        }
        let mut request = crate::rules::tests::channel();
        request["inputAttachments"][0]["inputId"] = json!(self.input);
        with(&request, edits)
    }

    /// Makes the channel and waits until it is IDLE.
    #[track_caller]
    pub fn idle(&mut self, edits: &[(&str, Value)]) -> Value {
        let request = self.channel(edits);
        let channel = self.ok("medialive:CreateChannel", &request);
        self.pass(31);
        json!({"channelId": channel["channel"]["id"]})
    }

    /// A channel that runs.
    #[track_caller]
    pub fn running(&mut self) -> Value {
        let channel = self.idle(&[]);
        self.ok("medialive:StartChannel", &channel);
        self.pass(200);
        assert_eq!(self.state(&channel), "RUNNING");
        channel
    }

    pub fn state(&self, channel: &Value) -> String {
        self.ok("medialive:DescribeChannel", channel)["state"].as_str().unwrap().to_owned()
    }

    /// The good channel is accepted, and with the edits it is a 422 that names exactly these elements.
    #[track_caller]
    pub fn elements(&mut self, edits: &[(&str, Value)], paths: &[&str]) {
        self.accepts(&[]);
        let request = self.channel(edits);
        let refusal = self.refused("medialive:CreateChannel", &request);
        let found: Vec<_> = refusal.validation.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!((refusal.status, refusal.code.as_str()), (422, "UnprocessableEntityException"), "{refusal}");
        assert_eq!(found, paths, "{refusal:?}");
    }

    /// The channel with the edits is accepted. Nothing is made: it is a dry run.
    #[track_caller]
    pub fn accepts(&mut self, edits: &[(&str, Value)]) {
        let mut request = self.channel(edits);
        request["dryRun"] = json!(true);
        request.as_object_mut().unwrap().remove("requestId");
        self.ok("medialive:CreateChannel", &request);
    }

    /// The channel with the edits is a 400 whose message says `words`.
    #[track_caller]
    pub fn bad_channel(&mut self, edits: &[(&str, Value)], words: &str) {
        let request = self.channel(edits);
        self.bad("medialive:CreateChannel", &request, 400, "BadRequestException", words);
    }

    /// A secret that MediaPackage can use; its ARN.
    pub fn secret(&self, name: &str, text: &str) -> String {
        let secret = self.ok("secretsmanager:CreateSecret", &json!({"Name": name, "SecretString": text}));
        secret["ARN"].as_str().unwrap().to_owned()
    }

    /// CreateOriginEndpoint's request, for an account that has the channel and the secret.
    pub fn endpoint(&self, edits: &[(&str, Value)]) -> Value {
        if self.call("mediapackage:DescribeChannel", &json!({"id": "platform"})).is_err() {
            self.ok("mediapackage:CreateChannel", &json!({"id": "platform"}));
        }
        let known = self.call("secretsmanager:DescribeSecret", &json!({"SecretId": "cdn"}));
        let arn = match known {
            Ok(secret) => secret["ARN"].as_str().unwrap().to_owned(),
            Err(_) => self.secret("cdn", r#"{"MediaPackageCDNIdentifier":"0123456789"}"#),
        };
        with(&requests::endpoint(&arn), edits)
    }

    /// The good endpoint is accepted; with the edits it is MediaPackage's 422 and the message says `words`.
    #[track_caller]
    pub fn bad_endpoint(&self, edits: &[(&str, Value)], words: &str) {
        self.ok("mediapackage:CreateOriginEndpoint", &self.endpoint(&[("/id", json!("good"))]));
        let request = self.endpoint(edits);
        self.bad("mediapackage:CreateOriginEndpoint", &request, 422, "UnprocessableEntityException", words);
    }

    /// The good distribution is accepted; with the edits it is refused so.
    #[track_caller]
    pub fn bad_distribution(&self, edits: &[(&str, Value)], status: u16, code: &str) {
        self.ok("cloudfront:CreateDistribution", &requests::distribution(&[("/CallerReference", json!("good"))]));
        self.bad("cloudfront:CreateDistribution", &requests::distribution(edits), status, code, "");
    }

    /// The good alarm is accepted; with the edits it is a 400 of this code.
    #[track_caller]
    pub fn bad_alarm(&self, edits: &[(&str, Value)], code: &str) {
        self.ok("cloudwatch:PutMetricAlarm", &requests::alarm(&[]));
        self.bad("cloudwatch:PutMetricAlarm", &requests::alarm(edits), 400, code, "");
    }

    /// Detail-type and detail of the events so far.
    pub fn events(&self) -> Vec<Value> {
        self.world(|world, now| world.take_events(now)).into_iter().map(|it| it.event).collect()
    }
}
