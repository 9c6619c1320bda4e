//! CloudFront.

use serde_json::{Value, json};

use super::bench::Bench;
use super::requests::distribution;
use super::{Behaviour, behaviour};

const CREATE: &str = "cloudfront:CreateDistribution";
const BAD: &str = "InvalidArgument";
const ORIGIN: &str = "/Origins/Items/0";
const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/1";

/// Members of the one origin.
fn origin(member: &str) -> String {
    format!("{ORIGIN}/{member}")
}

fn own_certificate(edits: &[(&str, Value)]) -> Value {
    let own = json!({"ACMCertificateArn": CERTIFICATE, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"});
    crate::rules::tests::with(&own, edits)
}

/// The default behaviour with forwarded values in place of a cache policy.
fn legacy(edits: &[(&str, Value)]) -> Value {
    let mut request = distribution(&[
        ("/DefaultCacheBehavior/CachePolicyId", Value::Null),
        ("/DefaultCacheBehavior/ForwardedValues", json!({"QueryString": true, "Cookies": {"Forward": "none"}})),
        ("/DefaultCacheBehavior/MinTTL", json!(0)),
    ]);
    request["DistributionConfig"] = crate::rules::tests::with(&request["DistributionConfig"], edits);
    request
}

/// Makes the distribution; its id and ETag.
fn made(b: &Bench) -> (Value, Value) {
    let made = b.ok(CREATE, &distribution(&[]));
    (made["Distribution"]["Id"].clone(), made["ETag"].clone())
}

fn update(b: &Bench, id: &Value, etag: &Value, edits: &[(&str, Value)]) -> Value {
    let mut request = distribution(edits);
    request["Id"] = id.clone();
    request["IfMatch"] = etag.clone();
    b.ok("cloudfront:UpdateDistribution", &request)["ETag"].clone()
}

fn status(b: &Bench, id: &Value) -> Value {
    b.ok("cloudfront:GetDistribution", &json!({"Id": id}))["Distribution"]["Status"].clone()
}

pub const BEHAVIOURS: &[Behaviour] = &[
    behaviour("aws-facts 3.2, mistake 44", "a MinTTL does not go with a cache policy, not even 0", |b| {
        b.bad_distribution(&[("/DefaultCacheBehavior/MinTTL", json!(0))], 400, BAD);
        b.bad(CREATE, &distribution(&[("/CacheBehaviors/Items/0/MinTTL", json!(0))]), 400, BAD, "MinTTL");
    }),
    behaviour("aws-facts 3.2, mistake 44", "a DefaultTTL or a MaxTTL does not go with a cache policy", |b| {
        b.bad_distribution(&[("/DefaultCacheBehavior/DefaultTTL", json!(60))], 400, BAD);
        b.bad(CREATE, &distribution(&[("/DefaultCacheBehavior/MaxTTL", json!(60))]), 400, BAD, "MaxTTL");
    }),
    behaviour("aws-facts 3.2", "forwarded values do not go with a cache policy", |b| {
        let values = json!({"QueryString": true, "Cookies": {"Forward": "none"}});
        b.bad_distribution(&[("/DefaultCacheBehavior/ForwardedValues", values)], 400, BAD);
    }),
    behaviour("aws-facts 3.2", "a behaviour has a cache policy or forwarded values with a MinTTL", |b| {
        b.bad_distribution(&[("/DefaultCacheBehavior/CachePolicyId", Value::Null)], 400, BAD);
        b.ok(CREATE, &legacy(&[]));
        b.bad(CREATE, &legacy(&[("/DefaultCacheBehavior/MinTTL", Value::Null)]), 400, BAD, "MinTTL");
    }),
    behaviour("aws-facts 3.4", "times to live are in order", |b| {
        let disorder = [("/DefaultCacheBehavior/DefaultTTL", json!(6)), ("/DefaultCacheBehavior/MaxTTL", json!(5))];
        b.bad(CREATE, &legacy(&disorder), 400, "InvalidTTLOrder", "");
    }),
    behaviour("aws-facts 3.2", "an origin request policy needs a cache policy", |b| {
        let policy = ("/DefaultCacheBehavior/OriginRequestPolicyId", json!("59781a5b-3903-41f3-afcb-af62929ccde1"));
        b.bad(CREATE, &legacy(&[policy]), 400, BAD, "CachePolicyId");
    }),
    behaviour("aws-facts 3.2", "a behaviour's target exists", |b| {
        b.bad_distribution(&[("/CacheBehaviors/Items/0/TargetOriginId", json!("other"))], 404, "NoSuchOrigin");
    }),
    behaviour("aws-facts 3.3", "a cache policy exists", |b| {
        b.bad_distribution(&[("/DefaultCacheBehavior/CachePolicyId", json!("other"))], 404, "NoSuchCachePolicy");
    }),
    behaviour("aws-facts 3.3", "an origin request policy exists", |b| {
        let none = ("/DefaultCacheBehavior/OriginRequestPolicyId", json!("other"));
        b.bad_distribution(&[none], 404, "NoSuchOriginRequestPolicy");
    }),
    behaviour("aws-facts 3.3", "a cache policy's id is no response headers policy", |b| {
        let id = json!("08627262-05a9-4f76-9ded-b50ca2e3a84f");
        let wrong = ("/DefaultCacheBehavior/ResponseHeadersPolicyId", id);
        b.bad_distribution(&[wrong], 404, "NoSuchResponseHeadersPolicy");
    }),
    behaviour("aws-facts 3.2", "quantities agree with items, however deep", |b| {
        b.bad_distribution(&[("/Origins/Quantity", json!(2))], 400, "InconsistentQuantities");
        let deep = ("/DefaultCacheBehavior/AllowedMethods/CachedMethods/Quantity", json!(1));
        b.bad(CREATE, &distribution(&[deep]), 400, "InconsistentQuantities", "");
        b.ok(CREATE, &distribution(&[("/CacheBehaviors", json!({"Quantity": 0}))]));
    }),
    behaviour("aws-facts 3.2", "an origin is of exactly one kind", |b| {
        b.bad_distribution(&[(&origin("S3OriginConfig"), json!({"OriginAccessIdentity": ""}))], 400, "InvalidOrigin");
        b.bad(CREATE, &distribution(&[(&origin("CustomOriginConfig"), Value::Null)]), 400, "InvalidOrigin", "");
    }),
    behaviour("aws-facts 3.2", "a domain name is a host without scheme", |b| {
        b.bad_distribution(&[(&origin("DomainName"), json!("https://x.example"))], 400, BAD);
    }),
    behaviour("aws-facts 3.2", "an origin path begins with a slash and does not end with one", |b| {
        b.bad_distribution(&[(&origin("OriginPath"), json!("/out/"))], 400, BAD);
        b.bad(CREATE, &distribution(&[(&origin("OriginPath"), json!("out"))]), 400, BAD, "slash");
        b.ok(CREATE, &distribution(&[(&origin("OriginPath"), json!("/out"))]));
    }),
    behaviour("aws-facts 3.2", "some headers cannot be added to origin requests", |b| {
        for name in ["Host", "X-Amz-Foo", "X-Edge-Foo", "Cookie", "Via", "Connection"] {
            let edit = distribution(&[(&origin("CustomHeaders/Items/0/HeaderName"), json!(name))]);
            b.bad(CREATE, &edit, 400, BAD, "cannot be added");
        }
    }),
    behaviour("aws-facts 3.2", "a header's value has at most 1783 characters, its name 256", |b| {
        b.bad_distribution(&[(&origin("CustomHeaders/Items/0/HeaderValue"), json!("v".repeat(1784)))], 400, BAD);
        b.bad(
            CREATE,
            &distribution(&[(&origin("CustomHeaders/Items/0/HeaderName"), json!("n".repeat(257)))]),
            400,
            BAD,
            "256",
        );
        b.ok(CREATE, &distribution(&[(&origin("CustomHeaders/Items/0/HeaderValue"), json!("v".repeat(1783)))]));
    }),
    behaviour("aws-facts 3.2", "an origin has at most ten headers", |b| {
        let headers: Value = (0..11).map(|n| json!({"HeaderName": format!("h{n}"), "HeaderValue": "v"})).collect();
        let edit = (&*origin("CustomHeaders"), json!({"Quantity": 11, "Items": headers}));
        b.bad_distribution(&[edit], 400, "TooManyOriginCustomHeaders");
    }),
    behaviour("aws-facts 3.2, mistake 55", "ports are 80, 443 and 1024 to 65535; 443 for HTTP is legal", |b| {
        b.bad_distribution(&[(&origin("CustomOriginConfig/HTTPPort"), json!(81))], 400, BAD);
        b.ok(CREATE, &distribution(&[(&origin("CustomOriginConfig/HTTPPort"), json!(443))]));
    }),
    behaviour("aws-facts 3.2", "an origin may take 1 to 120 seconds", |b| {
        let slow = (&*origin("CustomOriginConfig/OriginReadTimeout"), json!(121));
        b.bad_distribution(&[slow], 400, "InvalidOriginReadTimeout");
        let idle = (&*origin("CustomOriginConfig/OriginKeepaliveTimeout"), json!(0));
        b.bad(CREATE, &distribution(&[idle]), 400, "InvalidOriginKeepaliveTimeout", "");
    }),
    behaviour("aws-facts 3.2", "an origin is tried 1 to 3 times, for 1 to 10 seconds", |b| {
        b.bad_distribution(&[(&origin("ConnectionAttempts"), json!(4))], 400, BAD);
        b.bad(CREATE, &distribution(&[(&origin("ConnectionTimeout"), json!(11))]), 400, BAD, "1 to 10");
    }),
    behaviour("aws-facts 3.10", "a distribution has at most 25 origins", |b| {
        let one = distribution(&[])["DistributionConfig"]["Origins"]["Items"][0].clone();
        let mut many: Vec<Value> =
            (0..25).map(|n| crate::rules::tests::with(&one, &[("/Id", json!(format!("o{n}")))])).collect();
        many.push(one);
        b.bad_distribution(&[("/Origins", json!({"Quantity": 26, "Items": many}))], 400, "TooManyOrigins");
    }),
    behaviour("aws-facts 3.10", "a distribution has at most 25 behaviours", |b| {
        let one = distribution(&[])["DistributionConfig"]["CacheBehaviors"]["Items"][0].clone();
        let path = |n: i32| crate::rules::tests::with(&one, &[("/PathPattern", json!(format!("/{n}/*")))]);
        let many = |n| json!({"Quantity": n, "Items": (0..n).map(path).collect::<Value>()});
        b.bad_distribution(&[("/CacheBehaviors", many(26))], 400, "TooManyCacheBehaviors");
        b.ok(CREATE, &distribution(&[("/CacheBehaviors", many(25))]));
    }),
    behaviour("aws-facts 3.2", "a path pattern has its signs, and each is there once", |b| {
        b.bad_distribution(&[("/CacheBehaviors/Items/0/PathPattern", json!("/a b"))], 400, BAD);
        let one = distribution(&[])["DistributionConfig"]["CacheBehaviors"]["Items"][0].clone();
        let twice = ("/CacheBehaviors", json!({"Quantity": 2, "Items": [one, one]}));
        b.bad(CREATE, &distribution(&[twice]), 400, BAD, "another behaviour");
    }),
    behaviour("aws-facts 3.2", "methods are two, three or all seven", |b| {
        let post = json!({"Quantity": 3, "Items": ["GET", "HEAD", "POST"]});
        b.bad_distribution(&[("/DefaultCacheBehavior/AllowedMethods", post)], 400, BAD);
        let all = json!({"Quantity": 7, "Items": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]});
        b.ok(CREATE, &distribution(&[("/DefaultCacheBehavior/AllowedMethods", all)]));
    }),
    behaviour("aws-facts 3.2", "aliases need a certificate of one's own", |b| {
        let alias = ("/Aliases", json!({"Quantity": 1, "Items": ["tv.example"]}));
        b.bad_distribution(std::slice::from_ref(&alias), 400, "InvalidViewerCertificate");
        b.ok(CREATE, &distribution(&[alias, ("/ViewerCertificate", own_certificate(&[]))]));
    }),
    behaviour("aws-facts 3.2", "an alias belongs to one distribution", |b| {
        let aliased = [
            ("/Aliases", json!({"Quantity": 1, "Items": ["tv.example"]})),
            ("/ViewerCertificate", own_certificate(&[])),
        ];
        b.ok(CREATE, &distribution(&aliased));
        let second = [&aliased[..], &[("/CallerReference", json!("second"))]].concat();
        b.bad(CREATE, &distribution(&second), 409, "CNAMEAlreadyExists", "tv.example");
    }),
    behaviour("aws-facts 3.2", "an ACM certificate lies in us-east-1", |b| {
        let home = own_certificate(&[("/ACMCertificateArn", json!(CERTIFICATE.replace("us-east-1", "eu-west-1")))]);
        b.bad_distribution(&[("/ViewerCertificate", home)], 400, "InvalidViewerCertificate");
    }),
    behaviour("aws-facts 3.2", "SSLv3 goes with vip alone, and a certificate with a method", |b| {
        let old = own_certificate(&[("/MinimumProtocolVersion", json!("SSLv3"))]);
        b.bad_distribution(&[("/ViewerCertificate", old)], 400, "InvalidMinimumProtocolVersion");
        let none = own_certificate(&[("/SSLSupportMethod", Value::Null)]);
        b.bad(CREATE, &distribution(&[("/ViewerCertificate", none)]), 400, "InvalidViewerCertificate", "");
    }),
    behaviour("aws-facts 3.2", "a web ACL is global", |b| {
        let regional = json!("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/n/1");
        b.bad_distribution(&[("/WebACLId", regional)], 400, "InvalidWebACLId");
        b.ok(CREATE, &distribution(&[("/WebACLId", json!(""))]));
    }),
    behaviour("aws-facts 3.2", "a comment has at most 128 characters", |b| {
        b.bad_distribution(&[("/Comment", json!("c".repeat(129)))], 400, BAD);
    }),
    behaviour("aws-facts 3.3", "a create without a body says so", |b| {
        b.bad(CREATE, &json!({}), 400, "MissingBody", "");
    }),
    behaviour("aws-facts 3.3", "a default root object does not begin with a slash", |b| {
        b.bad_distribution(&[("/DefaultRootObject", json!("/index.html"))], 400, "InvalidDefaultRootObject");
    }),
    behaviour("aws-facts 3.5", "only some errors can be cached specially", |b| {
        b.bad_distribution(&[("/CustomErrorResponses/Items/0/ErrorCode", json!(402))], 400, "InvalidErrorCode");
    }),
    behaviour("aws-facts 3.2, mistake 43", "a caller reference makes one distribution, even an identical one", |b| {
        made(b);
        b.bad(CREATE, &distribution(&[]), 409, "DistributionAlreadyExists", "");
    }),
    behaviour("aws-facts 3.2", "a caller reference cannot be changed", |b| {
        let (id, etag) = made(b);
        let mut request = distribution(&[("/CallerReference", json!("s"))]);
        request["Id"] = id;
        request["IfMatch"] = etag;
        b.bad("cloudfront:UpdateDistribution", &request, 400, "IllegalUpdate", "");
    }),
    behaviour("aws-facts 3.3", "an update needs the present ETag: a missing one is 400, a stale one 412", |b| {
        let (id, etag) = made(b);
        assert_ne!(update(b, &id, &etag, &[]), etag);
        let mut request = distribution(&[]);
        request["Id"] = id;
        b.bad("cloudfront:UpdateDistribution", &request, 400, "InvalidIfMatchVersion", "");
        request["IfMatch"] = etag;
        b.bad("cloudfront:UpdateDistribution", &request, 412, "PreconditionFailed", "");
    }),
    behaviour("aws-facts 3.1", "GetDistributionConfig answers with the configuration and its ETag", |b| {
        let (id, etag) = made(b);
        let got = b.ok("cloudfront:GetDistributionConfig", &json!({"Id": id}));
        assert_eq!((&got["ETag"], &got["DistributionConfig"]["CallerReference"]), (&etag, &json!("r")));
    }),
    behaviour("aws-facts 3.6", "a distribution is InProgress for minutes, and again after an update", |b| {
        let (id, etag) = made(b);
        b.pass(179);
        assert_eq!(status(b, &id), "InProgress");
        b.pass(421);
        assert_eq!(status(b, &id), "Deployed");
        update(b, &id, &etag, &[]);
        assert_eq!(status(b, &id), "InProgress");
    }),
    behaviour("aws-facts 3.6, mistake 85", "only a disabled and deployed distribution can be deleted", |b| {
        let (id, etag) = made(b);
        b.pass(600);
        let delete = |etag: &Value| json!({"Id": id, "IfMatch": etag});
        b.bad("cloudfront:DeleteDistribution", &delete(&etag), 409, "DistributionNotDisabled", "");
        let etag = update(b, &id, &etag, &[("/Enabled", json!(false))]);
        b.bad("cloudfront:DeleteDistribution", &delete(&etag), 409, "DistributionNotDisabled", "");
        b.pass(600);
        b.ok("cloudfront:DeleteDistribution", &delete(&etag));
        b.bad("cloudfront:GetDistribution", &json!({"Id": id}), 404, "NoSuchDistribution", "");
    }),
    behaviour("aws-facts 3.6", "no event says that a distribution is deployed", |b| {
        made(b);
        b.pass(600);
        assert_eq!(b.events(), [json!(null); 0]);
    }),
    behaviour("aws-facts 3.10", "the quota of distributions is TooManyDistributions", |b| {
        b.quota("cloudfront.distributions", 1);
        made(b);
        b.bad(CREATE, &distribution(&[("/CallerReference", json!("s"))]), 400, "TooManyDistributions", "");
    }),
];
