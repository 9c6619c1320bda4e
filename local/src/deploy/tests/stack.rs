//! A whole stack: routes, queue, schedule and rule around a fake function.

use std::path::Path;

use serde_json::{Value, json};

use crate::deploy::lambda::fake;
use crate::deploy::{Stack, StackConfig, start};
use crate::world::WorldConfig;
use crate::world::sqs::Send;

const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Architectures: [arm64]
    Timeout: 5
    Environment: {Variables: {GREETING: hello}}
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  Work: {Type: AWS::SQS::Queue, Properties: {QueueName: work, VisibilityTimeout: 30}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .lambda/f/
      Events:
        Do: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: '/do/{what}'}}
        Work: {Type: SQS, Properties: {Queue: !GetAtt Work.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}
Outputs:
  ApiUrl: {Value: !Sub 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com'}
";

async fn stack(folder: &Path) -> Stack {
    let template = folder.join("template.yaml");
    std::fs::write(&template, TEMPLATE).unwrap();
    fake::install(folder, "f");
    let config = StackConfig {
        template,
        functions: folder.to_owned(),
        port: 0,
        aws_port: 0,
        world: WorldConfig { speed: 20.0, ..WorldConfig::default() },
        state: Some(folder.join("state")),
        ..StackConfig::default()
    };
    start(config).await.unwrap()
}

async fn post(stack: &Stack, what: &str, body: &Value) -> (u16, Value) {
    let client = reqwest::Client::new();
    let answer = client.post(format!("{}/do/{what}", stack.api_url)).json(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_goes_through_the_function_and_failures_are_api_gateways_own() {
    let folder = fake::folder("stack-api");
    let stack = stack(&folder).await;
    let health = reqwest::get(format!("{}/healthz", stack.api_url)).await.unwrap();
    assert_eq!(health.status().as_u16(), 200);
    let (status, event) = post(&stack, "echo", &json!({"a": 1})).await;
    assert_eq!(status, 200);
    assert_eq!(event["routeKey"], "POST /do/{what}");
    assert_eq!(event["body"], "{\"a\":1}");
    let (status, body) = post(&stack, "fail", &json!({})).await;
    assert_eq!((status, body), (500, json!({"message": "Internal Server Error"})));
    let (status, _) = post(&stack, "echo", &json!({})).await;
    assert_eq!(status, 200, "the next request is served again");
    let elsewhere = reqwest::get(format!("{}/elsewhere", stack.api_url)).await.unwrap();
    assert_eq!(elsewhere.status().as_u16(), 404);
    assert_eq!(elsewhere.json::<Value>().await.unwrap(), json!({"message": "Not Found"}));
    let large =
        reqwest::Client::new().post(format!("{}/do/echo", stack.api_url)).body(vec![b'x'; 10 * 1024 * 1024 + 1]);
    assert_eq!(large.send().await.unwrap().status().as_u16(), 413);
    assert!(stack.outputs["ApiUrl"].ends_with(".execute-api.eu-west-1.amazonaws.com"));
    stack.shutdown().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_wakes_the_function_and_the_state_survives_a_restart() {
    let folder = fake::folder("stack-queue");
    let first = stack(&folder).await;
    let send = |stack: &Stack, body: &str| {
        let message = Send { body: body.to_owned(), ..Send::default() };
        stack.cloud.with_world(|world, now| world.send_message("eu-west-1", "work", message, now)).unwrap();
    };
    send(&first, "hello");
    let depth =
        |stack: &Stack| stack.cloud.with_world(|world, now| world.queue("eu-west-1", "work").unwrap().depth(now));
    while depth(&first).visible + depth(&first).in_flight > 0 {
        tokio::task::yield_now().await;
    }
    // What it wrote comes through a pipe, and may come after the answer.
    while !first.logs("f").iter().any(|line| line.contains("hello")) {
        tokio::task::yield_now().await;
    }
    // A batch that crashes stays in flight, and is still there after a restart.
    send(&first, "crash");
    while depth(&first).in_flight != 1 || first.busy("f").unwrap() > 0 {
        tokio::task::yield_now().await;
    }
    let config = StackConfig { state: Some(folder.join("state")), ..empty(&folder) };
    let error = start(config).await.err().unwrap().to_string();
    assert!(error.contains("in use by another local cloud"), "{error}");
    first.shutdown().await.unwrap();
    let second = stack(&folder).await;
    assert_eq!(depth(&second).in_flight, 1);
    second.shutdown().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// A stack of nothing.
fn empty(folder: &Path) -> StackConfig {
    let template = folder.join("empty.yaml");
    std::fs::write(&template, "Resources: {}\n").unwrap();
    StackConfig { template, functions: folder.to_owned(), port: 0, aws_port: 0, ..StackConfig::default() }
}

#[tokio::test]
async fn a_port_in_use_is_told_in_one_line() {
    let folder = fake::folder("stack-port");
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let config = StackConfig { port, ..empty(&folder) };
    let error = start(config).await.err().unwrap().to_string();
    assert!(error.contains(&format!("port {port} is in use")) && error.contains("--port"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn functions_that_are_not_built_are_named_together() {
    let folder = fake::folder("stack-binaries");
    let template = folder.join("template.yaml");
    std::fs::write(&template, TEMPLATE).unwrap();
    let config = StackConfig { template, functions: folder.join("none"), ..StackConfig::default() };
    let error = start(config).await.err().unwrap().to_string();
    assert!(error.contains("none/f") && error.contains("--functions"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}
