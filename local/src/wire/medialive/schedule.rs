//! MediaLive's schedule: requests to the world, actions to answers.

use serde_json::{Value, json};

use super::paging;
use crate::wire::fields::{objects, required, text, texts};
use crate::world::medialive::{ActionKind, ActionStart, ScheduleAction, ScheduleChange};
use crate::world::{AwsError, Ms, World};

pub fn update(world: &mut World, region: &str, now: Ms, id: &str, input: &Value) -> Result<Value, AwsError> {
    let actions = objects(&input["creates"], "scheduleActions").into_iter().flatten();
    let creates = actions.map(take).collect::<Result<_, _>>()?;
    let deletes = texts(&input["deletes"], "actionNames").unwrap_or_default();
    let done = world.batch_update_schedule(region, now, id, ScheduleChange { creates, deletes })?;
    Ok(json!({
        "creates": {"scheduleActions": shown(&done.creates)},
        "deletes": {"scheduleActions": shown(&done.deletes)},
    }))
}

pub fn describe(world: &mut World, region: &str, now: Ms, id: &str, input: &Value) -> Result<Value, AwsError> {
    let list = world.describe_schedule(region, now, id, &paging(input))?;
    Ok(json!({"scheduleActions": shown(&list.items), "nextToken": list.next_token}))
}

fn shown(actions: &[ScheduleAction]) -> Value {
    actions.iter().map(|action| action.doc.clone()).collect()
}

fn take(action: &Value) -> Result<ScheduleAction, AwsError> {
    Ok(ScheduleAction {
        name: required(action, "actionName"),
        start: start(&action["scheduleActionStartSettings"])?,
        kind: kind(&action["scheduleActionSettings"]),
        doc: action.clone(),
    })
}

fn start(settings: &Value) -> Result<ActionStart, AwsError> {
    if let Some(time) = text(&settings["fixedModeScheduleActionStartSettings"], "time") {
        let moment: Result<jiff::Timestamp, _> = time.parse();
        let moment = moment.map_err(|_| AwsError::unprocessable(format!("{time} is not a time")))?;
        return Ok(ActionStart::Fixed(moment.as_millisecond()));
    }
    let follow = &settings["followModeScheduleActionStartSettings"];
    Ok(match text(follow, "referenceActionName") {
        Some(reference) => ActionStart::Follow { reference },
        None => ActionStart::Immediate,
    })
}

fn kind(settings: &Value) -> ActionKind {
    let (switch, prepare) = (&settings["inputSwitchSettings"], &settings["inputPrepareSettings"]);
    let image = ["staticImageOutputActivateSettings", "staticImageOutputDeactivateSettings"];
    if let Some(attachment) = text(switch, "inputAttachmentNameReference") {
        ActionKind::InputSwitch { attachment }
    } else if prepare.is_object() {
        ActionKind::InputPrepare { attachment: text(prepare, "inputAttachmentNameReference") }
    } else if image.iter().any(|name| settings[name].is_object()) {
        ActionKind::OutputImage
    } else {
        ActionKind::Other
    }
}
