//! Viewer certificates and aliases (aws-facts 3.2).

use crate::rules::net::is_arn;
use crate::rules::{Defects, Node};

const INVALID: &str = "InvalidViewerCertificate";

pub fn check(config: &Node<'_>, defects: &mut Defects) {
    let certificate = config.get("ViewerCertificate");
    let aliases = config.at("Aliases.Items");
    let own = certificate.present(&["ACMCertificateArn", "IAMCertificateId"]);
    let default = certificate.get("CloudFrontDefaultCertificate").is_true() || own.is_empty();
    if default && !aliases.items().is_empty() {
        defects.named(&aliases, 400, INVALID, "the default certificate does not cover aliases");
    }
    if certificate.get("CloudFrontDefaultCertificate").is_true() && !own.is_empty() {
        defects.named(&certificate, 400, INVALID, "the default certificate does not go with another one");
    }
    if own.is_empty() {
        return;
    }
    let method = certificate.get("SSLSupportMethod");
    if !method.exists() {
        defects.named(&method, 400, INVALID, "SSLSupportMethod is required with an own certificate");
    }
    let arn = certificate.get("ACMCertificateArn");
    // aws-facts 3.2: CloudFront takes ACM certificates of us-east-1 only.
    if arn.str().is_some_and(|text| !is_arn(text, "acm", "certificate/") || !text.contains(":us-east-1:")) {
        defects.named(&arn, 400, INVALID, "must be the ARN of an ACM certificate in us-east-1");
    }
    let version = certificate.get("MinimumProtocolVersion");
    if version.is("SSLv3") && !method.is("vip") {
        defects.named(&version, 400, "InvalidMinimumProtocolVersion", "SSLv3 goes with SSLSupportMethod vip only");
    }
}
