//! Templates as text: what is evaluated, and what is refused with its place.

use super::resources::FunctionEvent;
use super::*;

fn settings() -> StackSettings {
    StackSettings {
        stack_name: "demo".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        partition: "aws".into(),
        parameters: BTreeMap::new(),
    }
}

fn read(text: &str) -> Result<Template, TemplateError> {
    Template::read("t.yaml", text, &settings())
}

/// The outputs of a template whose resources are a queue `Q` and a function `F`.
#[track_caller]
fn check(value: &str, expected: &str) {
    let text = format!(
        "Parameters:\n  P: {{Type: String, Default: p}}\n  N: {{Type: Number, Default: 7}}\n  L: {{Type: CommaDelimitedList, Default: 'a, b'}}\n\
         Conditions:\n  Yes: !Equals [!Ref P, p]\n  No: !Not [!Condition Yes]\n  Both: !And [!Condition Yes, !Condition No]\n  One: !Or [!Condition Yes, !Condition No]\n\
         Resources:\n  Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Sub '${{AWS::StackName}}-q'}}}}\n\
         Outputs:\n  Out:\n    Value: {value}\n"
    );
    let template = read(&text).unwrap();
    assert_eq!(template.outputs["Out"], expected, "{value}");
}

#[track_caller]
fn refused(text: &str, place: &str, words: &str) {
    let error = read(text).unwrap_err();
    assert_eq!(error.place, place, "{error}");
    assert!(error.problem.contains(words), "{error}");
}

#[test]
fn intrinsic_functions_short_and_long() {
    check("!Ref P", "p");
    check("{Ref: P}", "p");
    check("!Ref N", "7");
    check("!Ref AWS::Region", "eu-west-1");
    check("!Ref Q", "https://sqs.eu-west-1.amazonaws.com/123456789012/demo-q");
    check("!GetAtt Q.Arn", "arn:aws:sqs:eu-west-1:123456789012:demo-q");
    check("{'Fn::GetAtt': [Q, QueueName]}", "demo-q");
    check("!Sub 'a-${P}-${AWS::AccountId}-${Q.QueueName}-${!x}'", "a-p-123456789012-demo-q-${x}");
    check("!Sub ['${x}-${P}', {x: !Ref N}]", "7-p");
    check("{'Fn::Sub': '${P}'}", "p");
    check("!Join ['/', [a, !Ref P]]", "a/p");
    check("!Join [',', !Ref L]", "a,b");
    check("!Select [1, !Split ['-', 'a-b-c']]", "b");
    check("!If [Yes, x, y]", "x");
    check("!If [No, x, y]", "y");
    check("!If [Both, x, y]", "y");
    check("!If [One, x, y]", "x");
    check("!Join ['', [a, !If [No, b, !Ref AWS::NoValue], c]]", "ac");
}

#[test]
fn made_names_are_the_same_every_time_and_differ_by_resource() {
    let text = "Resources:\n  A: {Type: AWS::SQS::Queue}\n  B: {Type: AWS::SQS::Queue}\n";
    let names = || read(text).unwrap().resources.into_iter().map(|r| r.identity.name).collect::<Vec<_>>();
    assert_eq!(names(), names());
    assert!(names()[0].starts_with("demo-A-"));
    assert_ne!(names()[0], names()[1]);
}

#[test]
fn globals_are_merged_into_functions() {
    let text = "
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Architectures: [arm64]
    Timeout: 10
    Environment: {Variables: {A: global, B: global}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .lambda/f/
      Timeout: 30
      Environment: {Variables: {B: own}}
      Events:
        Default: {Type: HttpApi, Properties: {ApiId: x}}
";
    let template = read(text).unwrap();
    let Resource::Function(function) = &template.resources[0].resource else { panic!("a function") };
    assert_eq!(function.timeout, 30);
    assert_eq!(function.memory_size, 128, "Lambda's default");
    assert_eq!(function.environment.variables["A"], "global");
    assert_eq!(function.environment.variables["B"], "own");
    assert!(matches!(&function.events["Default"], FunctionEvent::HttpApi(route) if route.path.is_none()));
}

#[test]
fn parameters_are_given_or_have_a_default() {
    let text = "Parameters:\n  P: {Type: String, Default: a, AllowedValues: [a, b]}\nResources: {}\nOutputs:\n  O: {Value: !Ref P}\n";
    let with = |value: &str| {
        let parameters = BTreeMap::from([("P".to_owned(), value.to_owned())]);
        Template::read("t.yaml", text, &StackSettings { parameters, ..settings() })
    };
    assert_eq!(with("b").unwrap().outputs["O"], "b");
    assert_eq!(with("c").unwrap_err().to_string(), "t.yaml: Parameters.P: `c` is none of a, b");
    let unknown = BTreeMap::from([("Q".to_owned(), "x".to_owned())]);
    let error = Template::read("t.yaml", text, &StackSettings { parameters: unknown, ..settings() }).unwrap_err();
    assert_eq!(error.problem, "the template has no parameter Q");
    refused("Parameters:\n  P: {Type: String}\n", "Parameters.P", "must be given");
    refused("Parameters:\n  P: {Type: Number, Default: 2, MinValue: 3}\n", "Parameters.P", "less than MinValue");
    refused("Parameters:\n  P: {Type: Number, Default: 4, MaxValue: 3}\n", "Parameters.P", "more than MaxValue");
    let pattern = "Parameters:\n  P: {Type: String, Default: a, AllowedPattern: b}\n";
    refused(pattern, "Parameters.P.AllowedPattern", "the parameter attribute AllowedPattern");
}

#[test]
fn a_resource_whose_condition_is_false_does_not_exist() {
    let text = "Conditions:\n  No: !Equals [a, b]\nResources:\n  Q: {Type: AWS::SQS::Queue, Condition: No}\n";
    assert!(read(text).unwrap().resources.is_empty());
    let used = format!("{text}Outputs:\n  O: {{Value: !Ref Q}}\n");
    refused(&used, "Outputs.O.Value", "its condition No is false");
}

#[test]
fn what_is_not_known_is_an_error_with_its_name_and_place() {
    refused("Mappings: {}\n", "Mappings", "does not know the section Mappings");
    refused("Transform: AWS::Other\n", "Transform", "only AWS::Serverless");
    refused("Globals: {Api: {}}\n", "Globals.Api", "Globals section Api");
    let typed = "Resources:\n  T: {Type: AWS::Kinesis::Stream}\n";
    refused(typed, "Resources.T", "does not know the resource type AWS::Kinesis::Stream");
    let property = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}\n";
    refused(property, "Resources.Q.Properties.FifoQueue", "unknown field `FifoQueue`");
    let alarm = "Resources:\n  A: {Type: AWS::CloudWatch::Alarm, Properties: {ThresholdMetricId: a}}\n";
    refused(alarm, "Resources.A.Properties.ThresholdMetricId", "unknown field");
    let traced = "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Tracing: On}}\n";
    refused(traced, "Resources.F.Properties.Tracing", "unknown variant `On`");
    let nested = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {RedrivePolicy: {deadLetterTargetArn: a, maxReceiveCount: 1, x: 1}}\n";
    refused(nested, "Resources.Q.Properties.RedrivePolicy.x", "unknown field `x`");
    let attribute = "Resources:\n  Q: {Type: AWS::SQS::Queue, CreationPolicy: {}}\n";
    refused(attribute, "Resources.Q.CreationPolicy", "resource attribute CreationPolicy");
    let intrinsic = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !ImportValue x}}\n";
    refused(intrinsic, "Resources.Q.Properties.QueueName", "does not know the intrinsic function Fn::ImportValue");
    let long = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: {'Fn::Base64': x}}}\n";
    refused(long, "Resources.Q.Properties.QueueName", "Fn::Base64");
    refused(
        "Parameters:\n  P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: x}\n",
        "Parameters.P",
        "parameter type",
    );
}

#[test]
fn references_to_nothing_are_errors() {
    refused(
        "Resources: {}\nOutputs:\n  O: {Value: !Ref X}\n",
        "Outputs.O.Value",
        "no parameter, pseudo parameter or resource X",
    );
    let attribute = "Resources:\n  Q: {Type: AWS::SQS::Queue}\nOutputs:\n  O: {Value: !GetAtt Q.Size}\n";
    refused(attribute, "Outputs.O.Value", "no attribute Size");
    refused("Resources: {}\nOutputs:\n  O: {Value: !Sub 'a-${X}'}\n", "Outputs.O.Value", "resource X");
    refused("Resources: {}\nOutputs:\n  O: {Value: !If [C, a, b]}\n", "Outputs.O.Value", "no condition C");
    let circle = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Q}}\n";
    refused(circle, "Resources.Q", "Q depends on itself");
    let condition = "Conditions:\n  A: !Not [!Condition A]\nResources:\n  Q: {Type: AWS::SQS::Queue, Condition: A}\n";
    refused(condition, "Conditions.A", "A depends on itself");
}

#[test]
fn text_that_is_not_yaml_is_refused_with_its_line() {
    let error = read("Resources:\n  - a\n b").unwrap_err();
    assert!(error.problem.starts_with("not YAML") && error.problem.contains("line"), "{error}");
}
