//! The same read in Rust as the SDK comes: every default feature, its loader of settings, the system's roots.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = &Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
    let table = &std::env::var("HEADEND_TABLE")?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        let id = event.payload["pathParameters"]["id"].as_str().unwrap_or_default();
        let read = client.query().table_name(table).key_condition_expression("pk = :pk AND sk < :end");
        let read = read.expression_attribute_values(":pk", AttributeValue::S(format!("P#default#{id}")));
        let found = read.expression_attribute_values(":end", AttributeValue::S("2".to_owned())).send().await?;
        Ok::<_, Error>(json!({"statusCode": 200, "body": found.count().to_string()}))
    }))
    .await
}
