//! Reads what a producer says of a planned event, or says everything that is wrong with it at once.

use super::{Day, EventPlan, Local, MissedStart, Recurrence, usual_warmup, zone};
use crate::limits::MAX_EXCEPTIONS;
use crate::spec::reader::{Object, Problems};
use crate::spec::{ChannelClass, Problem};
use serde_json::Value;

const TITLE_MOST: usize = 80;
const WARMUP_MOST: u32 = 4 * 3600;
const OVERRUN_MOST: u32 = 12 * 3600;
const OVERRUN_USUAL: u32 = 15 * 60;
/// Longer broadcasts are a channel that a person starts and stops.
const LONGEST_SECS: i64 = 7 * 86_400;

/// Reads the body of a request; what is not said has the default of the platform's channel class.
///
/// # Errors
/// All problems, each with its JSON pointer.
pub fn read(document: &Value, class: ChannelClass) -> Result<EventPlan, Vec<Problem>> {
    let problems = Problems::default();
    let plan = plan(document, class, &problems);
    let problems = problems.into_vec();
    match plan {
        Some(plan) if problems.is_empty() => Ok(plan),
        _ => Err(problems),
    }
}

fn plan(document: &Value, class: ChannelClass, problems: &Problems) -> Option<EventPlan> {
    let mut body = Object::new(document, "", problems)?;
    let title = title(&mut body);
    let start = local(&mut body, "start");
    let end = local(&mut body, "end");
    let time_zone = time_zone(&mut body);
    let warmup_seconds = body.whole("warmupSeconds", 0, WARMUP_MOST).unwrap_or_else(|| usual_warmup(class));
    let overrun_seconds = body.whole("overrunSeconds", 0, OVERRUN_MOST).unwrap_or(OVERRUN_USUAL);
    let recurrence = body.text("recurrence").and_then(|text| match Recurrence::parse(&text) {
        Ok(recurrence) => Some(recurrence),
        Err(why) => {
            body.problem("recurrence", why);
            None
        }
    });
    let exceptions = exceptions(&mut body);
    let missed_start = body.word("missedStart", "start-late, skip").unwrap_or(MissedStart::StartLate);
    if let (Some(start), Some(end)) = (&start, &end) {
        span(&body, start, end, recurrence.as_ref());
    }
    body.finish();
    Some(EventPlan {
        title: title?,
        start: start?,
        end: end?,
        time_zone: time_zone?,
        warmup_seconds,
        overrun_seconds,
        recurrence,
        exceptions,
        missed_start,
    })
}

fn title(body: &mut Object<'_>) -> Option<String> {
    let title = required(body, "title", "what viewers and producers call the event")?;
    let wrong = if title.trim().is_empty() {
        "must not be empty".to_owned()
    } else if title.chars().count() > TITLE_MOST {
        format!("must have at most {TITLE_MOST} characters")
    } else if title.chars().any(char::is_control) {
        "must not contain control characters".to_owned()
    } else {
        return Some(title);
    };
    body.problem("title", wrong);
    None
}

fn local(body: &mut Object<'_>, field: &'static str) -> Option<Local> {
    let text = required(body, field, "date and time by the clocks of the time zone, like 2026-03-27T19:00")?;
    let read = Local::parse(&text);
    if read.is_none() {
        let detail = format!("must be like 2026-03-27T19:00, without an offset: timeZone says where; not {text:?}");
        body.problem(field, detail);
    }
    read
}

fn time_zone(body: &mut Object<'_>) -> Option<String> {
    let name = required(body, "timeZone", "an IANA name like Europe/Paris")?;
    if name.len() <= 40 && zone::find(&name).is_some() {
        return Some(name);
    }
    body.problem("timeZone", format!("{name:.60?} is no time zone; take an IANA name like Europe/Paris"));
    None
}

fn required(body: &mut Object<'_>, field: &'static str, what: &str) -> Option<String> {
    if body.raw(field).is_none() {
        body.problem(field, format!("is required: {what}"));
        return None;
    }
    body.text(field)
}

fn exceptions(body: &mut Object<'_>) -> Vec<Day> {
    let Some(list) = body.list("exceptions") else { return Vec::new() };
    if list.len() > MAX_EXCEPTIONS {
        body.problem("exceptions", format!("at most {MAX_EXCEPTIONS} dates; end this series and plan another"));
        return Vec::new();
    }
    let mut days = Vec::new();
    for (index, value) in list.iter().enumerate() {
        match value.as_str().and_then(Day::parse) {
            Some(day) => days.push(day),
            None => body.problem_at("exceptions", index, "must be a date like 2026-04-03, as a string"),
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

/// What start, end and recurrence mean together.
fn span(body: &Object<'_>, start: &Local, end: &Local, recurrence: Option<&Recurrence>) {
    let seconds = start.seconds_until(end);
    if seconds <= 0 {
        body.problem("end", format!("must be after the start, {start}"));
    } else if seconds > LONGEST_SECS {
        body.problem("end", "an event lasts a week at most; start and stop a channel that runs for longer yourself");
    }
    if recurrence.is_some_and(|it| !it.begins_on(start.date())) {
        body.problem("recurrence", "BYDAY must contain the day of the week of start");
    }
}
