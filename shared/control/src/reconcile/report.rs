//! What the loop tells whoever watches: one line for each step that is finished or refused, one for each new phase. Those with
//! a `metric` count in CloudWatch too. Nothing of an object's insides is said, so that no secret can be.

use headend_domain::action::{Outcome, RefusalKind, Verb};
use headend_domain::phase::{Phase, phase};
use headend_domain::record::Record;
use headend_domain::time::Timestamp;

/// What a line says of a step beside its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A look that changed nothing; there are many.
    Looked,
    Finished,
    /// It will be tried again.
    Refused,
    /// A person has to do something.
    Failed,
}

impl Step {
    fn of(outcome: &Outcome) -> Self {
        match (&outcome.result, outcome.verb) {
            (Ok(_), Verb::Find | Verb::Observe | Verb::Compare) => Self::Looked,
            (
                Ok(_),
                Verb::Create
                | Verb::Start
                | Verb::Stop
                | Verb::Disable
                | Verb::Update
                | Verb::Tag
                | Verb::Delete
                | Verb::Restart
                | Verb::Switch
                | Verb::Publish,
            ) => Self::Finished,
            (Err(refusal), _) => match refusal.kind {
                RefusalKind::Throttled | RefusalKind::Unsure | RefusalKind::Conflict | RefusalKind::NotSent => {
                    Self::Refused
                }
                RefusalKind::Quota | RefusalKind::Denied | RefusalKind::Rejected => Self::Failed,
            },
        }
    }
}

/// One line for an outcome that `accept` has not seen yet.
pub fn step(record: &Record, outcome: &Outcome, duration_ms: i64) {
    let (platform, generation) = (&record.asked.key, record.asked.generation);
    let (phase, action, slot) = (phase(record).word(), word(outcome.verb), &outcome.slot);
    let doing = record.state.slots.get(slot).and_then(|state| state.doing.as_ref());
    let attempt = doing.map_or(1, |doing| doing.tries.max(1));
    let refusal = outcome.result.as_ref().err();
    let (code, says) = refusal.map_or(("", ""), |refusal| (refusal.code.as_str(), refusal.message.as_str()));
    match Step::of(outcome) {
        Step::Looked => {
            tracing::debug!(%platform, generation, phase, %slot, action, attempt, duration_ms, "looked");
        }
        Step::Finished => {
            tracing::info!(metric = "Steps", %platform, generation, phase, %slot, action, attempt, duration_ms, "step finished");
        }
        Step::Refused => {
            tracing::info!(
                metric = "StepRetries", %platform, generation, phase, %slot, action, attempt, duration_ms, code, says,
                "step refused for now"
            );
        }
        Step::Failed => {
            tracing::warn!(
                metric = "StepFailures", %platform, generation, phase, %slot, action, attempt, duration_ms, code, says,
                "step failed"
            );
        }
    }
}

/// One line for a phase that is saved.
pub fn reached(record: &Record, from: Phase, to: Phase, now: Timestamp) {
    let (platform, generation) = (&record.asked.key, record.asked.generation);
    let (from, phase) = (from.word(), to.word());
    let (_, asked_at) = record.wanted_by();
    let asked_secs = now.millis_since(asked_at) / 1000;
    let metric = counted(to);
    if to == Phase::Failed {
        tracing::warn!(metric, %platform, generation, from, phase, asked_secs, "phase reached");
    } else {
        tracing::info!(metric, %platform, generation, from, phase, asked_secs, "phase reached");
    }
    // Once a life, as long as the producer starts nothing before.
    if to == Phase::Ready && from == Phase::Provisioning.word() && generation == 1 {
        tracing::info!(metric = "TimeToReady", value = asked_secs, unit = "Seconds", %platform, "ready for the first time");
    }
    if to == Phase::Live {
        tracing::info!(metric = "TimeToLive", value = asked_secs, unit = "Seconds", %platform, "on air");
    }
}

/// The metric that counts the platforms which reach a phase.
fn counted(phase: Phase) -> &'static str {
    match phase {
        Phase::Provisioning => "ReachedProvisioning",
        Phase::Ready => "ReachedReady",
        Phase::Starting => "ReachedStarting",
        Phase::Live => "ReachedLive",
        Phase::Stopping => "ReachedStopping",
        Phase::TearingDown => "ReachedTearingDown",
        Phase::Gone => "ReachedGone",
        Phase::Failed => "ReachedFailed",
    }
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Find => "find",
        Verb::Observe => "observe",
        Verb::Start => "start",
        Verb::Stop => "stop",
        Verb::Disable => "disable",
        Verb::Update => "update",
        Verb::Tag => "tag",
        Verb::Delete => "delete",
        Verb::Restart => "restart",
        Verb::Switch => "switch",
        Verb::Compare => "compare",
        Verb::Publish => "publish",
    }
}
