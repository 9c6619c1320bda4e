//! What every implementation of the store's ports must do, as one suite: run against the table in memory and against
//! the DynamoDB table. Each check panics with what it found.

mod calendar;
mod tenancy;
mod webhooks;

use crate::store::{
    Acceptance, Due, Fact, Inbox, InboxItem, Intents, Lease, LeaseChange, Loaded, Lookup, Remembered, Save, Steps,
    StoreError, Tenants, TimelineEntry, Views, shard_of,
};
use crate::webhooks::{Deliveries, Webhooks};
use headend_domain::accept::NoteKind;
use headend_domain::ids::{PlatformKey, platform_id};
use headend_domain::outbox::{Kind, Message};
use headend_domain::phase::Phase;
use headend_domain::record::{Asked, Intent, SCHEMA, Want};
use headend_domain::slot::Slot;
use headend_domain::spec;
use headend_domain::time::Timestamp;

/// Everything that a store offers.
pub trait Store: Intents + Steps + Due + Views + Lookup + Inbox + Tenants + Webhooks + Deliveries {}
impl<T: Intents + Steps + Due + Views + Lookup + Inbox + Tenants + Webhooks + Deliveries> Store for T {}

const START: Timestamp = Timestamp(1_767_225_600_000);

/// Runs the whole suite. `tenant` keeps repeated runs on one table apart; `held` tells how many platforms and how many
/// running channels a tenant is counted to have, `name` writes a machine client's tenant down, as an operator does.
pub async fn run<S: Store>(
    store: &S,
    tenant: &str,
    held: impl AsyncFn(String) -> (i64, i64),
    name: impl AsyncFn(String, String),
) {
    accepts_and_loads(store, tenant).await;
    accepts_each_token_once(store, tenant).await;
    refuses_what_is_not_expected(store, tenant).await;
    remembers_idempotency_keys(store, tenant).await;
    saves_and_finds_lost_saves(store, tenant).await;
    one_of_two_writers_wins(store, tenant).await;
    leases_and_pokes(store, tenant).await;
    due_platforms_are_claimed_once(store, tenant).await;
    facts_are_folded_in(store, tenant).await;
    messages_wait_in_their_order(store, tenant).await;
    lists_and_journals_by_page(store, tenant).await;
    calendar::keeps_planned_events_beside_the_spec(store, tenant).await;
    calendar::counts_a_channel_once_whoever_wants_it(store, tenant, &held).await;
    tenancy::counts_what_a_tenant_has(store, tenant, &held).await;
    tenancy::refuses_more_than_a_tenant_may_have(store, tenant, &held).await;
    tenancy::tells_whose_a_platform_and_a_client_is(store, tenant, &name).await;
    tenancy::shows_a_tenant_nothing_of_another(store, tenant).await;
    webhooks::keeps_webhooks(store, tenant).await;
    webhooks::keeps_deliveries(store, tenant).await;
}

fn asked(tenant: &str, number: u8) -> Asked {
    let spec =
        spec::read(&serde_json::json!({"name": format!("platform {number}")})).expect("a name is a whole request");
    // An id has five bits of each byte, and is one platform's whatever its tenant.
    let mut random = [number; 16];
    random[0] = number / 32;
    Asked {
        schema: SCHEMA,
        key: PlatformKey::new(tenant, &platform_id(random)),
        created_at: START.plus_secs(i64::from(number)),
        spec,
        intent: Intent { want: Want::Idle, by: "test".to_owned(), at: START, said_at: None },
        generation: 1,
        stream_key: "0123456789abcdef".to_owned(),
        rotated_stream_keys: std::collections::BTreeMap::new(),
        secret_rotations: 0,
        unknown: serde_json::Map::new(),
    }
}

fn acceptance<'a>(asked: &'a Asked, expect_generation: Option<u64>, token: &str) -> Acceptance<'a> {
    Acceptance {
        asked,
        expect_generation,
        remembered: None,
        tally: None,
        counted: None,
        entry: entry("01KDVDR2G00000000000000000", "asked"),
        token: format!("{}-{token}", asked.key.id),
        now: START,
    }
}

fn entry(ulid: &str, text: &str) -> TimelineEntry {
    TimelineEntry { ulid: ulid.to_owned(), at: START, text: text.to_owned(), count: 1, kind: None }
}

async fn fresh<S: Store>(store: &S, tenant: &str, number: u8) -> (Asked, Loaded) {
    let asked = asked(tenant, number);
    store.accept(&acceptance(&asked, None, "create")).await.expect("a new platform is accepted");
    let loaded = load(store, &asked.key).await;
    (asked, loaded)
}

async fn load<S: Store>(store: &S, key: &PlatformKey) -> Loaded {
    store.load(key).await.expect("loads").expect("is there")
}

fn save<'a>(asked: &'a Asked, loaded: &'a Loaded, id: &str, lease: LeaseChange) -> Save<'a> {
    Save {
        asked,
        state: &loaded.record.state,
        expect_version: loaded.version,
        save_id: id.to_owned(),
        lease,
        phase: Phase::Provisioning,
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

fn hold(holder: &str) -> LeaseChange {
    LeaseChange::Hold(Lease { holder: holder.to_owned(), until: START.plus_secs(45) })
}

async fn accepts_and_loads<S: Store>(store: &S, tenant: &str) {
    let (asked, loaded) = fresh(store, tenant, 1).await;
    assert_eq!(loaded.record.asked, asked);
    assert_eq!((loaded.version, loaded.asked_generation, loaded.due_at), (0, 1, Some(START)));
    assert_eq!((loaded.lease, loaded.inbox), (None, Vec::new()));
    assert_eq!(store.load(&PlatformKey::new(tenant, "p-nosuchplatfo")).await, Ok(None));
}

async fn accepts_each_token_once<S: Store>(store: &S, tenant: &str) {
    let (asked, _) = fresh(store, tenant, 2).await;
    // The answer was lost and the same write is sent again.
    assert_eq!(store.accept(&acceptance(&asked, None, "create")).await, Ok(()));
    assert_eq!(store.accept(&acceptance(&asked, None, "another")).await, Err(StoreError::Conflict));
}

async fn refuses_what_is_not_expected<S: Store>(store: &S, tenant: &str) {
    let (mut asked, before) = fresh(store, tenant, 3).await;
    asked.generation = 2;
    asked.intent.want = Want::Live;
    store.accept(&acceptance(&asked, Some(1), "start")).await.expect("the generation is as expected");
    assert_eq!(store.accept(&acceptance(&asked, Some(1), "late")).await, Err(StoreError::Conflict));
    let after = load(store, &asked.key).await;
    assert_eq!((after.record.asked.generation, after.asked_generation), (2, 2));
    assert_eq!(after.version, before.version, "a request does not touch STATE's version");
    assert!(after.pokes > before.pokes, "the lease holder is told");
    let nobody = self::asked(tenant, 4);
    assert_eq!(store.accept(&acceptance(&nobody, Some(1), "start")).await, Err(StoreError::Conflict));
}

async fn remembers_idempotency_keys<S: Store>(store: &S, tenant: &str) {
    let first = asked(tenant, 5);
    let remembered = Remembered {
        key: "key-1".to_owned(),
        fingerprint: "f".to_owned(),
        status: 202,
        location: Some("/platforms/p".to_owned()),
        body: "{}".to_owned(),
    };
    let with_key = |asked, token| Acceptance { remembered: Some(remembered.clone()), ..acceptance(asked, None, token) };
    store.accept(&with_key(&first, "create")).await.expect("the key is new");
    assert_eq!(store.remembered(tenant, "key-1").await, Ok(Some(remembered.clone())));
    assert_eq!(store.remembered(tenant, "key-2").await, Ok(None));
    let second = asked(tenant, 6);
    assert_eq!(store.accept(&with_key(&second, "create")).await, Err(StoreError::Conflict));
    assert_eq!(store.load(&second.key).await, Ok(None), "all or nothing");
}

async fn saves_and_finds_lost_saves<S: Store>(store: &S, tenant: &str) {
    let (asked, mut loaded) = fresh(store, tenant, 7).await;
    loaded.record.state.seen_generation = 1;
    let arn = format!("arn:aws:medialive:eu-west-1:123456789012:channel:{tenant}");
    let first = Save {
        arns: vec![(arn.clone(), Slot::Channel)],
        timeline: vec![entry("01KDVDR2G00000000000000001", "channel: made")],
        phase: Phase::Ready,
        ..save(&asked, &loaded, "save-1", hold("a"))
    };
    store.save(&first).await.expect("the version is as expected");
    let after = load(store, &asked.key).await;
    assert_eq!((after.version, after.saved_by.as_str()), (1, "save-1"));
    assert_eq!(after.record.state.seen_generation, 1);
    assert_eq!(after.due_at, Some(START.plus_secs(46)), "due again once the lease is over");
    assert_eq!(store.platform_of(&arn).await, Ok(Some((asked.key.clone(), Slot::Channel))));
    assert_eq!(store.platform_of("arn:of:nobody").await, Ok(None));
    // The same save again, its answer lost: refused, and recognised by its id.
    assert_eq!(store.save(&first).await, Err(StoreError::Conflict));
    assert_eq!(load(store, &asked.key).await.saved_by, "save-1");
    let dropped = Save { dropped_arns: vec![arn.clone()], ..save(&asked, &after, "save-2", hold("a")) };
    store.save(&dropped).await.expect("the version is as expected");
    assert_eq!(store.platform_of(&arn).await, Ok(None), "an object that is gone has no name any more");
}

async fn one_of_two_writers_wins<S: Store>(store: &S, tenant: &str) {
    let (asked, loaded) = fresh(store, tenant, 8).await;
    let (a, b) = (save(&asked, &loaded, "a", hold("a")), save(&asked, &loaded, "b", hold("b")));
    let (a, b) = futures::join!(store.save(&a), store.save(&b));
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1, "{a:?} {b:?}");
    let after = load(store, &asked.key).await;
    assert_eq!(after.saved_by, if a.is_ok() { "a" } else { "b" });
    assert_eq!(after.lease.map(|lease| lease.holder), Some(after.saved_by));
}

async fn leases_and_pokes<S: Store>(store: &S, tenant: &str) {
    let (asked, loaded) = fresh(store, tenant, 9).await;
    assert_eq!(store.poke(&asked.key, "a").await, Ok(false), "nobody holds a lease");
    store.save(&save(&asked, &loaded, "1", hold("a"))).await.expect("takes the lease");
    let held = load(store, &asked.key).await;
    assert_eq!(store.poke(&asked.key, "b").await, Ok(false), "b does not hold it");
    assert_eq!(store.poke(&asked.key, "a").await, Ok(true));
    let release = |pokes, due_at| LeaseChange::Release { pokes, due_at };
    let unaware = save(&asked, &held, "2", release(held.pokes, None));
    assert_eq!(store.save(&unaware).await, Err(StoreError::Conflict), "a poked lease is not given back unseen");
    let poked = load(store, &asked.key).await;
    let later = Some(START.plus_secs(300));
    store.save(&save(&asked, &poked, "3", release(poked.pokes, later))).await.expect("the poke was seen");
    let after = load(store, &asked.key).await;
    assert_eq!((after.lease.clone(), after.due_at), (None, later));
    store.save(&save(&asked, &after, "4", LeaseChange::Keep)).await.expect("an outcome without the lease");
    let kept = load(store, &asked.key).await;
    assert_eq!((kept.lease.clone(), kept.due_at, kept.version), (None, later, after.version + 1));
    store.save(&save(&asked, &kept, "5", release(kept.pokes, None))).await.expect("settles");
    assert_eq!(load(store, &asked.key).await.due_at, None);
}

async fn due_platforms_are_claimed_once<S: Store>(store: &S, tenant: &str) {
    let (asked, _) = fresh(store, tenant, 10).await;
    let shard = shard_of(&asked.key);
    let due = store.due(shard, START, 100).await.expect("reads the index");
    assert!(due.contains(&(asked.key.clone(), START)), "{due:?}");
    let early = store.due(shard, START.plus_millis(-1), 100).await.expect("reads the index");
    assert!(!early.iter().any(|(key, _)| *key == asked.key), "not due yet");
    let until = START.plus_secs(60);
    assert_eq!(store.claim(&asked.key, START, until).await, Ok(true));
    assert_eq!(store.claim(&asked.key, START, until).await, Ok(false), "somebody else was faster");
    assert_eq!(load(store, &asked.key).await.due_at, Some(until));
    store.set_aside(&asked.key).await.expect("sets aside");
    let due = store.due(shard, START.plus_secs(3600), 100).await.expect("reads the index");
    assert!(!due.iter().any(|(key, _)| *key == asked.key), "set aside");
}

async fn facts_are_folded_in<S: Store>(store: &S, tenant: &str) {
    let (asked, before) = fresh(store, tenant, 11).await;
    let item = InboxItem { id: "event-1".to_owned(), fact: Fact::Hint { slot: Slot::Channel } };
    let now = START.plus_secs(5);
    store.put_fact(&asked.key, &item, now).await.expect("puts");
    store.put_fact(&asked.key, &item, now).await.expect("puts the same again");
    let loaded = load(store, &asked.key).await;
    assert_eq!(loaded.inbox, vec![item]);
    assert!(loaded.pokes > before.pokes && loaded.due_at == Some(now));
    let folded = Save { folded: vec!["event-1".to_owned()], ..save(&asked, &loaded, "fold", hold("a")) };
    store.save(&folded).await.expect("saves");
    assert_eq!(load(store, &asked.key).await.inbox, Vec::new());
    let nobody = self::asked(tenant, 12);
    let refused = store
        .put_fact(&nobody.key, &InboxItem { id: "x".to_owned(), fact: Fact::Hint { slot: Slot::Channel } }, now)
        .await;
    assert_eq!(refused, Err(StoreError::Conflict));
}

async fn messages_wait_in_their_order<S: Store>(store: &S, tenant: &str) {
    let (asked, before) = fresh(store, tenant, 13).await;
    let message =
        |sequence| Message { sequence, kind: Kind::Ready, at: START, data: serde_json::json!({"n": sequence}) };
    let all: Vec<Message> = [9, 10, 11].map(message).to_vec();
    let told = Save { messages: all.clone(), ..save(&asked, &before, "tell", hold("a")) };
    store.save(&told).await.expect("saves");
    let loaded = load(store, &asked.key).await;
    assert_eq!(loaded.record.messages, all);
    let sent = Save { told: vec![9, 11], messages: vec![message(12)], ..save(&asked, &loaded, "sent", hold("a")) };
    store.save(&sent).await.expect("saves");
    assert_eq!(load(store, &asked.key).await.record.messages, [10, 12].map(message));
}

async fn lists_and_journals_by_page<S: Store>(store: &S, tenant: &str) {
    let tenant = format!("{tenant}-pages");
    for number in 21..=25 {
        let (asked, loaded) = fresh(store, &tenant, number).await;
        let phase = if number % 2 == 0 { Phase::Live } else { Phase::Ready };
        let line = |n| entry(&format!("01KDVDR2G0000000000000010{n}"), &format!("line {n}"));
        let timeline = (0..3).map(|n| TimelineEntry { kind: Some(NoteKind::Remedy), ..line(n) }).collect();
        let written = Save { phase, timeline, ..save(&asked, &loaded, "1", hold("a")) };
        store.save(&written).await.expect("saves");
    }
    let mut names = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = store.list(&tenant, None, cursor.as_deref(), 2).await.expect("lists");
        assert!(page.items.len() <= 2);
        names.extend(page.items.into_iter().map(|item| item.name));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(
        names,
        ["platform 25", "platform 24", "platform 23", "platform 22", "platform 21"],
        "newest first, each once"
    );
    let live = store.list(&tenant, Some(Phase::Live), None, 10).await.expect("lists");
    assert_eq!(live.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["platform 24", "platform 22"]);
    let key = asked(&tenant, 21).key;
    let first = store.timeline(&key, None, 3).await.expect("reads");
    assert_eq!(first.items.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["line 2", "line 1", "line 0"]);
    let rest = store.timeline(&key, first.next.as_deref(), 3).await.expect("reads on");
    assert_eq!(rest.items.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["asked"]);
    let kinds: Vec<_> = first.items.iter().chain(&rest.items).map(|it| it.kind).collect();
    assert_eq!(kinds, [Some(NoteKind::Remedy), Some(NoteKind::Remedy), Some(NoteKind::Remedy), None]);
    // The moment that the ids of these lines begin with.
    let written = START.plus_millis(90_624);
    let within = store.timeline_of(&key, written, written, 10).await.expect("reads");
    assert_eq!(within.items, [first.items, rest.items].concat(), "both ends are within, the newest first");
    let some = store.timeline_of(&key, written, written, 2).await.expect("reads");
    assert_eq!((&some.items[..], some.next.is_some()), (&within.items[..2], true), "the newest, and word of the rest");
    for (from, until) in [(written.plus_millis(1), written.plus_secs(60)), (Timestamp(0), written.plus_millis(-1))] {
        assert_eq!(store.timeline_of(&key, from, until, 10).await.expect("reads").items, Vec::new());
    }
    let bad = store.list(&tenant, None, Some("!!"), 2).await;
    assert!(matches!(&bad, Err(StoreError::Failed(why)) if why.contains("cursor")), "{bad:?}");
}
