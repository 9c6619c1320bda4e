//! What a platform costs, as the API shows it: every number with the price that it is made of, and where that is from.

use headend_domain::estimate::{self, Cost};
use headend_domain::meter::{Sum, month_of, month_word};
use headend_domain::record::Record;
use headend_domain::time::Timestamp;
use serde_json::{Value, json};

/// Dollars to a ten thousandth: a cent is a lot for a minute.
pub(super) fn dollars(micros: i64) -> f64 {
    (micros as f64 / 100.0).round() / 1e4
}

/// `GET /platforms/{id}/estimate`
pub fn estimate(record: &Record, viewers: u32) -> Value {
    let spec = &record.asked.spec;
    let (idle, live) = (estimate::idle(spec), estimate::live(spec, viewers));
    let events: Vec<Value> = estimate::events(record, viewers)
        .iter()
        .map(|event| {
            json!({
                "event": event.event,
                "title": event.title,
                "hours": hours(event.seconds),
                "usd": dollars(event.micros),
                "mostHours": hours(event.most_seconds),
                "mostUsd": dollars(event.most_micros),
            })
        })
        .collect();
    json!({
        "currency": "USD",
        "viewers": viewers,
        "verified": estimate::is_verified(&idle) && estimate::is_verified(&live),
        "assumptions": estimate::assumptions(spec.channel_class, viewers),
        "idle": hour(&idle),
        "live": hour(&live),
        "events": events,
    })
}

fn hours(seconds: i64) -> f64 {
    (seconds as f64 / 36.0).round() / 100.0
}

fn hour(costs: &[Cost]) -> Value {
    let row = |cost: &Cost| {
        let price = cost.price;
        json!({
            "service": price.service,
            "what": price.what,
            "for": cost.of,
            "unit": price.unit,
            "unitsPerHour": (cost.quantity * 1e4).round() / 1e4,
            "usdPerUnit": price.usd,
            "usdPerHour": dollars(cost.micros()),
            "region": price.region,
            "source": price.source,
            "date": price.date,
            "verified": price.verified,
        })
    };
    json!({
        "usdPerHour": dollars(estimate::total(costs)),
        "verified": estimate::is_verified(costs),
        "rows": costs.iter().map(row).collect::<Vec<_>>(),
    })
}

/// The running meter, and how much of the budget that is.
pub fn meter(record: &Record, now: Timestamp) -> Value {
    let meter = record.state.meter.at(now);
    let spec = &record.asked.spec;
    let sum = |sum: Sum| json!({"runningSeconds": sum.millis / 1_000, "usd": dollars(sum.micros)});
    let mut view = sum(meter.sum);
    view["month"] = json!(month_word(now));
    view["running"] = json!(meter.runs.is_some());
    let rate = meter.runs.map_or_else(|| estimate::running_micros(spec), |runs| runs.rate);
    view["usdPerHour"] = json!(dollars(rate));
    view["verified"] = json!(estimate::is_verified(&estimate::running(spec)));
    // Of a platform that has not run for long the last sum is of some other month.
    if let Some(before) = meter.before.filter(|_| meter.month == Some(month_of(now))) {
        view["monthBefore"] = sum(before);
    }
    if let (Some(usd), Some(budget)) = (spec.guard.monthly_budget_usd, record.budget()) {
        let percent = meter.sum.micros as f64 * 100.0 / budget as f64;
        view["budget"] = json!({"usd": usd, "percent": (percent * 10.0).round() / 10.0});
    }
    view
}
