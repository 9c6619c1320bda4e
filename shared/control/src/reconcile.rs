//! The small loop around the planner: load, lease, (plan, save the intentions, execute in parallel, absorb,
//! save)*, release. It never sleeps: a wait becomes a due time in the record and a delayed wake-up.

mod journal;
mod report;
mod session;

use crate::execute::{Account, Executor};
use crate::ports::{Clock, Entropy, Wakeups};
use crate::store::{Fact, Inbox, InboxItem, LeaseChange, Loaded, Steps, StoreError};
use futures::future::join_all;
use headend_domain::accept::Event;
use headend_domain::action::{Action, Outcome, Seen};
use headend_domain::ids::PlatformKey;
use headend_domain::limits::{ACTION_BUDGET_MILLIS, Limits, MAX_ROUNDS, MAX_WAKE_DELAY_SECS};
use headend_domain::plan::{Plan, plan};
use headend_domain::record::Want;
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;
pub use journal::{entry_id, ulids};
use session::Session;

/// What the loop works with; built once per function.
pub struct Reconciler<'a, S, A, Q, C, E> {
    pub store: &'a S,
    pub account: &'a A,
    pub wakeups: &'a Q,
    pub clock: &'a C,
    pub entropy: &'a E,
    pub stack: &'a str,
    pub limits: Limits,
    /// How many channels of one tenant may run at once; 0 is no limit.
    pub running_channels: u32,
}

/// News of AWS about one slot: which, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub slot: Slot,
    pub says: Option<Seen>,
}

/// How a wake-up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nobody knows the platform.
    Unknown,
    /// Another function works on it and has been told to look again.
    Busy,
    Waiting,
    Settled,
    /// Time ran out; a new wake-up goes on.
    Unfinished,
}

impl<S: Steps + Inbox, A: Account, Q: Wakeups, C: Clock, E: Entropy> Reconciler<'_, S, A, Q, C, E> {
    /// Brings the platform as far as it can come now. `hint` names a slot that AWS has news of; `deadline` is
    /// when the function will be killed.
    ///
    /// # Errors
    /// The store's error; the message is then delivered again.
    pub async fn reconcile(
        &self,
        key: &PlatformKey,
        hint: Option<Hint>,
        holder: &str,
        deadline: Timestamp,
    ) -> Result<Ended, StoreError> {
        let mut unsaved: Vec<Outcome> = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let Some(loaded) = self.load(key).await? else { return Ok(Ended::Unknown) };
            let now = self.clock.now();
            if let Some(lease) = loaded.lease.as_ref().filter(|lease| lease.until > now && lease.holder != holder) {
                let other = lease.holder.clone();
                if let Some(ended) = self.leave_to(loaded, &other, &mut unsaved, hint.as_ref(), holder).await? {
                    return Ok(ended);
                }
                continue;
            }
            let mut session = Session::begin(loaded, holder, self.limits);
            session.fold(hint.as_ref(), &unsaved, now);
            match session.attend(self.store, self.running_channels, now).await {
                Ok(()) => {}
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error),
            }
            match self.run(&mut session, &mut unsaved, deadline).await {
                // Somebody wrote in between: look at what is there now, with the outcomes in hand.
                Err(StoreError::Conflict) => {}
                other => return other,
            }
        }
        Err(StoreError::Conflict)
    }

    /// SPEC and STATE are read again when they are of different moments.
    async fn load(&self, key: &PlatformKey) -> Result<Option<Loaded>, StoreError> {
        for _ in 0..3 {
            match self.store.load(key).await? {
                Some(loaded) if loaded.is_torn() => {}
                other => return Ok(other),
            }
        }
        Err(StoreError::Unsure("the request and the state of the platform do not match yet".to_owned()))
    }

    /// Another function holds the lease: hand over what we know, tell it to look again. `None`: try anew.
    async fn leave_to(
        &self,
        loaded: Loaded,
        other: &str,
        unsaved: &mut Vec<Outcome>,
        hint: Option<&Hint>,
        holder: &str,
    ) -> Result<Option<Ended>, StoreError> {
        let key = loaded.record.asked.key.clone();
        if !unsaved.is_empty() {
            let mut session = Session::begin(loaded, holder, self.limits);
            session.absorb_late(unsaved, self.clock.now());
            match session.save(self.store, LeaseChange::Keep, self.clock.now()).await {
                Ok(()) => unsaved.clear(),
                Err(StoreError::Conflict) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        if let Some(hint) = hint {
            let item = InboxItem {
                id: format!("hint-{holder}-{}", hint.slot).replace('/', "-"),
                fact: Fact::Hint { slot: hint.slot.clone() },
            };
            self.store.put_fact(&key, &item, self.clock.now()).await?;
        }
        let poked = self.store.poke(&key, other).await?;
        Ok(poked.then_some(Ended::Busy))
    }

    async fn run(
        &self,
        session: &mut Session,
        unsaved: &mut Vec<Outcome>,
        deadline: Timestamp,
    ) -> Result<Ended, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let now = self.clock.now();
            match plan(&session.record, now, self.limits) {
                Plan::Act(actions) => {
                    if deadline.millis_since(now) < ACTION_BUDGET_MILLIS {
                        return self.hand_on(session, now).await;
                    }
                    self.act(session, &actions, unsaved).await?;
                }
                resting @ (Plan::Wait { .. } | Plan::Settled) => {
                    session.conclude(now);
                    if session.has_news(now) {
                        // Written down before it is told.
                        let lease = session.lease(now);
                        session.save(self.store, LeaseChange::Hold(lease), now).await?;
                        unsaved.clear();
                        continue;
                    }
                    let Plan::Wait { until, .. } = resting else {
                        return self.rest(session, None, Ended::Settled).await;
                    };
                    return self.rest(session, Some(until), Ended::Waiting).await;
                }
            }
        }
        self.hand_on(session, self.clock.now()).await
    }

    async fn act(
        &self,
        session: &mut Session,
        actions: &[Action],
        unsaved: &mut Vec<Outcome>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        if actions.iter().any(Action::mutates) {
            session.record.intend(actions, now);
            let lease = session.lease(now);
            session.save(self.store, LeaseChange::Hold(lease), now).await?;
            unsaved.clear();
        }
        let asked_at = self.clock.now();
        let executor = Executor { account: self.account, entropy: self.entropy, stack: self.stack, asked_at };
        // Boxed: the futures of a whole account's SDKs are large, and there are few of them.
        let running = actions.iter().map(|action| {
            let record = &session.record;
            Box::pin(async {
                let outcomes = executor.execute(record, action).await;
                (outcomes, self.clock.now().millis_since(asked_at))
            })
        });
        let done = join_all(running).await;
        let now = self.clock.now();
        for (outcome, took_ms) in done.into_iter().flat_map(|(all, took)| all.into_iter().map(move |one| (one, took))) {
            report::step(&session.record, &outcome, took_ms);
            session.accept(&Event::Outcome(outcome.clone()), now);
            unsaved.push(outcome);
        }
        Ok(())
    }

    /// Gives the lease back and arranges for the next look.
    async fn rest(&self, session: &mut Session, until: Option<Timestamp>, ended: Ended) -> Result<Ended, StoreError> {
        if session.untouched(until) {
            return Ok(ended);
        }
        let now = self.clock.now();
        let delay = until.map(|until| self.delay_secs(until, now)).filter(|secs| *secs <= MAX_WAKE_DELAY_SECS);
        let send = delay.is_some() && session.record.state.wake_at != until;
        if send {
            session.record.state.wake_at = until;
        }
        session.release(self.store, until, now).await?;
        if let (true, Some(delay)) = (send, delay) {
            self.wake(&session.record.asked.key, delay).await;
        }
        Ok(ended)
    }

    async fn hand_on(&self, session: &mut Session, now: Timestamp) -> Result<Ended, StoreError> {
        session.release(self.store, Some(now), now).await?;
        self.wake(&session.record.asked.key, 0).await;
        Ok(Ended::Unfinished)
    }

    /// A wake-up that does not get out costs time only: the platform is due, and the sweep will find it.
    async fn wake(&self, key: &PlatformKey, delay_secs: i64) {
        if let Err(why) = self.wakeups.wake(key, delay_secs).await {
            tracing::warn!(platform = %key, why, "no wake-up was sent; the sweep will look");
        }
    }

    /// Seconds of the account's time; the local cloud divides them again.
    fn delay_secs(&self, until: Timestamp, now: Timestamp) -> i64 {
        let millis = until.millis_since(now).max(0) as f64 * self.limits.time_scale;
        (millis / 1000.0).ceil() as i64
    }
}

/// Whether a settled record has nothing left to remove.
pub(crate) fn is_gone(record: &headend_domain::record::Record) -> bool {
    let clear = |state: &headend_domain::record::SlotState| state.object.is_none() && state.unsettled_until.is_none();
    record.asked.intent.want == Want::Gone
        && record.failure().is_none()
        && record.state.strays.is_empty()
        && record.state.slots.values().all(clear)
}
