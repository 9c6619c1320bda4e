//! Input security groups (aws-facts 1.8). How many rules a group may hold is a quota, and `world`'s.

use crate::rules::net::cidr_defect;
use crate::rules::{Defects, Node};

pub fn check(operation: &str, input: &Node<'_>, defects: &mut Defects) {
    let list = input.get("whitelistRules");
    let rules = list.items();
    // aws-facts 1.8: a group without any rule is refused. An update may leave the rules alone, but not empty them.
    if rules.is_empty() && (operation == "CreateInputSecurityGroup" || list.exists()) {
        defects.invalid(&list, "at least one whitelist rule is needed");
    }
    for rule in rules {
        let cidr = rule.get("cidr");
        // aws-facts 1.8: each rule is one IPv4 CIDR.
        match cidr.str().map(cidr_defect) {
            None => defects.invalid(&cidr, "cidr is required"),
            Some(Some(defect)) => defects.invalid(&cidr, format!("Invalid CIDR: {defect}")),
            Some(None) => {}
        }
    }
}
