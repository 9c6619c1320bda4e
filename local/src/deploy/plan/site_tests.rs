//! The site's bucket and distribution in the project's template, and distributions that CloudFront would refuse.

use super::tests::{HOME, own, own_plan, refused};
use super::*;
use crate::deploy::template::resources::PolicyDocument;
use crate::deploy::template::site::FrameOption;

fn own_resource(logical: &str) -> Resource {
    let template = own("template.yaml", HOME);
    let found = template.resources.into_iter().find(|deployed| deployed.logical == logical);
    found.map(|deployed| deployed.resource).unwrap()
}

fn own_config() -> Json {
    match own_resource("SiteDistribution") {
        Resource::Distribution(distribution) => distribution.distribution_config,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_site_serves_its_bucket_and_the_api_and_keeps_of_the_api_player_config_alone() {
    let config = own_config();
    let behaviours = config["CacheBehaviors"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let paths = behaviours.iter().map(|b| (text(&b["PathPattern"]), text(&b["TargetOriginId"]))).collect::<Vec<_>>();
    let with_token = ["/platforms", "/platforms/*", "/webhooks", "/webhooks/*", "/orphans", "/orphans/*"];
    let open = [("/platforms/*/player-config", "api")];
    let led = open.into_iter().chain(with_token.map(|path| (path, "api"))).chain([("/player/*", "site")]);
    assert_eq!(paths, led.map(|(path, origin)| (path.to_owned(), origin.to_owned())).collect::<Vec<_>>());
    assert_eq!(config["DefaultCacheBehavior"]["TargetOriginId"], "site");
    for behaviour in behaviours.iter().chain([&config["DefaultCacheBehavior"]]) {
        assert_ne!(behaviour["ViewerProtocolPolicy"], "allow-all");
        // Managed-CachingDisabled: what a token was needed for is nobody else's.
        let signed_in = behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
        assert_eq!(behaviour["AllowedMethods"] == json!(["GET", "HEAD"]), !signed_in, "{behaviour}");
        assert_eq!(signed_in, with_token.iter().any(|path| behaviour["PathPattern"] == *path));
    }
    assert_eq!(config["Origins"][1]["CustomOriginConfig"]["OriginProtocolPolicy"], "https-only");
}

#[test]
fn an_error_of_the_api_reaches_the_viewer_as_it_is() {
    for response in own_config()["CustomErrorResponses"].as_array().unwrap() {
        assert!(response["ResponsePagePath"].is_null() && response["ResponseCode"].is_null(), "{response}");
    }
}

#[test]
fn player_config_is_cached_as_long_as_the_function_says() {
    let Resource::CachePolicy(policy) = own_resource("PlayerConfigCaching") else { panic!("a cache policy") };
    let policy = policy.cache_policy_config;
    assert_eq!((policy.min_ttl, policy.default_ttl), (0, 0), "an answer that says nothing is not kept");
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/control/src/handlers/player.rs"));
    let source = source.unwrap();
    let fresh = source.split("FRESH_SECS: u32 = ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    assert!(fresh.parse::<u32>().unwrap() <= policy.max_ttl, "what the function says is not shortened");
}

fn statements(logical: &str) -> Vec<(String, Option<Json>, Json, Option<Json>)> {
    let Resource::BucketPolicy(policy) = own_resource(logical) else { panic!("a bucket policy") };
    let PolicyDocument { statement, .. } = policy.policy_document;
    let read = statement.into_iter().map(|s| {
        (s.effect, s.principal, s.action, s.condition.map(|condition| serde_json::to_value(condition).unwrap()))
    });
    read.collect()
}

#[test]
fn the_sites_bucket_is_read_by_its_distribution_and_over_tls() {
    let template = own("template.yaml", HOME);
    let site = template.resources.iter().find(|deployed| deployed.logical == "SiteDistribution").unwrap();
    let arn = format!("arn:aws:cloudfront::123456789012:distribution/{}", site.identity.reference);
    let statements = statements("SiteBucketPolicy");
    let allowed = statements.iter().filter(|(effect, ..)| effect == "Allow").collect::<Vec<_>>();
    let [(_, principal, action, condition)] = allowed.as_slice() else { panic!("{allowed:?}") };
    assert_eq!(*principal, Some(json!({"Service": "cloudfront.amazonaws.com"})));
    assert_eq!(*action, "s3:GetObject");
    assert_eq!(*condition, Some(json!({"StringEquals": {"aws:SourceArn": arn}})));
    let tls = Some(json!({"Bool": {"aws:SecureTransport": "false"}}));
    for policy in ["SiteBucketPolicy", "ArchiveBucketPolicy", "AccessLogsPolicy"] {
        let denied = self::statements(policy)
            .into_iter()
            .any(|(effect, _, action, condition)| effect == "Deny" && action == "s3:*" && condition == tls);
        assert!(denied, "{policy} takes plain HTTP");
    }
}

#[test]
fn no_bucket_is_public_and_all_are_versioned_and_encrypted() {
    let template = own("template.yaml", HOME);
    let buckets = template.resources.iter().filter_map(|deployed| match &deployed.resource {
        Resource::Bucket(bucket) => Some((&deployed.logical, bucket)),
        _ => None,
    });
    let mut names = Vec::new();
    for (logical, bucket) in buckets {
        let closed = bucket.public_access_block_configuration.as_ref().and_then(Json::as_object).unwrap();
        assert!(closed.len() == 4 && closed.values().all(|value| *value == true), "{logical}");
        assert_eq!(bucket.versioning_configuration, Some(json!({"Status": "Enabled"})), "{logical}");
        assert!(bucket.bucket_encryption.is_some(), "{logical}");
        names.push(logical.as_str());
    }
    assert_eq!(names, ["AccessLogs", "ArchiveBucket", "SiteBucket"]);
}

#[test]
fn pages_run_their_own_scripts_only_and_are_framed_by_nobody() {
    let Resource::ResponseHeadersPolicy(policy) = own_resource("SiteHeaders") else { panic!("a headers policy") };
    let headers = policy.response_headers_policy_config.security_headers_config;
    let csp = headers.content_security_policy.content_security_policy;
    let directives = csp.split("; ").collect::<Vec<_>>();
    for needed in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
    {
        assert!(directives.contains(&needed), "{csp}");
    }
    assert!(!csp.contains("unsafe") && !csp.contains(" *") && !csp.contains("http:"), "{csp}");
    assert_eq!(headers.frame_options.map(|it| it.frame_option), Some(FrameOption::Deny));
    assert!(headers.strict_transport_security.access_control_max_age_sec >= 31_536_000);
    let config = own_config();
    assert_eq!(
        config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"],
        config["CacheBehaviors"][0]["ResponseHeadersPolicyId"]
    );
}

/// The metrics that alarms may use are those that the functions write, and the reverse.
#[test]
fn the_stacks_own_metrics_are_those_that_the_functions_write() {
    let mut written = std::collections::BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/control/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.split("metric = \"").skip(1).filter_map(|rest| rest.split('"').next());
            written.extend(names.map(str::to_owned));
            // One for each phase, from a table.
            let phases = text.split("=> \"Reached").skip(1).filter_map(|rest| rest.split('"').next());
            written.extend(phases.map(|phase| format!("Reached{phase}")));
        }
    }
    let (.., known) = monitoring::METRICS.iter().find(|(namespace, ..)| *namespace == "Headend").unwrap();
    assert_eq!(written, known.iter().map(|name| (*name).to_owned()).collect());
}

/// A distribution in front of an API, with members of its config and of its one behaviour in place of the usual ones.
fn distribution(config: &str, behaviour: &str) -> String {
    format!(
        "  D:\n    Type: AWS::CloudFront::Distribution\n    Properties:\n      DistributionConfig: {{Comment: c, Enabled: true, \
         Origins: [{{Id: a, DomainName: a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com, CustomOriginConfig: {{OriginProtocolPolicy: https-only}}}}], \
         DefaultCacheBehavior: {{TargetOriginId: a, ViewerProtocolPolicy: https-only, {behaviour}}}{config}}}\n"
    )
}

const CACHED: &str = "CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6";

#[test]
fn what_cloudfront_refuses_is_refused() {
    let place = "Resources.D.Properties";
    let with = |behaviour: &str| distribution("", &format!("{CACHED}, {behaviour}"));
    super::tests::plan(&format!("Resources:\n{}", distribution("", CACHED))).unwrap();
    refused(&distribution("", "Compress: true"), place, "CloudFront refuses the distribution");
    refused(&distribution("", "CachePolicyId: other"), place, "CloudFront refuses the distribution");
    refused(&with("MinTTL: 1"), place, "MinTTL");
    refused(&with("Methods: [GET]"), place, "Methods");
    refused(&with("AllowedMethods: [GET, POST]"), place, "GET and HEAD");
    refused(&distribution(", HttpVersion: http9", CACHED), place, "http9");
    let aliases = ", Aliases: [a.example.com], ViewerCertificate: {CloudFrontDefaultCertificate: true}";
    refused(&distribution(aliases, CACHED), place, "aliases");
    let page = ", CustomErrorResponses: [{ErrorCode: 404, ResponsePagePath: /index.html}]";
    refused(&distribution(page, CACHED), place, "go together");
    let function =
        "FunctionAssociations: [{EventType: viewer-request, FunctionARN: 'arn:aws:cloudfront::1:function/f'}]";
    refused(&with(function), place, "no function of the template");
    let bucket = distribution("", CACHED).replace(
        "CustomOriginConfig: {OriginProtocolPolicy: https-only}",
        "S3OriginConfig: {OriginAccessIdentity: ''}",
    );
    refused(&bucket, place, "no bucket of the template");
    let open = format!(
        "  B: {{Type: AWS::S3::Bucket}}\n{}",
        bucket.replace("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", "!GetAtt B.RegionalDomainName")
    );
    refused(&open, place, "has no access control");
}

#[test]
fn what_the_api_and_the_functions_say_of_logs_and_retries_is_within_bounds() {
    let group = "  L: {Type: AWS::Logs::LogGroup}\n";
    let api =
        |properties: &str| format!("{group}  A: {{Type: AWS::Serverless::HttpApi, Properties: {{{properties}}}}}\n");
    let log = |format: &str| api(&format!("AccessLogSettings: {{DestinationArn: !GetAtt L.Arn, Format: '{format}'}}"));
    let place = "Resources.A.Properties.AccessLogSettings";
    refused(&log("$context.requestId"), place, "one line of JSON");
    refused(&log(r#"{"status":"$context.status"}"#), place, "$context.requestId");
    refused(&api("AccessLogSettings: {DestinationArn: 'arn:x', Format: '{}'}"), place, "no log group");
    let nothing = api("DefaultRouteSettings: {ThrottlingRateLimit: 0, ThrottlingBurstLimit: 1}");
    refused(&nothing, "Resources.A.Properties.DefaultRouteSettings", "every request is refused");
    let own_log =
        "  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, LoggingConfiguration: {DestinationBucketName: b}}}\n";
    refused(own_log, "Resources.B.Properties.LoggingConfiguration", "no other bucket");
    let both = "  Q: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: true, KmsMasterKeyId: k}}\n";
    refused(both, "Resources.Q.Properties.KmsMasterKeyId", "without SqsManagedSseEnabled");
    let function = |config: &str| format!("  F: {{{}, EventInvokeConfig: {{{config}}}}}}}\n", super::tests::FUNCTION);
    let place = "Resources.F.Properties.EventInvokeConfig";
    refused(&function("MaximumEventAgeInSeconds: 59"), place, "60 to 21600");
    refused(&function("MaximumRetryAttempts: 3"), place, "0 to 2");
    let destination = "DestinationConfig: {OnFailure: {Type: SQS, Destination: 'arn:x'}}";
    refused(&function(destination), place, "no queue of the template");
}

#[test]
fn what_a_function_fails_at_is_kept_where_an_alarm_sees_it() {
    let plan = own_plan();
    let buried = plan.outputs["EventsDeadLettersUrl"].clone();
    let invoked = plan.rules.iter().flat_map(|rule| &rule.targets).filter_map(|target| match &target.destination {
        DestinationPlan::Function(name) => Some(name.as_str()),
        DestinationPlan::Queue(_) | DestinationPlan::Topic(_) | DestinationPlan::Bus { .. } => None,
    });
    let invoked = invoked.chain(plan.schedules.iter().map(|schedule| schedule.function.as_str()));
    for name in invoked.collect::<std::collections::BTreeSet<_>>() {
        let function = plan.functions.iter().find(|function| function.short_name == name).unwrap();
        let queue = function.asynchronous.on_failure.as_ref().map(|queue| &queue.url);
        assert_eq!(queue, Some(&buried), "{name}");
    }
}
