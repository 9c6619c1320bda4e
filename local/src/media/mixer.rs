//! Chooses, frame by frame and in real time, what the encoder gets: the source on air, its last frame for a moment when
//! nothing comes, then what the channel shows when its input is lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::profile::Profile;
use super::slate::Slate;
use super::source::{SAMPLE_BYTES, SAMPLE_RATE, Source};

/// What is on air; the channel's supervisor changes it.
#[derive(Clone, Default)]
pub struct OnAir(Arc<Mutex<Option<Source>>>);

impl OnAir {
    pub fn switch(&self, source: Option<Source>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = source;
    }

    fn take(&self, samples: usize) -> Option<(Bytes, Vec<u8>)> {
        let on_air = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        on_air.as_ref()?.lock().take(samples)
    }
}

/// Where the mixed picture and sound go. Both are bounded: an encoder that is too slow holds the mixer up.
pub struct Mixed {
    pub frames: mpsc::Sender<Bytes>,
    pub sound: mpsc::Sender<Vec<u8>>,
}

/// Mixes until the encoder is gone.
pub async fn mix(profile: Arc<Profile>, on_air: OnAir, slate: Slate, into: Mixed) {
    let rate = profile.frames_per_second();
    let (black, then) = (flat(&profile, [0; 3]), flat(&profile, profile.loss.then));
    let mut last = black.clone();
    // Before the first frame there is none to repeat.
    let mut seen: Option<Instant> = None;
    let begun = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut count: u64 = 0;
    let mut sent: u64 = 0;
    loop {
        ticks.tick().await;
        count += 1;
        // The frames' share of the samples, without a rest that would grow.
        let due = (count as f64 * SAMPLE_RATE as f64 / rate) as u64;
        let samples = (due - sent) as usize;
        sent = due;
        let (frame, sound) = match on_air.take(samples) {
            Some((frame, sound)) => {
                (last, seen) = (frame.clone(), Some(Instant::now()));
                (frame, sound)
            }
            None => {
                let silence = vec![0; samples * SAMPLE_BYTES];
                let gone = seen.map_or_else(|| begun.elapsed().saturating_add(profile.loss.repeat), |at| at.elapsed());
                let picture = if gone < profile.loss.repeat {
                    &last
                } else if gone < profile.loss.repeat.saturating_add(profile.loss.black) {
                    &black
                } else {
                    slate.get().unwrap_or(&then)
                };
                (picture.clone(), silence)
            }
        };
        if into.frames.send(frame).await.is_err() || into.sound.send(sound).await.is_err() {
            return;
        }
    }
}

/// A frame of one colour (BT.601, limited range).
fn flat(profile: &Profile, [red, green, blue]: [u8; 3]) -> Bytes {
    let (width, height) = profile.size();
    let (red, green, blue) = (f64::from(red), f64::from(green), f64::from(blue));
    let luma = 16.0 + 0.257 * red + 0.504 * green + 0.098 * blue;
    let blueness = 128.0 - 0.148 * red - 0.291 * green + 0.439 * blue;
    let redness = 128.0 + 0.439 * red - 0.368 * green - 0.071 * blue;
    let pixels = (width * height) as usize;
    let mut frame = vec![luma.round() as u8; pixels];
    frame.resize(pixels * 5 / 4, blueness.round() as u8);
    frame.resize(pixels * 3 / 2, redness.round() as u8);
    Bytes::from(frame)
}
