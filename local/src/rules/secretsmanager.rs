//! What Secrets Manager refuses (aws-facts 5.2).

use super::{Defects, Node};

/// Checks one request.
pub fn check(operation: &str, input: &Node<'_>, defects: &mut Defects) {
    match operation {
        "CreateSecret" => {
            name(&input.get("Name"), defects);
            one_value(input, false, defects);
        }
        "PutSecretValue" => one_value(input, true, defects),
        "DeleteSecret" => deletion(input, defects),
        _ => {}
    }
}

/// aws-facts 5.2: letters, digits and `/_+=.@-`. The length is in the table.
fn name(node: &Node<'_>, defects: &mut Defects) {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    if node.str().is_some_and(|text| !text.bytes().all(allowed)) {
        defects.named(node, 400, "ValidationException", "may hold letters, digits and /_+=.@-");
    }
}

fn one_value(input: &Node<'_>, required: bool, defects: &mut Defects) {
    let values = input.present(&["SecretString", "SecretBinary"]);
    if values.len() > 1 || (required && values.is_empty()) {
        defects.invalid(input, "exactly one of SecretString and SecretBinary can be given");
    }
}

/// aws-facts 5.2: a window of 7 to 30 days, or force; not both.
fn deletion(input: &Node<'_>, defects: &mut Defects) {
    let (window, force) = (input.get("RecoveryWindowInDays"), input.get("ForceDeleteWithoutRecovery"));
    if window.exists() && force.is_true() {
        defects.invalid(&window, "RecoveryWindowInDays does not go with ForceDeleteWithoutRecovery");
    }
    if window.int().is_some_and(|days| !(7..=30).contains(&days)) {
        defects.invalid(&window, "must be 7 to 30");
    }
}
