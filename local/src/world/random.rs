//! Seeded randomness that can be stored: SplitMix64, whose whole state is one number.

use serde::{Deserialize, Serialize};

/// Draws the account's random numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dice {
    state: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        let width = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.next_u64() % width)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        // 53 random bits fill a double's mantissa.
        ((self.next_u64() >> 11) as f64) < probability * (1u64 << 53) as f64
    }

    /// `digits` hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        self.text(digits, b"0123456789abcdef")
    }

    /// `length` characters out of `alphabet`.
    pub fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        let size = alphabet.len() as u64;
        (0..length).map(|_| char::from(alphabet[(self.next_u64() % size) as usize])).collect()
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let h = self.hex(30);
        let variant = self.text(1, b"89ab");
        format!("{}-{}-4{}-{variant}{}-{}", &h[..8], &h[8..12], &h[12..15], &h[15..18], &h[18..30])
    }
}
