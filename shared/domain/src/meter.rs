//! The running meter: for how long the channel has run in this UTC month, and what that comes to by the price file. It is
//! kept as sums and the moment since when the channel runs, so that looking at it twice, or never, changes nothing.

use crate::action::Status;
use crate::estimate::running_micros;
use crate::record::Record;
use crate::slot::Slot;
use crate::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

const HOUR_MILLIS: i64 = 3_600_000;

/// The part of STATE that counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meter {
    /// The month that is counted, by its first moment; none before the channel has ever run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Timestamp>,
    /// Of this month, what is over.
    #[serde(default)]
    pub sum: Sum,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<Runs>,
    /// The month before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Sum>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sum {
    pub millis: i64,
    /// Millionths of a dollar.
    pub micros: i64,
}

/// The channel runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// In this month.
    pub since: Timestamp,
    /// Millionths of a dollar for an hour, as the spec and the price file were when it began.
    pub rate: i64,
}

impl Meter {
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What it shows at a moment.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let mut shown = self.clone();
        shown.turn(now);
        if let Some(runs) = shown.runs {
            shown.sum = shown.sum.plus(runs, now);
        }
        shown.runs = shown.runs.map(|runs| Runs { since: runs.since.max(now), ..runs });
        shown
    }

    /// When so many millionths will have been spent, if the channel runs on; it may be in a later month.
    pub fn reaches(&self, micros: i64) -> Option<Timestamp> {
        let runs = self.runs.filter(|runs| runs.rate > 0)?;
        let left = i128::from(micros.saturating_sub(self.sum.micros).max(0)) * i128::from(HOUR_MILLIS);
        let rate = i128::from(runs.rate);
        let millis = (left + rate - 1) / rate;
        Some(runs.since.plus_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
    }

    /// Begins the month of that moment, if it has not begun.
    fn turn(&mut self, now: Timestamp) {
        let this = month_of(now);
        while let Some(month) = self.month.filter(|month| *month < this) {
            let next = month_after(month);
            let mut sum = std::mem::take(&mut self.sum);
            if let Some(runs) = &mut self.runs {
                sum = sum.plus(*runs, next);
                runs.since = next;
            }
            self.before = Some(sum);
            self.month = Some(next);
        }
    }
}

impl Sum {
    pub(crate) fn plus(self, runs: Runs, until: Timestamp) -> Self {
        let millis = until.millis_since(runs.since).max(0);
        let micros = i128::from(millis) * i128::from(runs.rate) / i128::from(HOUR_MILLIS);
        Self { millis: self.millis + millis, micros: self.micros + i64::try_from(micros).unwrap_or(i64::MAX) }
    }
}

/// Begins and ends to count with what is seen of the channel. It is counted from the answer to the start until it is seen at
/// rest: when exactly AWS begins to charge it does not say.
pub(crate) fn follow(record: &mut Record, now: Timestamp) {
    let runs = match record.seen(&Slot::Channel).map(|seen| seen.status) {
        Some(Status::Starting | Status::Running | Status::Recovering | Status::Stopping) => true,
        None
        | Some(Status::Making | Status::Ready | Status::InUse | Status::Updating | Status::Deleting | Status::Broken) => {
            false
        }
    };
    let meter = &mut record.state.meter;
    match (runs, meter.runs) {
        (false, None) => {}
        (true, Some(_)) => meter.turn(now),
        (true, None) => {
            meter.turn(now);
            meter.month = meter.month.or(Some(month_of(now)));
            meter.runs = Some(Runs { since: now, rate: running_micros(&record.asked.spec) });
        }
        (false, Some(_)) => {
            meter.turn(now);
            meter.sum = meter.runs.take().map_or(meter.sum, |runs| meter.sum.plus(runs, now));
        }
    }
}

fn date_of(moment: Timestamp) -> Date {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::MIN);
    Offset::UTC.to_datetime(moment).date()
}

fn begin_of(date: Date) -> Timestamp {
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    Timestamp(Offset::UTC.to_timestamp(midnight).map_or(i64::MAX, |moment| moment.as_millisecond()))
}

/// The first moment of the UTC month that the moment is in.
pub fn month_of(moment: Timestamp) -> Timestamp {
    begin_of(date_of(moment).first_of_month())
}

/// The first moment of the month after that.
pub fn month_after(moment: Timestamp) -> Timestamp {
    date_of(moment).last_of_month().tomorrow().map_or(Timestamp(i64::MAX), begin_of)
}

/// `2026-01`
pub fn month_word(moment: Timestamp) -> String {
    let date = date_of(moment);
    format!("{:04}-{:02}", date.year(), date.month())
}
