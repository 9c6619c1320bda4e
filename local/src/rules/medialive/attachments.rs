//! Input attachments: names, failover pairs, HLS buffering (aws-facts 1.5, 1.8).

use crate::rules::{Defects, Node};

use super::{exactly_one, unique};

/// aws-facts 1.5.
const ATTACHMENTS_MAX: usize = 20;

pub fn check(input: &Node<'_>, defects: &mut Defects) {
    let list = input.get("inputAttachments");
    if !list.exists() {
        return;
    }
    let attachments = list.items();
    if attachments.is_empty() {
        defects.invalid(&list, "a channel needs an input attachment");
    }
    if attachments.len() > ATTACHMENTS_MAX {
        defects
            .invalid(&list, format!("at most {ATTACHMENTS_MAX} inputs can be attached, found {}", attachments.len()));
    }
    unique(&attachments, "inputId", defects);
    unique(&attachments, "inputAttachmentName", defects);
    for attachment in &attachments {
        defects.require(&attachment.get("inputId"));
        settings(attachment, defects);
        failover(attachment, &attachments, defects);
    }
}

fn settings(attachment: &Node<'_>, defects: &mut Defects) {
    let settings = attachment.get("inputSettings");
    for list in ["audioSelectors", "captionSelectors"] {
        let selectors = settings.get(list).items();
        unique(&selectors, "name", defects);
        for selector in selectors {
            let choice = selector.get("selectorSettings");
            if choice.members().len() > 1 {
                exactly_one(&choice, "selector setting", defects);
            }
        }
    }
}

/// aws-facts 1.8, automatic input failover: the second input is attached too, belongs to one pair only, and there is at
/// least one condition.
fn failover(attachment: &Node<'_>, attachments: &[Node<'_>], defects: &mut Defects) {
    let failover = attachment.get("automaticInputFailoverSettings");
    if !failover.exists() {
        return;
    }
    let secondary = failover.get("secondaryInputId");
    let Some(id) = secondary.str() else { return };
    if attachment.get("inputId").is(id) {
        defects.invalid(&secondary, "the secondary input is the primary input itself");
    }
    if !attachments.iter().any(|other| other.get("inputId").is(id)) {
        defects.invalid(&secondary, format!("the secondary input {id} is not attached to the channel"));
    }
    let pairs =
        attachments.iter().filter(|other| other.at("automaticInputFailoverSettings.secondaryInputId").is(id)).count();
    if pairs > 1 {
        defects.invalid(&secondary, format!("input {id} is the secondary input of more than one pair"));
    }
    let conditions = failover.get("failoverConditions");
    if conditions.items().is_empty() {
        defects.invalid(&conditions, "at least one failover condition is needed");
    }
    for condition in conditions.items() {
        exactly_one(&condition.get("failoverConditionSettings"), "failover condition", defects);
    }
}
