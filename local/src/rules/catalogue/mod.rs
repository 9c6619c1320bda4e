//! What is asserted of the simulated account, one behaviour at a time, each with the fact that it rests on.
//!
//! All of it goes through one door: a behaviour says what AWS does and checks it on a `Bench`, which is an account with
//! the rules before it, called as the protocols call it. Where a fact is uncertain, its switch is in `open`.

mod bench;
mod cloudfront;
mod cloudwatch;
mod medialive_audio;
mod medialive_channel;
mod medialive_inputs;
mod medialive_schedule;
mod medialive_states;
mod medialive_video;
mod mediapackage;
mod open;
mod protocols;
mod recipe;
mod requests;
mod secretsmanager;
mod sqs;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bench::Bench;

/// One thing that AWS does.
pub struct Behaviour {
    /// Where it is written: `aws-facts N` or `aws-facts N.M`, and the numbers of the recipe's mistakes that it is about.
    pub fact: &'static str,
    /// The behaviour in a sentence.
    pub says: &'static str,
    pub check: fn(&mut Bench),
}

/// Writes a behaviour down.
const fn behaviour(fact: &'static str, says: &'static str, check: fn(&mut Bench)) -> Behaviour {
    Behaviour { fact, says, check }
}

/// Everything that is asserted, by service.
const CATALOGUE: &[(&str, &[Behaviour])] = &[
    ("the protocols", protocols::BEHAVIOURS),
    ("MediaLive inputs and groups", medialive_inputs::BEHAVIOURS),
    ("MediaLive channels", medialive_channel::BEHAVIOURS),
    ("MediaLive video", medialive_video::BEHAVIOURS),
    ("MediaLive audio, captions, input loss", medialive_audio::BEHAVIOURS),
    ("MediaLive states, conflicts, quotas", medialive_states::BEHAVIOURS),
    ("MediaLive class, pipelines, alerts, schedule", medialive_schedule::BEHAVIOURS),
    ("the recipe's requests", recipe::BEHAVIOURS),
    ("MediaPackage", mediapackage::BEHAVIOURS),
    ("CloudFront", cloudfront::BEHAVIOURS),
    ("CloudWatch alarms", cloudwatch::BEHAVIOURS),
    ("Secrets Manager", secretsmanager::BEHAVIOURS),
    ("SQS", sqs::BEHAVIOURS),
];

fn all() -> impl Iterator<Item = &'static Behaviour> {
    CATALOGUE.iter().flat_map(|(_, behaviours)| behaviours.iter())
}

/// `aws-facts 1.9`, `aws-facts 5.4b`, and perhaps `, mistake 34` after it.
fn is_citation(fact: &str) -> bool {
    let mut parts = fact.split(", ");
    let section = parts.next().and_then(|part| part.strip_prefix("aws-facts "));
    let section_ok = section.is_some_and(|section| {
        let (chapter, rest) = section.split_once('.').unwrap_or((section, "1"));
        let rest = rest.strip_suffix('b').unwrap_or(rest);
        ["0", "1", "2", "3", "4", "5", "7"].contains(&chapter)
            && rest.parse::<u8>().is_ok_and(|n| (1..=14).contains(&n))
    });
    let mistake =
        |part: &str| part.strip_prefix("mistake ").and_then(|n| n.parse::<u8>().ok()).is_some_and(|n| n <= 93);
    section_ok && parts.all(mistake)
}

#[test]
fn a_hundred_and_fifty_behaviours_are_asserted() {
    let count = all().count();
    assert!(count >= 150, "{count}");
    let said: BTreeSet<_> = all().map(|it| it.says).collect();
    assert_eq!(said.len(), count, "two behaviours say the same");
}

#[test]
fn every_behaviour_cites_its_fact() {
    for it in all() {
        assert!(is_citation(it.fact), "{}: {:?} is not a citation", it.says, it.fact);
    }
    for wrong in ["", "1.9", "aws-facts", "aws-facts 9.1", "aws-facts 1.x", "aws-facts 1.9, mistake", "aws-facts 6"] {
        assert!(!is_citation(wrong), "{wrong}");
    }
}

#[test]
fn the_account_behaves_as_the_catalogue_says() {
    let mut broken = Vec::new();
    for (part, behaviours) in CATALOGUE {
        for it in *behaviours {
            let run = || (it.check)(&mut Bench::new());
            if catch_unwind(AssertUnwindSafe(run)).is_err() {
                broken.push(format!("{part}: {} ({})", it.says, it.fact));
            }
        }
    }
    assert!(broken.is_empty(), "{} behaviours do not hold:\n{}", broken.len(), broken.join("\n"));
}
