//! What MediaLive refuses (aws-facts 1).

mod attachments;
mod audio;
mod captions;
mod channel;
mod destinations;
mod groups;
mod h264;
mod inputs;
mod outputs;
mod schedule;
mod video;

use super::{Defects, Node, Strictness};

/// Checks one request.
pub fn check(operation: &str, input: &Node<'_>, strictness: &Strictness, defects: &mut Defects) {
    match operation {
        "CreateInputSecurityGroup" | "UpdateInputSecurityGroup" => groups::check(operation, input, defects),
        "CreateInput" => inputs::create(input, defects),
        "UpdateInput" => inputs::update(input, defects),
        "CreateChannel" => channel::create(input, strictness, defects),
        "UpdateChannel" => channel::update(input, strictness, defects),
        "UpdateChannelClass" => channel::update_class(input, defects),
        "BatchUpdateSchedule" => schedule::check(input, defects),
        _ => {}
    }
}

/// Exactly one of the members of `node` may be present (aws-facts 1.9, 1.10: unions in MediaLive).
fn exactly_one(node: &Node<'_>, what: &str, defects: &mut Defects) {
    let present: Vec<_> = node.members().into_iter().map(|(name, _)| name).collect();
    if present.len() != 1 {
        let found = if present.is_empty() { "none".to_owned() } else { present.join(", ") };
        defects.invalid(node, format!("exactly one {what} is allowed, found {found}"));
    }
}

/// Every `name` in the list must be another one (aws-facts 1.9: names are unique within their kind).
fn unique(items: &[Node<'_>], member: &str, defects: &mut Defects) {
    for (i, item) in items.iter().enumerate() {
        let name = item.get(member);
        let Some(text) = name.str() else { continue };
        if items[..i].iter().any(|earlier| earlier.get(member).is(text)) {
            defects.invalid(&name, format!("{member} {text} is used more than once"));
        }
    }
}
