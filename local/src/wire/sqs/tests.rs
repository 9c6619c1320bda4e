//! The operations as a client sees them: members in, members out.

use std::sync::atomic::AtomicI64;

use super::*;
use crate::clock::Clock;
use crate::cloud::CloudConfig;

const HOME: &str = "eu-west-1";

fn cloud() -> Arc<Cloud> {
    let clock = Clock::Virtual(Arc::new(AtomicI64::new(0)));
    Cloud::new(CloudConfig { clock, ..CloudConfig::default() }).unwrap()
}

async fn call(cloud: &Arc<Cloud>, operation: &str, input: Value) -> Value {
    handle(cloud, HOME, operation, input).await.unwrap()
}

async fn refused(cloud: &Arc<Cloud>, operation: &str, input: Value) -> String {
    handle(cloud, HOME, operation, input).await.unwrap_err().code
}

#[tokio::test]
async fn a_message_goes_in_and_comes_out_with_the_digest_that_sdks_check() {
    let cloud = cloud();
    let url = call(&cloud, "CreateQueue", json!({"QueueName": "q"})).await["QueueUrl"].clone();
    assert_eq!(url, "https://sqs.eu-west-1.amazonaws.com/123456789012/q");
    let attributes = json!({"hello": {"DataType": "String", "StringValue": "world"}});
    let input = json!({"QueueUrl": url, "MessageBody": "hello", "MessageAttributes": attributes});
    let sent = call(&cloud, "SendMessage", input).await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    let ask = json!({"QueueUrl": url, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]});
    let received = call(&cloud, "ReceiveMessage", ask).await;
    let message = &received["Messages"][0];
    assert_eq!(message["Body"], "hello");
    assert_eq!(message["MessageId"], sent["MessageId"]);
    assert_eq!(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert_eq!(message["MessageAttributes"], attributes);
    assert_eq!(message["Attributes"]["ApproximateReceiveCount"], "1");
    let delete = json!({"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]});
    assert_eq!(call(&cloud, "DeleteMessage", delete).await, json!({}));
    let names = json!({"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]});
    let attributes = call(&cloud, "GetQueueAttributes", names).await;
    assert_eq!(attributes, json!({"Attributes": {"ApproximateNumberOfMessagesNotVisible": "0"}}));
}

#[tokio::test]
async fn an_empty_queue_answers_without_messages() {
    let cloud = cloud();
    let url = call(&cloud, "CreateQueue", json!({"QueueName": "q"})).await["QueueUrl"].clone();
    assert_eq!(call(&cloud, "ReceiveMessage", json!({"QueueUrl": url})).await, json!({}));
}

#[tokio::test]
async fn a_waiting_receive_gets_a_message_that_is_sent_meanwhile() {
    let cloud = cloud();
    let url = call(&cloud, "CreateQueue", json!({"QueueName": "q"})).await["QueueUrl"].clone();
    let waiting = {
        let (cloud, url) = (cloud.clone(), url.clone());
        tokio::spawn(
            async move { call(&cloud, "ReceiveMessage", json!({"QueueUrl": url, "WaitTimeSeconds": 20})).await },
        )
    };
    tokio::task::yield_now().await;
    call(&cloud, "SendMessage", json!({"QueueUrl": url, "MessageBody": "a"})).await;
    assert_eq!(waiting.await.unwrap()["Messages"][0]["Body"], "a");
}

#[tokio::test]
async fn a_batch_reports_each_entry_by_itself() {
    let cloud = cloud();
    let url = call(&cloud, "CreateQueue", json!({"QueueName": "q"})).await["QueueUrl"].clone();
    let entries = json!([{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": "y", "DelaySeconds": 901}]);
    let answer = call(&cloud, "SendMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
    assert_eq!(answer["Successful"][0]["Id"], "a");
    assert_eq!(answer["Failed"][0]["Id"], "b");
    assert_eq!(answer["Failed"][0]["SenderFault"], true);
    let received = call(&cloud, "ReceiveMessage", json!({"QueueUrl": url, "MaxNumberOfMessages": 10})).await;
    let handle = &received["Messages"][0]["ReceiptHandle"];
    let entries = json!([{"Id": "d", "ReceiptHandle": handle}, {"Id": "e", "ReceiptHandle": "x"}]);
    let answer = call(&cloud, "DeleteMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
    assert_eq!(answer["Successful"], json!([{"Id": "d"}]));
    assert_eq!(answer["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    let twice = json!([{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "x"}]);
    let code = refused(&cloud, "SendMessageBatch", json!({"QueueUrl": url, "Entries": twice})).await;
    assert_eq!(code, "BatchEntryIdsNotDistinct");
    let code = refused(&cloud, "SendMessageBatch", json!({"QueueUrl": url, "Entries": []})).await;
    assert_eq!(code, "EmptyBatchRequest");
}

#[tokio::test]
async fn queues_are_listed_by_page() {
    let cloud = cloud();
    for name in ["a1", "a2", "b1"] {
        call(&cloud, "CreateQueue", json!({"QueueName": name})).await;
    }
    let first = call(&cloud, "ListQueues", json!({"QueueNamePrefix": "a", "MaxResults": 1})).await;
    assert_eq!(first["QueueUrls"].as_array().unwrap().len(), 1);
    let ask = json!({"QueueNamePrefix": "a", "MaxResults": 1, "NextToken": first["NextToken"]});
    let second = call(&cloud, "ListQueues", ask).await;
    assert_eq!(second, json!({"QueueUrls": ["https://sqs.eu-west-1.amazonaws.com/123456789012/a2"]}));
}

#[tokio::test]
async fn what_does_not_exist_is_refused_by_name() {
    let cloud = cloud();
    let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/none";
    let code = refused(&cloud, "SendMessage", json!({"QueueUrl": url, "MessageBody": "a"})).await;
    assert_eq!(code, "QueueDoesNotExist");
    assert_eq!(refused(&cloud, "GetQueueUrl", json!({"QueueName": "none"})).await, "QueueDoesNotExist");
    assert_eq!(refused(&cloud, "SendMessage", json!({"QueueUrl": url})).await, "MissingParameter");
    let unknown = json!({"QueueUrl": url, "MessageBody": "a", "Priority": 1});
    assert_eq!(refused(&cloud, "SendMessage", unknown).await, "InvalidParameterValue");
    assert_eq!(refused(&cloud, "StartMessageMoveTask", json!({})).await, "UnknownOperationException");
}
