//! How an event recurs: the part of RFC 5545's RRULE that broadcasts need. Every day or every week on some days, with an
//! interval, an end or a count (decision 014).

use super::Day;
use crate::limits::MAX_OCCURRENCES;
use crate::time::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence {
    pub every: Every,
    /// Every so many days or weeks.
    pub interval: u32,
    pub until: Option<Until>,
    pub count: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Every {
    Day,
    /// On these days, Monday first; none is the day of the first occurrence.
    Week(Vec<Weekday>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// The last day on which it may begin.
    Date(Day),
    /// The last moment at which it may begin.
    Moment(Timestamp),
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

const INTERVAL_MOST: u32 = 52;

impl Recurrence {
    /// Reads e.g. `FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231`.
    ///
    /// # Errors
    /// What is not understood, and what would be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut every, mut by_day, mut interval, mut until, mut count) = (None, None, 1, None, None);
        let mut seen = Vec::new();
        for part in text.strip_prefix("RRULE:").unwrap_or(text).split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("{part:?} is not NAME=VALUE"))?;
            if seen.contains(&name) {
                return Err(format!("{name} is said twice"));
            }
            seen.push(name);
            match name {
                "FREQ" => {
                    every = Some(match value {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week(Vec::new()),
                        _ => return Err(format!("FREQ={value}: events recur DAILY or WEEKLY; plan others one by one")),
                    });
                }
                "INTERVAL" => interval = number(name, value, INTERVAL_MOST)?,
                "COUNT" => count = Some(number(name, value, MAX_OCCURRENCES)?),
                "UNTIL" => until = Some(last(value)?),
                "BYDAY" => by_day = Some(days(value)?),
                "WKST" if value == "MO" => {}
                "WKST" => return Err("weeks begin on Monday here: WKST=MO, or leave it out".to_owned()),
                _ => return Err(format!("{name} is not known here; known: FREQ, INTERVAL, COUNT, UNTIL, BYDAY, WKST")),
            }
        }
        let every = match (every, by_day) {
            (None, _) => return Err("FREQ is missing: DAILY or WEEKLY".to_owned()),
            (Some(Every::Day), Some(_)) => return Err("BYDAY goes with FREQ=WEEKLY".to_owned()),
            (Some(Every::Week(_)), Some(days)) => Every::Week(days),
            (Some(every), None) => every,
        };
        if until.is_some() && count.is_some() {
            return Err("UNTIL and COUNT do not go together".to_owned());
        }
        Ok(Self { every, interval, until, count })
    }

    /// Whether an event may begin the series on that day (RFC 5545 leaves open what would come of it otherwise).
    pub fn begins_on(&self, date: Date) -> bool {
        match &self.every {
            Every::Day => true,
            Every::Week(days) => days.is_empty() || days.contains(&date.weekday()),
        }
    }

    /// The dates of a series that begins on `start`, in order. Without a COUNT the intervals that end before `from` are
    /// passed over, so that a series of years costs nothing.
    pub fn dates(&self, start: Date, from: Date) -> impl Iterator<Item = Date> + use<> {
        let (days, length): (Vec<i32>, i64) = match &self.every {
            Every::Day => (vec![0], i64::from(self.interval)),
            Every::Week(days) if days.is_empty() => {
                (vec![monday_offset(start.weekday())], i64::from(self.interval) * 7)
            }
            Every::Week(days) => (days.iter().map(|day| monday_offset(*day)).collect(), i64::from(self.interval) * 7),
        };
        let first = match &self.every {
            Every::Day => start,
            Every::Week(_) => start.saturating_sub(i64::from(monday_offset(start.weekday())).days()),
        };
        let passed = first.until(from).map_or(0, |span| i64::from(span.get_days())) / length;
        let begin = if self.count.is_some() { 0 } else { (passed - 1).max(0) };
        let all = (begin..).map_while(move |n| first.checked_add((n * length).days()).ok());
        let dates = all.flat_map(move |week| {
            days.clone().into_iter().filter_map(move |day| week.checked_add(i64::from(day).days()).ok())
        });
        let most = self.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        dates.filter(move |date| *date >= start).take(most)
    }
}

fn monday_offset(day: Weekday) -> i32 {
    i32::from(day.to_monday_zero_offset())
}

fn number(name: &str, value: &str, most: u32) -> Result<u32, String> {
    let number = value.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("{name} must be a whole number from 1 to {most}, not {value:?}"))
}

fn days(value: &str) -> Result<Vec<Weekday>, String> {
    let day = |word: &str| {
        let found = DAYS.iter().find(|(name, _)| *name == word).map(|(_, day)| *day);
        found.ok_or_else(|| format!("BYDAY takes MO, TU, WE, TH, FR, SA, SU, not {word:?}"))
    };
    let mut days = value.split(',').map(day).collect::<Result<Vec<_>, _>>()?;
    days.sort_by_key(|day| day.to_monday_zero_offset());
    days.dedup();
    Ok(days)
}

/// `20261231`, the last day; or `20261231T225959Z`, the last moment.
fn last(value: &str) -> Result<Until, String> {
    let wrong = || format!("UNTIL must be a date like 20261231 or a moment like 20261231T225959Z, not {value:?}");
    if !value.is_ascii() {
        return Err(wrong());
    }
    let date = |text: &str| Some(format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..8)?));
    match value.len() {
        8 => date(value).and_then(|text| Day::parse(&text)).map(Until::Date).ok_or_else(wrong),
        16 if value.ends_with('Z') => {
            let clock = |text: &str| Some(format!("{}:{}:{}Z", text.get(9..11)?, text.get(11..13)?, text.get(13..15)?));
            let text =
                date(value).zip(clock(value)).map(|(date, clock)| format!("{date}T{clock}")).ok_or_else(wrong)?;
            let moment: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
            Ok(Until::Moment(Timestamp(moment.as_millisecond())))
        }
        _ => Err(wrong()),
    }
}

impl std::fmt::Display for Recurrence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.every {
            Every::Day => f.write_str("FREQ=DAILY")?,
            Every::Week(days) => {
                f.write_str("FREQ=WEEKLY")?;
                let name = |day: &Weekday| DAYS[usize::from(day.to_monday_zero_offset().unsigned_abs())].0;
                if !days.is_empty() {
                    write!(f, ";BYDAY={}", days.iter().map(name).collect::<Vec<_>>().join(","))?;
                }
            }
        }
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match &self.until {
            None => {}
            Some(Until::Date(last)) => write!(f, ";UNTIL={}", last.0.to_string().replace('-', ""))?,
            Some(Until::Moment(last)) => {
                write!(f, ";UNTIL={}Z", last.to_string()[..19].replace(['-', ':'], ""))?;
            }
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        Ok(())
    }
}

impl From<Recurrence> for String {
    fn from(recurrence: Recurrence) -> Self {
        recurrence.to_string()
    }
}

impl TryFrom<String> for Recurrence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}
