//! What policies mean, and what calls need of them.

use serde_json::{Value, json};

use super::asks::{self, Site};
use super::policy::{self, Grant, Kind};
use super::{Ask, Role, Verdict};
use crate::world::{World, WorldConfig};

const QUEUE: &str = "arn:aws:sqs:eu-west-1:000000000000:work";

fn read(statements: Value) -> Result<Vec<Grant>, String> {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    policy::read(&serde_json::from_value(document).map_err(|error| error.to_string())?, Kind::Identity)
}

fn role(statements: Value) -> Role {
    let session_arn = "arn:aws:sts::000000000000:assumed-role/R/f".to_owned();
    Role { function: "f".to_owned(), session_arn, grants: read(statements).unwrap() }
}

fn statement(effect: &str, action: &str, resource: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

fn judge(role: &Role, action: &str, resource: &str) -> Verdict {
    role.judge(&Ask::new(action, Some(resource.to_owned())))
}

#[test]
fn what_nothing_allows_is_denied_and_a_denial_wins() {
    let pattern = "arn:aws:sqs:eu-west-1:000000000000:w*";
    let plain = role(json!([statement("Allow", "sqs:SendMessage", pattern)]));
    assert_eq!(judge(&plain, "sqs:SendMessage", QUEUE), Verdict::Allowed(vec![0]));
    assert_eq!(judge(&plain, "sqs:sendmessage", QUEUE), Verdict::Allowed(vec![0]), "actions have no case");
    assert_eq!(judge(&plain, "sqs:ReceiveMessage", QUEUE), Verdict::NotAllowed);
    assert_eq!(judge(&plain, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:000000000000:other"), Verdict::NotAllowed);
    assert_eq!(judge(&plain, "sqs:SendMessage", "arn:aws:sqs:eu-west-2:000000000000:work"), Verdict::NotAllowed);
    let both = role(json!([statement("Allow", "sqs:SendMessage", "*"), statement("Deny", "sqs:SendMessage", QUEUE)]));
    assert_eq!(judge(&both, "sqs:SendMessage", QUEUE), Verdict::Denied);
    let other = "arn:aws:sqs:eu-west-1:000000000000:other";
    assert_eq!(judge(&both, "sqs:SendMessage", other), Verdict::Allowed(vec![0]));
    let text = both.refusal(&Ask::new("sqs:SendMessage", Some(QUEUE.to_owned())), &Verdict::Denied);
    assert_eq!(
        text,
        format!(
            "User: arn:aws:sts::000000000000:assumed-role/R/f is not authorized to perform: sqs:SendMessage on resource: \
             {QUEUE} with an explicit deny in an identity-based policy"
        )
    );
}

#[test]
fn an_action_without_a_resource_is_allowed_on_everything_only() {
    let ask = Ask::new("medialive:ListChannels", None);
    let wide = role(json!([statement("Allow", "medialive:ListChannels", "*")]));
    assert_eq!(wide.judge(&ask), Verdict::Allowed(vec![0]));
    let narrow = read(json!([statement("Allow", "medialive:ListChannels", "arn:aws:medialive:*:*:channel:*")]));
    assert!(narrow.unwrap_err().contains("takes none of"), "AWS would never allow it");
}

#[test]
fn a_role_is_passed_to_the_service_that_the_condition_names() {
    let arn = "arn:aws:iam::000000000000:role/media";
    let condition = json!({"StringEquals": {"iam:PassedToService": "medialive.amazonaws.com"}});
    let role = role(json!([{"Effect": "Allow", "Action": "iam:PassRole", "Resource": arn, "Condition": condition}]));
    let pass = |service: &str| {
        let context = vec![("iam:PassedToService", service.to_owned())];
        role.judge(&Ask { context, ..Ask::new("iam:PassRole", Some(arn.to_owned())) })
    };
    assert_eq!(pass("medialive.amazonaws.com"), Verdict::Allowed(vec![0]));
    assert_eq!(pass("ec2.amazonaws.com"), Verdict::NotAllowed);
    assert_eq!(judge(&role, "iam:PassRole", arn), Verdict::NotAllowed, "the key is absent");
}

#[test]
fn what_is_not_known_of_a_policy_is_an_error() {
    let refused = |statements: Value, words: &str| {
        let problem = read(statements.clone()).expect_err(&statements.to_string());
        assert!(problem.contains(words), "{problem}");
    };
    refused(json!([statement("Allow", "medialive:FlyChannel", "*")]), "medialive:FlyChannel is no action of AWS");
    refused(json!([statement("Allow", "medialive:*", "*")]), "is no action");
    refused(json!([statement("Permit", "sqs:SendMessage", "*")]), "Effect is Allow or Deny");
    refused(json!([statement("Allow", "sqs:SendMessage", "arn:aws:s3:::bucket")]), "takes none of");
    refused(json!([{"Effect": "Allow", "NotAction": "sqs:SendMessage", "Resource": "*"}]), "NotAction");
    refused(json!([{"Effect": "Allow", "Action": [], "Resource": "*"}]), "Action is empty");
    refused(json!([{"Effect": "Allow", "Action": "sqs:SendMessage"}]), "Resource is missing");
    let conditional = |operator: &str, key: &str| json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {operator: {key: "x"}}}]);
    refused(conditional("StringSortOf", "aws:SourceArn"), "condition operator StringSortOf");
    refused(conditional("StringEquals", "aws:Moon"), "condition key aws:Moon");
    let principal = json!([{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]);
    refused(principal, "no Principal");
}

fn needs(service: &str, operation: &str, input: Value) -> Vec<String> {
    let world = World::new(WorldConfig::default());
    let asks = asks::of(service, operation, &input, &Site { region: "eu-west-1", world: &world });
    let account = format!(":{}:", world.account);
    let shown = |ask: Ask| {
        let on = ask.resource.unwrap_or_else(|| "*".to_owned()).replace(&account, ":A:");
        let to = ask.context.first().map(|(_, value)| format!(" to {value}")).unwrap_or_default();
        format!("{} {on}{to}", ask.action)
    };
    asks.into_iter().map(shown).collect()
}

#[test]
fn a_call_needs_more_than_its_own_action() {
    let input =
        json!({"tags": {"a": "b"}, "roleArn": "arn:r", "inputAttachments": [{"inputId": "7"}, {"inputId": "8"}]});
    assert_eq!(
        needs("medialive", "CreateChannel", input),
        [
            "medialive:CreateChannel arn:aws:medialive:eu-west-1:A:channel:*",
            "medialive:CreateChannel arn:aws:medialive:eu-west-1:A:input:7",
            "medialive:CreateChannel arn:aws:medialive:eu-west-1:A:input:8",
            "medialive:CreateTags arn:aws:medialive:eu-west-1:A:channel:*",
            "iam:PassRole arn:r to medialive.amazonaws.com",
        ]
    );
    let input = json!({"id": "e", "channelId": "c", "authorization": {"secretsRoleArn": "arn:r"}});
    assert_eq!(
        needs("mediapackage", "CreateOriginEndpoint", input),
        [
            "mediapackage:CreateOriginEndpoint *",
            "iam:GetRole arn:r",
            "iam:PassRole arn:r to mediapackage.amazonaws.com"
        ]
    );
    let tags = json!({"DistributionConfigWithTags": {"Tags": {"Items": [{"Key": "a", "Value": "b"}]}}});
    assert_eq!(
        needs("cloudfront", "CreateDistributionWithTags", tags),
        ["cloudfront:CreateDistribution *", "cloudfront:TagResource arn:aws:cloudfront::A:distribution/*"]
    );
    assert_eq!(
        needs("monitoring", "PutMetricAlarm", json!({"AlarmName": "n", "Tags": [{"Key": "a", "Value": "b"}]})),
        [
            "cloudwatch:PutMetricAlarm arn:aws:cloudwatch:eu-west-1:A:alarm:n",
            "cloudwatch:TagResource arn:aws:cloudwatch:eu-west-1:A:alarm:n",
        ]
    );
    assert_eq!(
        needs("secretsmanager", "CreateSecret", json!({"Name": "n", "Tags": [{"Key": "a", "Value": "b"}]})),
        [
            "secretsmanager:CreateSecret arn:aws:secretsmanager:eu-west-1:A:secret:n-??????",
            "secretsmanager:TagResource arn:aws:secretsmanager:eu-west-1:A:secret:n-??????",
        ]
    );
    let items = json!({"TransactItems": [
        {"Put": {"TableName": "t"}}, {"Put": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "t"}},
        {"Update": {"TableName": "u"}}, {"Delete": {"TableName": "t"}},
    ]});
    assert_eq!(
        needs("dynamodb", "TransactWriteItems", items),
        [
            "dynamodb:ConditionCheckItem arn:aws:dynamodb:eu-west-1:A:table/t",
            "dynamodb:DeleteItem arn:aws:dynamodb:eu-west-1:A:table/t",
            "dynamodb:PutItem arn:aws:dynamodb:eu-west-1:A:table/t",
            "dynamodb:UpdateItem arn:aws:dynamodb:eu-west-1:A:table/u",
        ]
    );
    assert_eq!(
        needs("dynamodb", "Query", json!({"TableName": "t", "IndexName": "i"})),
        ["dynamodb:Query arn:aws:dynamodb:eu-west-1:A:table/t/index/i"]
    );
    assert_eq!(
        needs("sqs", "SendMessageBatch", json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"})),
        ["sqs:SendMessage arn:aws:sqs:eu-west-1:A:q"]
    );
    assert_eq!(needs("sts", "GetCallerIdentity", json!({})), Vec::<String>::new());
}

#[test]
fn every_operation_of_the_account_is_an_action_of_aws() {
    for service in ["medialive", "mediapackage", "cloudfront", "monitoring", "secretsmanager"] {
        let interface = crate::rules::Interface::of(service).unwrap();
        for operation in interface.operations.keys() {
            for need in needs(service, operation, json!({})) {
                let action = need.split(' ').next().unwrap().to_owned();
                assert!(super::facts::types(&action).is_some(), "{service} {operation} needs {action}");
            }
        }
    }
}

#[test]
fn a_condition_on_a_tag_lets_through_what_bears_it() {
    let mut world = World::new(WorldConfig::default());
    let mut group = |stack: &str| {
        let tags = [("headend:stack".to_owned(), stack.to_owned())].into();
        let request =
            crate::world::medialive::CreateInputSecurityGroup { cidrs: vec!["192.0.2.1/32".to_owned()], tags };
        world.create_input_security_group("eu-west-1", 0, request).unwrap().id
    };
    let (ours, theirs) = (group("live"), group("other"));
    let action = "medialive:DeleteInputSecurityGroup";
    let mut allowed = statement("Allow", action, "arn:aws:medialive:eu-west-1:*:inputSecurityGroup:*");
    allowed["Condition"] = json!({"StringEquals": {"aws:ResourceTag/headend:stack": "live"}});
    let role = role(json!([allowed]));
    let verdict = |id: &str| {
        let site = Site { region: "eu-west-1", world: &world };
        let input = json!({"inputSecurityGroupId": id});
        role.judge(&asks::of("medialive", "DeleteInputSecurityGroup", &input, &site)[0])
    };
    assert_eq!(verdict(&ours), Verdict::Allowed(vec![0]));
    assert_eq!(verdict(&theirs), Verdict::NotAllowed);
    assert_eq!(verdict("1"), Verdict::NotAllowed, "what is not there has no tags");
}
