//! CloudFront.

use serde_json::{Value, json};

use super::{accepted, refused, with};

fn config(edits: &[(&str, Value)]) -> Value {
    let behaviour = json!({
        "TargetOriginId": "packaging", "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        "ResponseHeadersPolicyId": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
        "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}},
    });
    let good = json!({
        "CallerReference": "r", "Comment": "", "Enabled": true,
        "Origins": {"Quantity": 1, "Items": [{
            "Id": "packaging", "DomainName": "0123456789abcdef.mediapackage.eu-west-1.amazonaws.com",
            "CustomHeaders": {"Quantity": 1, "Items": [
                {"HeaderName": "X-MediaPackage-CDNIdentifier", "HeaderValue": "v"}]},
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        }]},
        "DefaultCacheBehavior": behaviour,
        "CacheBehaviors": {"Quantity": 1, "Items": [with(&behaviour, &[("/PathPattern", json!("/out/v1/ab/*"))])]},
        "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404, "ErrorCachingMinTTL": 1}]},
    });
    json!({"DistributionConfig": with(&good, edits)})
}

#[track_caller]
fn bad(edits: &[(&str, Value)], status: u16, code: &str) {
    accepted("cloudfront", "CreateDistribution", &config(&[]));
    let refusal = refused("cloudfront", "CreateDistribution", &config(edits));
    assert_eq!((refusal.status, refusal.code.as_str()), (status, code), "{refusal}");
}

#[test]
fn times_to_live_do_not_go_with_a_cache_policy() {
    // 44: even a MinTTL of 0 is refused.
    for ttl in ["MinTTL", "DefaultTTL", "MaxTTL"] {
        bad(&[(&format!("/DefaultCacheBehavior/{ttl}"), json!(0))], 400, "InvalidArgument");
        bad(&[(&format!("/CacheBehaviors/Items/0/{ttl}"), json!(0))], 400, "InvalidArgument");
    }
    let values = json!({"QueryString": true, "Cookies": {"Forward": "none"}});
    bad(&[("/DefaultCacheBehavior/ForwardedValues", values.clone())], 400, "InvalidArgument");
    let legacy = [
        ("/DefaultCacheBehavior/CachePolicyId", Value::Null),
        ("/DefaultCacheBehavior/ForwardedValues", values),
        ("/DefaultCacheBehavior/MinTTL", json!(0)),
    ];
    accepted("cloudfront", "CreateDistribution", &config(&legacy));
    bad(&legacy[..2], 400, "InvalidArgument");
    bad(&[("/DefaultCacheBehavior/CachePolicyId", Value::Null)], 400, "InvalidArgument");
    let disorder = [
        legacy.as_slice(),
        &[("/DefaultCacheBehavior/MaxTTL", json!(5)), ("/DefaultCacheBehavior/DefaultTTL", json!(6))],
    ];
    bad(&disorder.concat(), 400, "InvalidTTLOrder");
}

#[test]
fn what_is_named_must_exist() {
    bad(&[("/CacheBehaviors/Items/0/TargetOriginId", json!("other"))], 404, "NoSuchOrigin");
    bad(&[("/DefaultCacheBehavior/CachePolicyId", json!("other"))], 404, "NoSuchCachePolicy");
    bad(&[("/DefaultCacheBehavior/OriginRequestPolicyId", json!("other"))], 404, "NoSuchOriginRequestPolicy");
    // A cache policy's id is no response headers policy.
    let id = json!("08627262-05a9-4f76-9ded-b50ca2e3a84f");
    bad(&[("/DefaultCacheBehavior/ResponseHeadersPolicyId", id)], 404, "NoSuchResponseHeadersPolicy");
}

#[test]
fn quantities_agree_with_items() {
    bad(&[("/Origins/Quantity", json!(2))], 400, "InconsistentQuantities");
    bad(&[("/DefaultCacheBehavior/AllowedMethods/CachedMethods/Quantity", json!(1))], 400, "InconsistentQuantities");
    accepted("cloudfront", "CreateDistribution", &config(&[("/CacheBehaviors", json!({"Quantity": 0}))]));
}

#[test]
fn an_origin_is_of_one_kind_with_a_path_and_headers_that_may_be_sent() {
    let origin = "/Origins/Items/0";
    bad(&[(&format!("{origin}/S3OriginConfig"), json!({"OriginAccessIdentity": ""}))], 400, "InvalidOrigin");
    bad(&[(&format!("{origin}/CustomOriginConfig"), Value::Null)], 400, "InvalidOrigin");
    bad(&[(&format!("{origin}/OriginPath"), json!("/out/"))], 400, "InvalidArgument");
    bad(&[(&format!("{origin}/DomainName"), json!("https://x.example"))], 400, "InvalidArgument");
    bad(&[(&format!("{origin}/CustomHeaders/Items/0/HeaderName"), json!("X-Amz-Foo"))], 400, "InvalidArgument");
    bad(&[(&format!("{origin}/CustomHeaders/Items/0/HeaderName"), json!("Host"))], 400, "InvalidArgument");
    bad(&[(&format!("{origin}/CustomHeaders/Items/0/HeaderValue"), json!("v".repeat(1784)))], 400, "InvalidArgument");
    bad(&[(&format!("{origin}/CustomOriginConfig/HTTPPort"), json!(81))], 400, "InvalidArgument");
    bad(&[(&format!("{origin}/CustomOriginConfig/OriginReadTimeout"), json!(121))], 400, "InvalidOriginReadTimeout");
    // 55: senseless but legal.
    accepted(
        "cloudfront",
        "CreateDistribution",
        &config(&[(&format!("{origin}/CustomOriginConfig/HTTPPort"), json!(443))]),
    );
}

#[test]
fn path_patterns_methods_and_certificates_have_rules() {
    bad(&[("/CacheBehaviors/Items/0/PathPattern", json!("/a b"))], 400, "InvalidArgument");
    let behaviour = config(&[])["DistributionConfig"]["CacheBehaviors"]["Items"][0].clone();
    bad(&[("/CacheBehaviors", json!({"Quantity": 2, "Items": [behaviour, behaviour]}))], 400, "InvalidArgument");
    let post = json!({"Quantity": 3, "Items": ["GET", "HEAD", "POST"]});
    bad(&[("/DefaultCacheBehavior/AllowedMethods", post)], 400, "InvalidArgument");
    bad(&[("/Aliases", json!({"Quantity": 1, "Items": ["tv.example"]}))], 400, "InvalidViewerCertificate");
    let arn = json!("arn:aws:acm:us-east-1:123456789012:certificate/1");
    let own =
        json!({"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"});
    let alias = ("/Aliases", json!({"Quantity": 1, "Items": ["tv.example"]}));
    accepted("cloudfront", "CreateDistribution", &config(&[alias, ("/ViewerCertificate", own.clone())]));
    let home = with(&own, &[("/ACMCertificateArn", json!("arn:aws:acm:eu-west-1:123456789012:certificate/1"))]);
    bad(&[("/ViewerCertificate", home)], 400, "InvalidViewerCertificate");
    let old = with(&own, &[("/MinimumProtocolVersion", json!("SSLv3"))]);
    bad(&[("/ViewerCertificate", old)], 400, "InvalidMinimumProtocolVersion");
    bad(&[("/Comment", json!("c".repeat(129)))], 400, "InvalidArgument");
    bad(&[("/CustomErrorResponses/Items/0/ErrorCode", json!(402))], 400, "InvalidErrorCode");
    bad(&[("/WebACLId", json!("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/n/1"))], 400, "InvalidWebACLId");
}

#[test]
fn a_create_without_a_body_says_so() {
    assert_eq!(refused("cloudfront", "CreateDistribution", &json!({})).code, "MissingBody");
}
