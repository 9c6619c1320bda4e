//! Schedule actions: one thing to do, one way to start (aws-facts 1.11). Times and references are `world`'s.

use crate::rules::{Defects, Node};

use super::{exactly_one, unique};

/// `YYYY-MM-DDThh:mm:ss.nnnZ`, with the digits as zeros.
const TIME: &str = "0000-00-00T00:00:00.000Z";

pub fn check(input: &Node<'_>, defects: &mut Defects) {
    let (creates, deletes) = (input.at("creates.scheduleActions"), input.at("deletes.actionNames"));
    if creates.items().is_empty() && deletes.items().is_empty() {
        defects.invalid(input, "a change of the schedule creates or deletes an action");
    }
    let actions = creates.items();
    unique(&actions, "actionName", defects);
    for action in &actions {
        if action.get("actionName").is("") {
            defects.invalid(&action.get("actionName"), "actionName must not be empty");
        }
        let (what, when) = (action.get("scheduleActionSettings"), action.get("scheduleActionStartSettings"));
        if what.exists() {
            exactly_one(&what, "schedule action setting", defects);
        }
        if when.exists() {
            exactly_one(&when, "schedule action start setting", defects);
        }
        time(&when.at("fixedModeScheduleActionStartSettings.time"), defects);
    }
}

fn time(node: &Node<'_>, defects: &mut Defects) {
    let Some(text) = node.str() else { return };
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if form != TIME || text.parse::<jiff::Timestamp>().is_err() {
        defects.invalid(node, format!("{text} does not have the form YYYY-MM-DDThh:mm:ss.nnnZ"));
    }
}
