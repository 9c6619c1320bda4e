//! What is due when. Timers of the same moment fire in the order in which they were set.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::{Ms, cloudfront, cloudwatch, medialive};

/// One thing that will happen by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timer {
    MediaLive { region: String, step: medialive::Step },
    CloudWatch { region: String, step: cloudwatch::Step },
    CloudFront { step: cloudfront::Step },
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Ms, u64, Timer)>>,
    set: u64,
}

impl Timers {
    pub(crate) fn push(&mut self, due: Ms, timer: Timer) {
        self.set += 1;
        self.heap.push(Reverse((due, self.set, timer)));
    }

    pub(crate) fn next_due(&self) -> Option<Ms> {
        self.heap.peek().map(|Reverse((due, _, _))| *due)
    }

    pub(crate) fn pop_due(&mut self, now: Ms) -> Option<(Ms, Timer)> {
        if self.next_due()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((due, _, timer))| (due, timer))
    }
}
