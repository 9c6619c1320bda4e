//! Wall-clock time and the time zones that it is in. The database is part of the program (`tzdb-bundle-always`): Lambda's
//! operating system need not have one, and the same program gives the same moments everywhere.

use crate::time::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The time zone of that IANA name.
pub fn find(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
}

/// The date that it is somewhere at a moment, moved by days.
pub fn date_of(moment: Timestamp, zone: &TimeZone, days: i32) -> Date {
    let there = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::MIN).to_zoned(zone.clone());
    there.date().saturating_add(i64::from(days).days())
}

/// Date and time as a clock on the wall shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Local(DateTime);

impl Local {
    /// Reads `2026-03-27T19:00` or `2026-03-27T19:00:00`: without an offset, which would say something else in summer.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() >= 16 && text.len() <= 19 && text.as_bytes().get(10) == Some(&b'T');
        let clock = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || b"-:T".contains(&byte));
        if !plain || !clock(text) {
            return None;
        }
        text.parse().ok().map(Self)
    }

    pub fn date(&self) -> Date {
        self.0.date()
    }

    pub fn days_until(&self, later: &Self) -> i32 {
        self.date().until(later.date()).map_or(0, |span| span.get_days())
    }

    pub fn seconds_until(&self, later: &Self) -> i64 {
        self.0.duration_until(later.0).as_secs()
    }

    /// The same time on another date.
    pub fn on(&self, date: Date) -> Option<Self> {
        Some(Self(date.to_datetime(self.0.time())))
    }

    /// When it is that time there. A time that a clock leaves out is as much later as the clock jumps; of a time that it
    /// shows twice it is the first (RFC 5545, 3.3.5).
    pub fn moment(&self, zone: &TimeZone) -> Option<Timestamp> {
        let zoned = zone.to_ambiguous_zoned(self.0).compatible().ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    }

    /// When an occurrence that begins now ends: at the time on the wall that was planned. Where the clock's jump leaves
    /// nothing between the two, after as long as was planned.
    pub fn ends(&self, first_start: &Self, first_end: &Self, zone: &TimeZone) -> Option<Timestamp> {
        let days = first_start.days_until(first_end);
        let date = self.date().checked_add(i64::from(days).days()).ok()?;
        let end = first_end.on(date)?.moment(zone)?;
        let start = self.moment(zone)?;
        let planned = first_start.seconds_until(first_end);
        Some(if end > start { end } else { start.plus_secs(planned) })
    }
}

impl std::fmt::Display for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%S").fmt(f)
    }
}

impl From<Local> for String {
    fn from(local: Local) -> Self {
        local.to_string()
    }
}

impl TryFrom<String> for Local {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no date and time"))
    }
}

/// A date, e.g. of an occurrence that does not take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub Date);

impl Day {
    /// Reads `2026-03-27`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|_| text.len() == 10).map(Self)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no date"))
    }
}
