//! What a store must do about planned events: keep the calendar beside SPEC and STATE, and count a channel once, whether a
//! request wants it live or the lease holder, for an event.

use super::{START, Store, acceptance, asked, entry, fresh, hold, load, save};
use crate::store::{Acceptance, CalendarChange, Counter, LeaseChange, Remembered, Save, StoreError, Tally};
use headend_domain::calendar::Calendar;
use headend_domain::ids::PlatformKey;
use headend_domain::record::Want;

fn change<'a>(key: &'a PlatformKey, calendar: &'a Calendar, token: &str) -> CalendarChange<'a> {
    CalendarChange {
        key,
        calendar,
        expect_version: calendar.version - 1,
        remembered: None,
        entry: entry("01KDVDR2G00000000000000009", "planned"),
        token: format!("{}-{token}", key.id),
        now: START.plus_secs(7),
    }
}

pub async fn keeps_planned_events_beside_the_spec<S: Store>(store: &S, tenant: &str) {
    let (asked, before) = fresh(store, tenant, 71).await;
    assert_eq!((before.record.calendar.version, before.asked_calendar, before.is_torn()), (0, 0, false));
    let first = Calendar { version: 1, ..Calendar::default() };
    let remembered = Remembered {
        key: "plan-1".to_owned(),
        fingerprint: "f".to_owned(),
        status: 201,
        location: None,
        body: "{}".to_owned(),
    };
    let made = CalendarChange { remembered: Some(remembered.clone()), ..change(&asked.key, &first, "first") };
    store.change_calendar(&made).await.expect("there was none");
    // The answer was lost, and the same change is sent again.
    store.change_calendar(&made).await.expect("the same token again");
    let after = load(store, &asked.key).await;
    assert_eq!((after.record.calendar.clone(), after.asked_calendar), (first.clone(), 1));
    assert_eq!((after.due_at, after.version, after.asked_generation), (Some(START.plus_secs(7)), before.version, 1));
    assert!(after.pokes > before.pokes, "the lease holder is told");
    assert_eq!(store.remembered(tenant, "plan-1").await, Ok(Some(remembered.clone())));
    // Somebody else was faster; the key was used; the platform is not there.
    assert_eq!(store.change_calendar(&change(&asked.key, &first, "late")).await, Err(StoreError::Conflict));
    let second = Calendar { version: 2, ..Calendar::default() };
    let again = CalendarChange { remembered: Some(remembered), ..change(&asked.key, &second, "key") };
    assert_eq!(store.change_calendar(&again).await, Err(StoreError::Conflict));
    let nobody = self::asked(tenant, 72).key;
    assert_eq!(store.change_calendar(&change(&nobody, &first, "nobody")).await, Err(StoreError::Conflict));
    assert_eq!(load(store, &asked.key).await.asked_calendar, 1, "all or nothing");
    // The lease holder's save leaves it alone, and a release expects that the change was seen.
    let held = save(&asked, &after, "save", hold("a"));
    store.save(&held).await.expect("the version is as expected");
    store.change_calendar(&change(&asked.key, &second, "second")).await.expect("the version is as expected");
    let unaware = LeaseChange::Release { pokes: after.pokes, due_at: None };
    let read = load(store, &asked.key).await;
    assert_eq!(store.save(&save(&asked, &read, "release", unaware)).await, Err(StoreError::Conflict));
    assert_eq!(read.record.calendar.version, 2);
}

fn more(most: u32) -> Option<Tally> {
    Some(Tally::OneMore { counter: Counter::Running, most })
}

pub async fn counts_a_channel_once_whoever_wants_it<S: Store>(
    store: &S,
    tenant: &str,
    held: &impl AsyncFn(String) -> (i64, i64),
) {
    let tenant = format!("{tenant}-airs");
    let less = Some(Tally::OneLess { counter: Counter::Running });
    let (asked, loaded) = fresh(store, &tenant, 73).await;
    assert!(!loaded.counted);
    // Nothing is written, nothing counted, when the tenant has no channel left.
    let start = self::asked(&tenant, 74);
    store.accept(&acceptance(&start, None, "create")).await.expect("accepts");
    let live = |asked: &headend_domain::record::Asked| {
        let mut next = asked.clone();
        next.generation += 1;
        next.intent.want = Want::Live;
        next
    };
    let person = live(&start);
    let counts = Acceptance { tally: more(1), counted: Some(false), ..acceptance(&person, Some(1), "start") };
    store.accept(&counts).await.expect("there is room");
    assert!(load(store, &start.key).await.counted);
    let begin = Save { tally: more(1), ..save(&asked, &loaded, "begin", hold("a")) };
    let full = StoreError::Full { counter: Counter::Running, have: 1, most: 1 };
    assert_eq!(store.save(&begin).await, Err(full));
    assert_eq!(load(store, &asked.key).await, loaded, "all or nothing");
    let begin = Save { tally: more(2), ..begin };
    store.save(&begin).await.expect("there is room");
    assert_eq!(held(tenant.clone()).await, (0, 2));
    // A request that has not seen that counts nothing, and one that has does not either.
    let late = live(&asked);
    let unaware = Acceptance { tally: more(0), counted: Some(false), ..acceptance(&late, Some(1), "late") };
    assert_eq!(store.accept(&unaware).await, Err(StoreError::Conflict));
    let on_air = load(store, &asked.key).await;
    assert!(on_air.counted);
    let aware = Acceptance { counted: Some(true), ..acceptance(&late, Some(1), "aware") };
    store.accept(&aware).await.expect("it is as it was read");
    // The event ends without having seen that request: it must not take the count with it.
    let end = Save { tally: less, ..save(&asked, &on_air, "end", hold("a")) };
    assert_eq!(store.save(&end).await, Err(StoreError::Conflict));
    let seen = load(store, &asked.key).await;
    let end = Save { tally: less, ..save(&late, &seen, "end", hold("a")) };
    store.save(&end).await.expect("it has seen everything");
    assert_eq!(held(tenant.clone()).await, (0, 1));
    assert!(!load(store, &asked.key).await.counted);
    // Twice the same would be once too often.
    let seen = load(store, &asked.key).await;
    let twice = Save { tally: less, ..save(&late, &seen, "twice", hold("a")) };
    assert_eq!(store.save(&twice).await, Err(StoreError::Conflict));
    assert_eq!(held(tenant).await, (0, 1));
}
