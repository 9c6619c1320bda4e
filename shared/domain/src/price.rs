//! The price file: what AWS takes for what a platform uses. Each row says where its number is from, when it was read, and
//! whether it was read in a source of AWS for exactly this; whoever relies on the others replaces them first.

use serde::Deserialize;
use std::sync::LazyLock;

/// One row of `prices.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub id: String,
    pub service: String,
    pub what: String,
    /// `hour` or `GB`.
    pub unit: String,
    /// For one unit.
    pub usd: f64,
    pub region: String,
    pub source: String,
    /// When the source was read.
    pub date: String,
    pub verified: bool,
}

static PRICES: LazyLock<Vec<Price>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../prices.json"))
        .expect("BUG: prices.json is part of the program, and a test reads it")
});

pub fn all() -> &'static [Price] {
    &PRICES
}

pub fn price(id: &str) -> Option<&'static Price> {
    PRICES.iter().find(|price| price.id == id)
}

/// Whole millionths of a dollar: sums of them are the same in any order.
pub fn micros(usd: f64) -> i64 {
    (usd * 1e6).round() as i64
}

/// Dollars and cents, for people.
pub fn dollars(micros: i64) -> String {
    format!("{:.2} USD", micros as f64 / 1e6)
}
