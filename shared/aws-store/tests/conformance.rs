//! The table on an embedded DynamoDB: control's conformance suite, and what only this implementation can get
//! wrong.

// The helpers of a test may panic like the test itself.
#![allow(clippy::unwrap_used)]

mod limits;
mod table;

use headend_aws_store::table::Table;
use headend_control::conformance;
use headend_control::store::{
    Acceptance, Fact, Inbox, InboxItem, Intents, Lease, LeaseChange, Loaded, Records, Save, Steps, StoreError,
    TimelineEntry, Views,
};
use headend_domain::ids::PlatformKey;
use headend_domain::phase::Phase;
use headend_domain::record::{Asked, Intent, SCHEMA, Want};
use headend_domain::slot::Slot;
use headend_domain::spec;
use headend_domain::time::Timestamp;
use table::Dynamo;

const START: Timestamp = Timestamp(1_767_225_600_000);

fn asked(id: &str) -> Asked {
    Asked {
        schema: SCHEMA,
        key: PlatformKey::new("default", id),
        created_at: START,
        spec: spec::read(&serde_json::json!({"name": "platform"})).unwrap(),
        intent: Intent { want: Want::Idle, by: "test".to_owned(), at: START, said_at: None },
        generation: 1,
        stream_key: "0123456789abcdef".to_owned(),
        rotated_stream_keys: std::collections::BTreeMap::new(),
        secret_rotations: 0,
        unknown: serde_json::Map::new(),
    }
}

fn entry(number: usize) -> TimelineEntry {
    TimelineEntry {
        kind: None,
        ulid: format!("01KDVDR2G0000000000000{number:04}"),
        at: START,
        text: format!("line {number}"),
        count: 1,
    }
}

async fn accepted(store: &Table, asked: &Asked) -> Loaded {
    let token = format!("{}-create", asked.key.id);
    let acceptance = Acceptance {
        asked,
        expect_generation: None,
        remembered: None,
        tally: None,
        counted: None,
        entry: entry(0),
        token,
        now: START,
    };
    store.accept(&acceptance).await.unwrap();
    store.load(&asked.key).await.unwrap().unwrap()
}

fn save<'a>(asked: &'a Asked, loaded: &'a Loaded, phase: Phase) -> Save<'a> {
    Save {
        asked,
        state: &loaded.record.state,
        expect_version: loaded.version,
        save_id: "save".to_owned(),
        lease: LeaseChange::Hold(Lease { holder: "a".to_owned(), until: START.plus_secs(45) }),
        phase,
        timeline: Vec::new(),
        arns: Vec::new(),
        dropped_arns: Vec::new(),
        folded: Vec::new(),
        messages: Vec::new(),
        told: Vec::new(),
        tally: None,
        has_calendar: false,
        now: START,
    }
}

#[tokio::test]
async fn the_table_does_what_every_store_must_do() {
    let dynamo = Dynamo::start().await;
    let count =
        async |tenant: &str, name| dynamo.number(&format!("TENANT#{tenant}"), "COUNTS", name).await.unwrap_or_default();
    let held = async |tenant: String| (count(&tenant, "platforms").await, count(&tenant, "running").await);
    let name = async |client: String, tenant: String| {
        dynamo.overwrite(&format!("CLIENT#{client}"), "TENANT", "tenant", &tenant).await;
    };
    conformance::run(&dynamo.table, "default", held, name).await;
}

#[tokio::test]
async fn a_record_that_does_not_parse_is_poisoned_and_can_be_set_aside() {
    let dynamo = Dynamo::start().await;
    let asked = asked("p-000000000001");
    accepted(&dynamo.table, &asked).await;
    dynamo.overwrite("P#default#p-000000000001", "0#STATE", "doc", "{\"schema\": 1, \"slots\": 7}").await;
    let Err(StoreError::Poisoned { key, why }) = dynamo.table.load(&asked.key).await else {
        panic!("a broken record was read");
    };
    assert_eq!(key, asked.key);
    assert!(why.starts_with("STATE: "), "{why}");
    dynamo.table.set_aside(&asked.key).await.unwrap();
    dynamo.table.set_aside(&PlatformKey::new("default", "p-nobody000000")).await.unwrap();
}

#[tokio::test]
async fn attributes_of_other_writers_survive_a_save_and_a_request() {
    let dynamo = Dynamo::start().await;
    let mut asked = asked("p-000000000002");
    let loaded = accepted(&dynamo.table, &asked).await;
    for sk in ["0#STATE", "1#SPEC"] {
        dynamo.overwrite("P#default#p-000000000002", sk, "foreign", "kept").await;
    }
    dynamo.table.save(&save(&asked, &loaded, Phase::Ready)).await.unwrap();
    asked.generation = 2;
    let token = "p-000000000002-start".to_owned();
    let acceptance = Acceptance {
        asked: &asked,
        expect_generation: Some(1),
        remembered: None,
        tally: None,
        counted: None,
        entry: entry(1),
        token,
        now: START,
    };
    dynamo.table.accept(&acceptance).await.unwrap();
    for sk in ["0#STATE", "1#SPEC"] {
        assert_eq!(dynamo.text("P#default#p-000000000002", sk, "foreign").await.as_deref(), Some("kept"), "{sk}");
    }
}

#[tokio::test]
async fn a_save_with_more_than_a_transaction_holds_keeps_names_and_facts_and_the_newest_lines() {
    let dynamo = Dynamo::start().await;
    let asked = asked("p-000000000003");
    let loaded = accepted(&dynamo.table, &asked).await;
    let fact = |n: usize| InboxItem { id: format!("event-{n:03}"), fact: Fact::Hint { slot: Slot::Channel } };
    for number in 0..3 {
        dynamo.table.put_fact(&asked.key, &fact(number), START).await.unwrap();
    }
    let arns = (0..60).map(|n| (format!("arn:{n}"), Slot::Input(format!("i{n}")))).collect();
    let folded = (0..3).map(|n| fact(n).id).collect();
    let timeline = (1..=80).map(entry).collect();
    dynamo.table.save(&Save { arns, folded, timeline, ..save(&asked, &loaded, Phase::Ready) }).await.unwrap();

    let after = dynamo.table.load(&asked.key).await.unwrap().unwrap();
    assert_eq!((after.version, after.inbox.len()), (1, 0));
    let page = dynamo.table.timeline(&asked.key, None, 200).await.unwrap();
    let newest: Vec<&str> = page.items.iter().take(2).map(|entry| entry.text.as_str()).collect();
    assert_eq!(newest, ["line 80", "line 79"]);
    // 100 actions, less STATE, 60 names and 3 facts, and the line of the acceptance.
    assert_eq!(page.items.len(), 36 + 1);
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn what_is_gone_is_forgotten_later_and_what_lives_is_not() {
    let dynamo = Dynamo::start().await;
    let asked = asked("p-000000000004");
    let mut loaded = accepted(&dynamo.table, &asked).await;
    dynamo.table.save(&save(&asked, &loaded, Phase::TearingDown)).await.unwrap();
    assert_eq!(dynamo.number("P#default#p-000000000004", "0#STATE", "expires_at").await, None);
    loaded.version = 1;
    loaded.record.state.gone_at = Some(START.plus_secs(10));
    dynamo.table.save(&save(&asked, &loaded, Phase::Gone)).await.unwrap();
    let expected = Some(START.0 / 1000 + 10 + 30 * 86_400);
    let platform = "P#default#p-000000000004";
    for (pk, sk) in [(platform, "0#STATE"), (platform, "1#SPEC"), ("ID#p-000000000004", "TENANT")] {
        assert_eq!(dynamo.number(pk, sk, "expires_at").await, expected, "{pk} {sk}");
    }
    assert_eq!(dynamo.text("ID#p-000000000004", "TENANT", "tenant").await.as_deref(), Some("default"));
}

#[tokio::test]
async fn of_many_writers_at_once_exactly_one_wins_each_version() {
    let dynamo = Dynamo::start().await;
    let asked = asked("p-000000000005");
    let mut loaded = accepted(&dynamo.table, &asked).await;
    for round in 0..5 {
        let writers: Vec<Save<'_>> = (0..6)
            .map(|n| Save {
                save_id: format!("{round}-{n}"),
                timeline: vec![entry(n)],
                ..save(&asked, &loaded, Phase::Ready)
            })
            .collect();
        let results = futures::future::join_all(writers.iter().map(|writer| dynamo.table.save(writer))).await;
        let won: Vec<usize> = (0..6).filter(|n| results[*n].is_ok()).collect();
        assert_eq!(won.len(), 1, "{results:?}");
        assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(StoreError::Conflict))), "{results:?}");
        let after = dynamo.table.load(&asked.key).await.unwrap().unwrap();
        assert_eq!(after.saved_by, format!("{round}-{}", won[0]));
        loaded.version = after.version;
    }
    assert_eq!(loaded.version, 5);
}

#[tokio::test]
async fn a_table_that_does_not_answer_leaves_it_unsure_whether_it_was_written() {
    let unreachable = table::nobody_listens().await;
    let asked = asked("p-000000000006");
    let token = "t".to_owned();
    let acceptance = Acceptance {
        asked: &asked,
        expect_generation: None,
        remembered: None,
        tally: None,
        counted: None,
        entry: entry(0),
        token,
        now: START,
    };
    assert!(matches!(unreachable.accept(&acceptance).await, Err(StoreError::Unsure(_))));
    assert!(matches!(unreachable.load(&asked.key).await, Err(StoreError::Unsure(_))));
}

#[tokio::test]
async fn a_table_that_refuses_has_written_nothing() {
    let dynamo = Dynamo::start().await;
    let missing = dynamo.other_table("no-such-table");
    assert!(matches!(missing.load(&asked("p-000000000007").key).await, Err(StoreError::Failed(_))));
}
