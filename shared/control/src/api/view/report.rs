//! The report of one occurrence of a planned event: what was planned, how it went, what it cost, and what the timeline says of
//! it. The figures are the record's; lines of the timeline are sorted by their kind, and never read.

use super::costs::dollars;
use crate::store::{Page, TimelineEntry};
use headend_domain::accept::NoteKind;
use headend_domain::broadcast::{Fate, Past, Planned};
use headend_domain::course::Course;
use headend_domain::estimate;
use headend_domain::limits::TIMELINE_DAYS;
use headend_domain::record::Record;
use headend_domain::time::Timestamp;
use serde_json::{Value, json};

/// Lines of the timeline that a report has at most.
pub const LINES: usize = 200;
/// So much of the timeline before the warm-up, and after the channel was off.
const BEFORE_SECS: i64 = 60;
const AFTER_SECS: i64 = 300;
/// Of an occurrence whose moments were not kept yet.
const UNKNOWN_SECS: i64 = 12 * 3600;

pub fn link(record: &Record, event: &str, occurrence: &str) -> String {
    format!("/platforms/{}/planned-events/{event}/reports/{occurrence}", record.asked.key.id)
}

/// A line of the timeline, as the API shows it.
pub fn line(entry: &TimelineEntry) -> Value {
    let mut line = json!({"id": entry.ulid, "at": entry.at.to_string(), "text": entry.text, "count": entry.count});
    if let Some(kind) = entry.kind {
        line["kind"] = json!(kind);
    }
    line
}

pub struct Report<'r> {
    record: &'r Record,
    event: &'r str,
    occurrence: &'r str,
    title: &'r str,
    planned: Option<Planned>,
    course: Option<&'r Course>,
    past: Option<&'r Past>,
}

impl<'r> Report<'r> {
    /// Of the occurrence that is on air, or of the last of that name that is over.
    pub fn of(record: &'r Record, event: &str, occurrence: &str) -> Option<Self> {
        let broadcasts = &record.state.broadcasts;
        if let Some(on_air) = &broadcasts.on_air {
            let it = &on_air.airing;
            if it.event == event && it.occurrence == occurrence {
                let (planned, course) = (Some(Planned::from(it)), on_air.course.as_ref());
                let (event, occurrence, title) = (&it.event, &it.occurrence, &it.title);
                return Some(Self { record, event, occurrence, title, planned, course, past: None });
            }
        }
        let past = broadcasts.past.iter().rev().find(|past| past.event == event && past.occurrence == occurrence)?;
        Some(Self {
            record,
            event: &past.event,
            occurrence: &past.occurrence,
            title: &past.title,
            planned: past.planned,
            course: past.course.as_ref(),
            past: Some(past),
        })
    }

    fn is_final(&self) -> bool {
        self.past.is_some() && self.course.is_none_or(|course| course.closed)
    }

    /// From its warm-up until it was off: that part of the timeline is its own.
    pub fn window(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let ended = self.past.map(|past| past.at);
        let asked = self.course.map(|course| course.asked_at);
        let planned = self.planned.map(|planned| planned.on_at);
        let begun = [asked, planned, ended].into_iter().flatten().min().unwrap_or(now);
        let begun = if self.planned.is_none() { begun.plus_secs(-UNKNOWN_SECS) } else { begun };
        let off = self.course.and_then(|course| course.off_at).or(ended).filter(|_| self.is_final());
        (begun.plus_secs(-BEFORE_SECS), off.map_or(now, |off| off.plus_secs(AFTER_SECS)))
    }

    /// `page` is the newest part of what the timeline has of the window.
    pub fn view(&self, page: &Page<TimelineEntry>, now: Timestamp) -> Value {
        let asked = &self.record.asked;
        let mut view = json!({
            "platform": {"id": asked.key.id, "name": asked.spec.name},
            "event": self.event,
            "occurrence": self.occurrence,
            "title": self.title,
            "final": self.is_final(),
            "planned": self.planned.map_or_else(|| json!({}), moments),
            "actual": self.actual(),
        });
        if let Some(past) = self.past {
            view["fate"] = json!(past.fate);
        }
        if let Some(on_time) = self.on_time(now) {
            view["onTime"] = json!(on_time);
        }
        let shown = self.shown(now);
        if let Some(course) = &shown {
            view["secondsOnAir"] = json!(course.on.millis / 1000);
            view["secondsOfTrouble"] = json!(course.trouble.millis / 1000);
            view["timesOfTrouble"] = json!(course.trouble.times);
            view["remediesDecided"] = json!(course.remedies);
            view["cost"] = json!({
                "usd": dollars(course.cost.micros),
                "currency": "USD",
                "runningSeconds": course.cost.millis / 1000,
                "verified": estimate::is_verified(&estimate::running(&asked.spec)),
            });
        }
        view["summary"] = json!(self.summary(shown.as_ref(), now));
        self.lines(&mut view, page, now);
        view
    }

    /// The figures at this moment.
    fn shown(&self, now: Timestamp) -> Option<Course> {
        let course = self.course?;
        let planned = self.planned?;
        Some(course.at(now, planned.start, planned.end))
    }

    fn actual(&self) -> Value {
        let moments = [
            ("askedAt", self.course.map(|course| course.asked_at)),
            ("liveAt", self.course.and_then(|course| course.live_at)),
            ("endedAt", self.past.map(|past| past.at)),
            ("offAt", self.course.and_then(|course| course.off_at)),
        ];
        let known = moments.into_iter().filter_map(|(name, at)| Some((name.to_owned(), json!(at?.to_string()))));
        Value::Object(known.collect())
    }

    /// Whether it was live by its start; unknown before that.
    fn on_time(&self, now: Timestamp) -> Option<bool> {
        let start = self.planned?.start;
        if let Some(live_at) = self.course.and_then(|course| course.live_at) {
            return Some(live_at <= start);
        }
        let due = self.past.map_or(now, |past| past.at) > start;
        due.then_some(false)
    }

    fn lines(&self, view: &mut Value, page: &Page<TimelineEntry>, now: Timestamp) {
        let oldest_first = || page.items.iter().rev();
        let of = |kind: NoteKind| oldest_first().filter(|it| it.kind == Some(kind)).map(line).collect::<Vec<_>>();
        view["alarms"] = json!(of(NoteKind::Trouble));
        view["remedies"] = json!(of(NoteKind::Remedy));
        view["requests"] = json!(of(NoteKind::Request));
        view["timeline"] = json!(oldest_first().map(line).collect::<Vec<_>>());
        let (from, until) = self.window(now);
        let expired = now.plus_secs(-TIMELINE_DAYS * 86_400);
        let left_out = match page.items.last() {
            Some(first) if page.next.is_some() => Some((first.at, "too-many")),
            _ if from < expired => Some((expired.min(until), "expired")),
            _ => None,
        };
        if let Some((until, why)) = left_out {
            view["leftOut"] = json!({"from": from.to_string(), "until": until.to_string(), "why": why});
        }
    }

    fn summary(&self, course: Option<&Course>, now: Timestamp) -> String {
        let mut sentences = vec![self.what_became()];
        let start = self.planned.map(|planned| planned.start);
        if let (Some(course), Some(start)) = (course, start) {
            sentences.extend(punctual(course, start, self.on_time(now)));
            let remedies = match course.remedies {
                0 => String::new(),
                1 => ", and one remedy was decided on".to_owned(),
                some => format!(", and {some} remedies were decided on"),
            };
            let trouble = spoken(course.trouble.millis);
            sentences.push(match course.trouble.times {
                0 => format!("No trouble was seen between its start and its end{remedies}."),
                1 => format!("It was in trouble once, for {trouble}{remedies}."),
                times => format!("It was in trouble {times} times, for {trouble} in all{remedies}."),
            });
            sentences.push(format!("By the price file it cost {:.2} USD.", dollars(course.cost.micros)));
        }
        sentences.join(" ")
    }

    fn what_became(&self) -> String {
        let title = format!("\u{201c}{}\u{201d}", self.title);
        let begun = self.course.is_some();
        let end = self.past.map_or_else(String::new, |past| past.at.to_string());
        match self.past.map(|past| past.fate) {
            None => format!("{title} has the channel at this moment."),
            Some(Fate::Aired) => format!("{title} was on to its end; it gave the channel up at {end}."),
            Some(Fate::Stopped) if !begun => format!("{title} did not begin: it was stopped at {end}."),
            Some(Fate::Stopped) => format!("{title} was stopped by a person or the guard at {end}."),
            Some(Fate::Cancelled) => format!("{title} was cancelled or moved while it was on, at {end}."),
            Some(Fate::Missed) => format!("{title} was missed: it was too late to begin."),
            Some(Fate::NoRoom) => format!("{title} did not take place: the tenant had no channel left."),
        }
    }
}

fn moments(planned: Planned) -> Value {
    json!({
        "onAirAt": planned.on_at.to_string(),
        "start": planned.start.to_string(),
        "end": planned.end.to_string(),
        "offAirAt": planned.off_at.to_string(),
    })
}

fn punctual(course: &Course, start: Timestamp, on_time: Option<bool>) -> Option<String> {
    let on = spoken(course.on.millis);
    let Some(live_at) = course.live_at else {
        return on_time.map(|_| "The channel was never live for it.".to_owned());
    };
    let apart = spoken(live_at.millis_since(start).abs());
    let word = if live_at <= start { "before" } else { "after" };
    Some(format!("The channel was live {apart} {word} its start, and ran for it for {on}."))
}

/// `45 s`, `12 min`, `1 h 06 min`
fn spoken(millis: i64) -> String {
    let secs = millis / 1000;
    match (secs / 3600, secs / 60 % 60) {
        (0, 0) => format!("{secs} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}
