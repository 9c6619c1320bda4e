//! A fixture list as it comes out of a spreadsheet: each line of CSV is a planned event. All of them are taken, or none.

use super::planned::{Changed, Told, read, refuse};
use crate::api::view::calendar::{event, preview};
use crate::api::{HttpResponse, problem};
use headend_domain::calendar::{Blocker, PlannedEvent, book};
use headend_domain::record::Record;
use headend_domain::spec::Problem;
use headend_domain::time::Timestamp;
use serde_json::{Map, Value, json};

/// The columns, in any order; the first four have to be there.
const COLUMNS: [&str; 9] =
    ["title", "start", "end", "timeZone", "warmupSeconds", "overrunSeconds", "recurrence", "exceptions", "missedStart"];
const NEEDED: usize = 4;
/// Problems that are told at once.
const TOLD: usize = 50;

/// A line of the list, by its number in the file, as the request for one event would be.
struct Line {
    number: u64,
    document: Value,
}

/// What the list makes of the calendar. `next_id` gives each event its id, which a preview does not tell.
pub(super) fn imported(
    record: &Record,
    body: &Value,
    told: Told,
    next_id: impl Fn() -> String,
    now: Timestamp,
) -> Result<Changed, HttpResponse> {
    let lines = lines(text(body)?).map_err(|problems| problem::invalid(&problems))?;
    let (mut record, mut problems) = (record.clone(), Vec::new());
    let (mut shown, mut warnings) = (Vec::new(), Vec::new());
    let version = record.calendar.version + 1;
    for line in &lines {
        let at = |of: &Problem| Problem { pointer: format!("/lines/{}{}", line.number, of.pointer), ..of.clone() };
        let plan = match read(&line.document, &record) {
            Ok(plan) => plan,
            Err(wrong) => {
                problems.extend(wrong.iter().map(at));
                continue;
            }
        };
        let planned = PlannedEvent { id: next_id(), version, placed_at: now, plan };
        let booking = book(&record, &planned, now);
        for blocker in &booking.blockers {
            match blocker {
                Blocker::Overlaps { pointer, detail } => {
                    problems.push(at(&Problem { pointer: pointer.clone(), detail: detail.clone() }));
                }
                Blocker::Over => problems.push(at(&Problem {
                    pointer: "/start".to_owned(),
                    detail: "no occurrence of it lies ahead; leave the line out, or take a later start".to_owned(),
                })),
                // Not of this line, but of the platform.
                Blocker::Leaving | Blocker::CannotRun { .. } | Blocker::CalendarFull => refuse(&booking, &record)?,
            }
        }
        warnings.extend(booking.warnings.iter().map(at));
        let next = &preview(event(&record, &planned, now))["upcoming"][0];
        let mut view = json!({"line": line.number, "title": planned.plan.title, "next": next});
        if told != Told::Preview {
            view["id"] = json!(planned.id);
        }
        shown.push(view);
        record.calendar = record.calendar.clone().with(planned);
    }
    if !problems.is_empty() {
        problems.truncate(TOLD);
        return Err(problem::invalid(&problems));
    }
    let what = format!("{} planned events imported", shown.len());
    let status = if told == Told::Preview { 200 } else { 201 };
    let answer = HttpResponse::json(status, &json!({"events": shown, "warnings": warnings}));
    Ok(Changed { calendar: record.calendar, what, answer })
}

fn text(body: &Value) -> Result<&str, HttpResponse> {
    let wrong = |pointer: &str, detail: &str| {
        problem::invalid(&[Problem { pointer: pointer.to_owned(), detail: detail.to_owned() }])
    };
    let Some(fields) = body.as_object() else { return Err(wrong("", "must be an object")) };
    if let Some(unknown) = fields.keys().find(|name| *name != "csv") {
        let pointer = format!("/{}", unknown.replace('~', "~0").replace('/', "~1"));
        return Err(wrong(&pointer, "unknown field; the only one is csv"));
    }
    let text = fields.get("csv").and_then(Value::as_str);
    text.ok_or_else(|| wrong("/csv", "is required: the text of the list, with a line of column names first"))
}

fn lines(text: &str) -> Result<Vec<Line>, Vec<Problem>> {
    let one = |pointer: String, detail: String| vec![Problem { pointer, detail }];
    // The reader counts lines by the second half of such an end.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| one("/csv".to_owned(), error.to_string()))?.clone();
    let mut problems = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let detail = if !COLUMNS.contains(&name) {
            format!("unknown column {name:?}; known are {}", COLUMNS.join(", "))
        } else if names.iter().take(place).any(|other| other == name) {
            format!("column {name} is there twice")
        } else {
            continue;
        };
        problems.push(Problem { pointer: "/lines/1".to_owned(), detail });
    }
    for name in COLUMNS.iter().take(NEEDED).filter(|name| !names.iter().any(|it| it == **name)) {
        problems.push(Problem { pointer: "/lines/1".to_owned(), detail: format!("column {name} is missing") });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut lines = Vec::new();
    for row in reader.records() {
        let place = |position: Option<&csv::Position>| format!("/lines/{}", position.map_or(0, csv::Position::line));
        let row = row.map_err(|error| one(place(error.position()), in_words(&error)))?;
        let number = row.position().map_or(0, csv::Position::line);
        let cells = names.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
        let document: Map<String, Value> = cells.map(|(name, cell)| (name.to_owned(), value(name, cell))).collect();
        lines.push(Line { number, document: Value::Object(document) });
    }
    if lines.is_empty() {
        return Err(one("/csv".to_owned(), "has no line but that of the column names".to_owned()));
    }
    Ok(lines)
}

fn in_words(error: &csv::Error) -> String {
    if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        return format!("has {len} cells, and there are {expected_len} columns; put commas between quotes");
    }
    error.to_string()
}

/// A cell as JSON has it. What is no number stays text, of which the reader of events says what is wrong.
fn value(name: &str, cell: &str) -> Value {
    match name {
        "warmupSeconds" | "overrunSeconds" => cell.parse::<i64>().map_or_else(|_| json!(cell), |number| json!(number)),
        "exceptions" => cell.split_whitespace().collect(),
        _ => json!(cell),
    }
}
