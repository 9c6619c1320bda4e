//! The gate that every simulated call passes: it counts calls, writes them down, and breaks the ones that the plan
//! names.

use super::{Inner, Sim};
use crate::world::Ms;
use std::cell::Cell;
use std::collections::BTreeMap;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The function dies before the call has an effect.
    CrashBefore,
    /// The call has its effect, and the caller gets an error that does not say so.
    EffectThenError,
    /// The call has its effect and answers, and the function dies before it does anything with the answer.
    AnswerThenCrash,
    /// The caller times out, and the effect lands later.
    TimeoutThenLate,
    /// The function freezes before the call, and goes on from there when it is thawed.
    Freeze,
    /// Frozen like that, and dead once the call has had its effect: nobody ever hears of it.
    FreezeThenDie,
}

impl Fault {
    pub const ENUMERATED: [Self; 4] =
        [Self::CrashBefore, Self::EffectThenError, Self::AnswerThenCrash, Self::TimeoutThenLate];
}

/// Which calls break, by their number in the life.
pub type FaultPlan = BTreeMap<usize, Fault>;

/// One call, as written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub name: &'static str,
    /// Changes something in the account, the table or the queue.
    pub mutates: bool,
    pub on: String,
    /// When it was made.
    pub at: Ms,
    pub fault: Option<Fault>,
}

/// How late a late effect is: less than the bound that control allows for (two minutes).
const LATE_MS: Ms = 75_000;

type Late = Box<dyn FnOnce(&mut Inner)>;

#[derive(Default)]
pub struct Gate {
    pub plan: FaultPlan,
    pub calls: Vec<Call>,
    /// Set when the running function died or froze.
    pub stopped: Option<Fault>,
    late: Vec<(Ms, Late)>,
}

impl Gate {
    pub fn next_late(&self) -> Option<Ms> {
        self.late.iter().map(|(due, _)| *due).min()
    }
}

/// An answer that did not come.
pub struct Lost;

impl Sim {
    /// Passes a call through the gate. `effect` is what it does to the simulation.
    pub async fn call<T: 'static>(
        &self,
        name: &'static str,
        mutates: bool,
        on: &str,
        effect: impl FnOnce(&mut Inner) -> T + 'static,
    ) -> Result<T, Lost> {
        let fault = {
            let mut inner = self.0.borrow_mut();
            let number = inner.gate.calls.len();
            let fault = inner.gate.plan.get(&number).copied();
            let at = inner.now;
            inner.gate.calls.push(Call { name, mutates, on: on.to_owned(), at, fault });
            fault
        };
        match fault {
            None => Ok(effect(&mut self.0.borrow_mut())),
            Some(Fault::CrashBefore) => {
                self.stop(Fault::CrashBefore);
                std::future::pending().await
            }
            Some(Fault::AnswerThenCrash) => {
                effect(&mut self.0.borrow_mut());
                self.stop(Fault::AnswerThenCrash);
                std::future::pending().await
            }
            Some(Fault::EffectThenError) => {
                effect(&mut self.0.borrow_mut());
                Err(Lost)
            }
            Some(Fault::TimeoutThenLate) => {
                let mut inner = self.0.borrow_mut();
                let due = inner.now + LATE_MS;
                inner.gate.late.push((due, Box::new(move |inner| drop(effect(inner)))));
                Err(Lost)
            }
            Some(Fault::Freeze) => {
                self.stop(Fault::Freeze);
                yield_once().await;
                Ok(effect(&mut self.0.borrow_mut()))
            }
            Some(Fault::FreezeThenDie) => {
                self.stop(Fault::FreezeThenDie);
                yield_once().await;
                effect(&mut self.0.borrow_mut());
                self.stop(Fault::AnswerThenCrash);
                std::future::pending().await
            }
        }
    }

    fn stop(&self, how: Fault) {
        self.0.borrow_mut().gate.stopped = Some(how);
    }

    /// Lets the late effects land that are due.
    pub fn land_late(&self) {
        let due = {
            let mut inner = self.0.borrow_mut();
            let now = inner.now;
            let (due, rest): (Vec<_>, Vec<_>) = inner.gate.late.drain(..).partition(|(at, _)| *at <= now);
            inner.gate.late = rest;
            due
        };
        for (_, effect) in due {
            effect(&mut self.0.borrow_mut());
        }
    }
}

/// Gives the driver one chance to keep the future for later.
async fn yield_once() {
    let yielded = Cell::new(false);
    std::future::poll_fn(|_| if yielded.replace(true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending })
        .await;
}
