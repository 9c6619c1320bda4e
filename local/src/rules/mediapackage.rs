//! What MediaPackage v1 refuses; all of it is a 422 (aws-facts 2).

use super::net::{cidr_defect, is_arn};
use super::{Defects, Node, Strictness};

const PACKAGERS: [&str; 4] = ["hlsPackage", "dashPackage", "cmafPackage", "mssPackage"];
/// Fourteen days (aws-facts 2.3).
const STARTOVER_MAX: i64 = 1_209_600;
/// aws-facts 2.3.
const DELAY_MIN: i64 = 5;
const DELAY_MAX: i64 = 86_400;
/// Five minutes of live manifest (aws-facts 2.3).
const WINDOW_MAX: i64 = 300;
/// aws-facts 2.4.
const SEGMENT_MAX: i64 = 30;

/// Checks one request.
pub fn check(operation: &str, input: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    match operation {
        "CreateChannel" => id(&input.get("id"), defects),
        "CreateOriginEndpoint" => {
            id(&input.get("id"), defects);
            if input.present(&PACKAGERS).len() != 1 {
                // aws-facts 2.3: none or two packagers.
                let found = input.present(&PACKAGERS).join(", ");
                defects.invalid(input, format!("exactly one of {} is needed, found [{found}]", PACKAGERS.join(", ")));
            }
            endpoint(input, strictness, defects);
        }
        "UpdateOriginEndpoint" => {
            if input.present(&PACKAGERS).len() > 1 {
                defects.invalid(input, "an endpoint has one packager");
            }
            endpoint(input, strictness, defects);
        }
        _ => {}
    }
}

/// aws-facts 2.1: 1 to 256 letters, digits, `_` and `-`.
fn id(node: &Node<'_>, defects: &mut Defects) {
    let Some(text) = node.str() else { return };
    if text.is_empty() || text.len() > 256 || !text.bytes().all(is_word) {
        defects.invalid(node, "must have 1 to 256 letters, digits, underscores and hyphens");
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn endpoint(input: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    manifest_name(&input.get("manifestName"), strictness, defects);
    time_shift(input, defects);
    authorization(input, defects);
    for cidr in input.get("whitelist").items() {
        if let Some(defect) = cidr.str().and_then(cidr_defect) {
            defects.invalid(&cidr, defect);
        }
    }
    for name in PACKAGERS {
        let package = input.get(name);
        if package.exists() {
            packager(&package, strictness, defects);
        }
    }
    manifest(&input.get("hlsPackage"), strictness, defects);
    dash(&input.get("dashPackage"), defects);
    cmaf(&input.get("cmafPackage"), strictness, defects);
}

/// aws-facts 2.3: letters, digits, `-` and `_`; the packager adds the extension (recipe mistake 16).
fn manifest_name(node: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    let Some(text) = node.str() else { return };
    let allowed = |b: u8| is_word(b) || (b == b'.' && !strictness.manifest_name_dots);
    if text.is_empty() || !text.bytes().all(allowed) {
        let message =
            format!("manifestName {text} may hold letters, digits, hyphens and underscores; the extension is added");
        defects.invalid(node, message);
    }
}

/// aws-facts 2.3: start-over up to 14 days; a delay is 0 or 5 to 86,400 s and below the start-over window (mistake 17).
fn time_shift(input: &Node<'_>, defects: &mut Defects) {
    let (window, delay) = (input.get("startoverWindowSeconds"), input.get("timeDelaySeconds"));
    if window.int().is_some_and(|s| !(0..=STARTOVER_MAX).contains(&s)) {
        defects.invalid(&window, format!("must be 0 to {STARTOVER_MAX}"));
    }
    let Some(seconds) = delay.int().filter(|s| *s != 0) else {
        return;
    };
    if !(DELAY_MIN..=DELAY_MAX).contains(&seconds) {
        defects.invalid(&delay, format!("must be 0, or {DELAY_MIN} to {DELAY_MAX}"));
    }
    if window.int().is_some_and(|window| window > 0 && seconds >= window) {
        defects.invalid(&delay, "must be less than startoverWindowSeconds");
    }
}

/// aws-facts 2.6: a Secrets Manager secret and the role that may read it.
fn authorization(input: &Node<'_>, defects: &mut Defects) {
    let authorization = input.get("authorization");
    let (secret, role) = (authorization.get("cdnIdentifierSecret"), authorization.get("secretsRoleArn"));
    if secret.str().is_some_and(|arn| !is_arn(arn, "secretsmanager", "secret:")) {
        defects.invalid(&secret, "is not the ARN of a secret");
    }
    if role.str().is_some_and(|arn| !is_arn(arn, "iam", "role/")) {
        defects.invalid(&role, "is not the ARN of an IAM role");
    }
}

/// What all packagers share: segment length, window, stream selection, encryption.
fn packager(package: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    let segment = package.get("segmentDurationSeconds");
    if segment.int().is_some_and(|s| !(1..=SEGMENT_MAX).contains(&s)) {
        defects.invalid(&segment, format!("must be 1 to {SEGMENT_MAX}"));
    }
    window(&package.get("manifestWindowSeconds"), strictness, defects);
    let selection = package.get("streamSelection");
    let (low, high) = (selection.get("minVideoBitsPerSecond"), selection.get("maxVideoBitsPerSecond"));
    if let (Some(least), Some(most)) = (low.int(), high.int())
        && least > most
    {
        defects.invalid(&low, "must not be above maxVideoBitsPerSecond");
    }
    speke(package, defects);
}

/// aws-facts 2.3: five minutes is a soft quota; without the switch any length will do.
fn window(node: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    let most = if strictness.manifest_window_limit { WINDOW_MAX } else { i64::MAX };
    if node.int().is_some_and(|s| !(1..=most).contains(&s)) {
        defects.invalid(node, format!("must be 1 to {most}"));
    }
}

/// What an HLS manifest has, in the HLS packager or in CMAF (aws-facts 2.4).
fn manifest(manifest: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    window(&manifest.get("playlistWindowSeconds"), strictness, defects);
    let interval = manifest.get("programDateTimeIntervalSeconds");
    if interval.int().is_some_and(|s| s < 0) {
        defects.invalid(&interval, "must not be negative");
    }
    if manifest.get("adMarkers").is("DATERANGE") && interval.int().unwrap_or(0) <= 0 {
        defects.invalid(&interval, "must be more than 0 with ad markers DATERANGE");
    }
}

/// aws-facts 2.4: ADS period triggers exclude HYBRIDCAST and NUMBER_WITH_DURATION.
fn dash(dash: &Node<'_>, defects: &mut Defects) {
    let triggers = dash.get("periodTriggers");
    if !triggers.items().iter().any(|t| t.is("ADS")) {
        return;
    }
    if dash.get("profile").is("HYBRIDCAST") {
        defects.invalid(&triggers, "ADS does not go with profile HYBRIDCAST");
    }
    if dash.get("segmentTemplateFormat").is("NUMBER_WITH_DURATION") {
        defects.invalid(&triggers, "ADS does not go with segment template NUMBER_WITH_DURATION");
    }
}

/// aws-facts 2.4: manifest ids are unique in the endpoint.
fn cmaf(cmaf: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    let manifests = cmaf.get("hlsManifests").items();
    for (i, one) in manifests.iter().enumerate() {
        let name = one.get("id");
        id(&name, defects);
        manifest_name(&one.get("manifestName"), strictness, defects);
        manifest(one, strictness, defects);
        if name.str().is_some_and(|text| manifests[..i].iter().any(|earlier| earlier.get("id").is(text))) {
            defects.invalid(&name, "is used by another manifest of the endpoint");
        }
    }
}

/// aws-facts 2.7: https key server, a role, as many systems as the packager can hold, no rotation under SPEKE 2.0.
fn speke(package: &Node<'_>, defects: &mut Defects) {
    let encryption = package.get("encryption");
    let provider = encryption.get("spekeKeyProvider");
    if !provider.exists() {
        return;
    }
    let url = provider.get("url");
    if url.str().is_some_and(|text| !text.starts_with("https://")) {
        defects.invalid(&url, "must be an https URL");
    }
    let role = provider.get("roleArn");
    if role.str().is_some_and(|arn| !is_arn(arn, "iam", "role/")) {
        defects.invalid(&role, "is not the ARN of an IAM role");
    }
    let most = match package.path.as_str() {
        "dashPackage" => 2,
        "cmafPackage" => 3,
        _ => 1,
    };
    let systems = provider.get("systemIds");
    if systems.exists() && !(1..=most).contains(&systems.items().len()) {
        defects.invalid(&systems, format!("this packager takes 1 to {most} system ids"));
    }
    let rotation = encryption.get("keyRotationIntervalSeconds");
    if provider.get("encryptionContractConfiguration").exists() && rotation.int().is_some_and(|s| s > 0) {
        defects.invalid(&rotation, "key rotation does not go with SPEKE 2.0");
    }
}
