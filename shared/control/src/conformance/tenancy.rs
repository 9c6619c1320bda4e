//! What a store must do about tenants: count what each has in the very write that changes it, refuse what is too much,
//! know whose a platform is, and show nobody what is another's.

use super::{START, Store, acceptance, asked, entry, fresh, hold, load, save};
use crate::store::{Acceptance, Counter, Remembered, Save, StoreError, Tally};
use headend_domain::ids::PlatformKey;
use headend_domain::phase::Phase;
use headend_domain::record::{Asked, Want};

#[allow(clippy::unnecessary_wraps)]
fn more(counter: Counter, most: u32) -> Option<Tally> {
    Some(Tally::OneMore { counter, most })
}

#[allow(clippy::unnecessary_wraps)]
fn less(counter: Counter) -> Option<Tally> {
    Some(Tally::OneLess { counter })
}

/// The next generation, which wants this.
fn wanting(asked: &Asked, want: Want) -> Asked {
    let mut next = asked.clone();
    next.generation += 1;
    next.intent.want = want;
    next
}

pub async fn counts_what_a_tenant_has<S: Store>(store: &S, tenant: &str, held: &impl AsyncFn(String) -> (i64, i64)) {
    let tenant = format!("{tenant}-counts");
    assert_eq!(held(tenant.clone()).await, (0, 0));
    let first = asked(&tenant, 31);
    let create = Acceptance { tally: more(Counter::Platforms, 0), ..acceptance(&first, None, "create") };
    store.accept(&create).await.expect("accepts");
    // The answer was lost, and the same request is sent again: counted once.
    store.accept(&create).await.expect("accepts the same token again");
    assert_eq!(held(tenant.clone()).await, (1, 0));
    let live = wanting(&first, Want::Live);
    let start = Acceptance { tally: more(Counter::Running, 0), ..acceptance(&live, Some(1), "start") };
    store.accept(&start).await.expect("accepts");
    // Somebody whose generation is old changes nothing, of the count either.
    let late = Acceptance { tally: more(Counter::Running, 0), ..acceptance(&live, Some(1), "late") };
    assert_eq!(store.accept(&late).await, Err(StoreError::Conflict));
    assert_eq!(held(tenant.clone()).await, (1, 1));
    let gone = wanting(&live, Want::Gone);
    let teardown = Acceptance { tally: less(Counter::Running), ..acceptance(&gone, Some(2), "teardown") };
    store.accept(&teardown).await.expect("accepts");
    assert_eq!(held(tenant.clone()).await, (1, 0), "what is being torn down is there");

    let mut loaded = load(store, &first.key).await;
    loaded.record.state.gone_at = Some(START);
    let last = Save { phase: Phase::Gone, tally: less(Counter::Platforms), ..save(&gone, &loaded, "gone", hold("a")) };
    store.save(&last).await.expect("saves");
    assert_eq!(held(tenant.clone()).await, (0, 0));
    assert_eq!(store.save(&last).await, Err(StoreError::Conflict), "the same again, its answer lost");
    assert_eq!(held(tenant).await, (0, 0));
}

pub async fn refuses_more_than_a_tenant_may_have<S: Store>(
    store: &S,
    tenant: &str,
    held: &impl AsyncFn(String) -> (i64, i64),
) {
    let tenant = format!("{tenant}-limits");
    let all: Vec<Asked> = (41..=44).map(|number| asked(&tenant, number)).collect();
    let create =
        |asked, token, most| Acceptance { tally: more(Counter::Platforms, most), ..acceptance(asked, None, token) };
    for asked in &all[..2] {
        store.accept(&create(asked, "create", 2)).await.expect("there is room");
    }
    let full = |counter, have, most| Err(StoreError::Full { counter, have, most });
    assert_eq!(store.accept(&create(&all[2], "create", 2)).await, full(Counter::Platforms, 2, 2));
    assert_eq!(store.load(&all[2].key).await, Ok(None), "all or nothing");
    assert_eq!(store.tenant_of_platform(&all[2].key.id).await, Ok(None), "all or nothing");
    assert_eq!(held(tenant.clone()).await, (2, 0));
    // A limit that was lowered below what there is, and one that was raised.
    assert_eq!(store.accept(&create(&all[2], "lower", 1)).await, full(Counter::Platforms, 2, 1));
    store.accept(&create(&all[2], "raised", 3)).await.expect("there is room again");
    store.accept(&create(&all[3], "none", 0)).await.expect("there is no limit");
    let start = |asked, most| Acceptance { tally: more(Counter::Running, most), ..acceptance(asked, Some(1), "start") };
    let live: Vec<Asked> = all.iter().map(|asked| wanting(asked, Want::Live)).collect();
    store.accept(&start(&live[0], 1)).await.expect("there is room");
    assert_eq!(store.accept(&start(&live[1], 1)).await, full(Counter::Running, 1, 1));
    assert_eq!(load(store, &all[1].key).await.asked_generation, 1, "all or nothing");
    let again = Acceptance { token: format!("{}-again", all[0].key.id), ..start(&live[0], 1) };
    assert_eq!(store.accept(&again).await, Err(StoreError::Conflict), "what was read is old: that comes first");
    assert_eq!(held(tenant).await, (4, 1));
}

pub async fn tells_whose_a_platform_and_a_client_is<S: Store>(
    store: &S,
    tenant: &str,
    name: &impl AsyncFn(String, String),
) {
    let (asked, _) = fresh(store, tenant, 51).await;
    let id = asked.key.id.as_str();
    assert_eq!(store.tenant_of_platform(id).await, Ok(Some(tenant.to_owned())));
    assert_eq!(store.tenant_of_platform("p-nosuchplatfo").await, Ok(None));
    // An id is one platform's, whatever tenant would like to have it.
    let taken = self::asked(&format!("{tenant}-other"), 51);
    assert_eq!(taken.key.id, id);
    let claim = Acceptance { token: "another-tenants".to_owned(), ..acceptance(&taken, None, "create") };
    assert_eq!(store.accept(&claim).await, Err(StoreError::Conflict));
    assert_eq!(store.tenant_of_platform(id).await, Ok(Some(tenant.to_owned())));
    let client = format!("client-of-{tenant}");
    assert_eq!(store.tenant_of_client(&client).await, Ok(None));
    name(client.clone(), tenant.to_owned()).await;
    assert_eq!(store.tenant_of_client(&client).await, Ok(Some(tenant.to_owned())));
}

pub async fn shows_a_tenant_nothing_of_another<S: Store>(store: &S, tenant: &str) {
    let (mine, theirs) = (format!("{tenant}-mine"), format!("{tenant}-theirs"));
    for number in [61, 63, 65] {
        fresh(store, &mine, number).await;
    }
    let remembered = Remembered {
        key: "one-key".to_owned(),
        fingerprint: "f".to_owned(),
        status: 202,
        location: None,
        body: "{}".to_owned(),
    };
    for number in [62, 64, 66] {
        let asked = asked(&theirs, number);
        let remembered = (number == 62).then(|| remembered.clone());
        let entry = entry("01KDVDR2G00000000000000000", "theirs");
        store.accept(&Acceptance { remembered, entry, ..acceptance(&asked, None, "create") }).await.expect("accepts");
    }
    let secret = asked(&theirs, 64).key;
    let guessed = PlatformKey::new(&mine, &secret.id);
    assert_eq!(store.load(&guessed).await, Ok(None));
    assert_eq!(store.timeline(&guessed, None, 10).await.expect("reads").items, Vec::new());
    assert_eq!(store.remembered(&mine, "one-key").await, Ok(None));
    // Whatever a cursor says that another list gave: only what is one's own comes of it.
    let page = store.list(&theirs, None, None, 1).await.expect("lists");
    for limit in [1, 10] {
        let stolen = store.list(&mine, None, page.next.as_deref(), limit).await.expect("lists");
        assert!(!stolen.items.is_empty() && stolen.items.iter().all(|item| !item.name.ends_with(['2', '4', '6'])));
    }
}
