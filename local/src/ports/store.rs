//! The store's ports on the simulated table, every call through the gate.

use super::gate::Lost;
use super::{Sim, Table};
use headend_control::store::{
    Acceptance, CalendarChange, Due, Inbox, InboxItem, Intents, Loaded, Lookup, Page, Records, Remembered, Save, Steps,
    StoreError, Stored, Summary, Tally, Tenants, TimelineEntry, Views,
};
use headend_domain::ids::PlatformKey;
use headend_domain::phase::Phase;
use headend_domain::slot::Slot;
use headend_domain::time::Timestamp;

/// The table of a simulation.
#[derive(Clone)]
pub struct SimStore(pub Sim);

impl SimStore {
    pub(super) async fn on<T: 'static>(
        &self,
        name: &'static str,
        mutates: bool,
        key: &str,
        effect: impl FnOnce(&mut Table) -> Stored<T> + 'static,
    ) -> Stored<T> {
        let answer = self.0.call(name, mutates, key, move |inner| effect(&mut inner.table)).await;
        answer.unwrap_or_else(|Lost| Err(StoreError::Unsure("simulated loss".to_owned())))
    }
}

impl Intents for SimStore {
    async fn accept(&self, acceptance: &Acceptance<'_>) -> Stored<()> {
        let (asked, remembered, entry, token) = (
            acceptance.asked.clone(),
            acceptance.remembered.clone(),
            acceptance.entry.clone(),
            acceptance.token.clone(),
        );
        let (expect_generation, tally, now) = (acceptance.expect_generation, acceptance.tally, acceptance.now);
        let counted = acceptance.counted;
        self.on("Table.accept", true, &acceptance.asked.key.id, move |table| {
            table.accept(&Acceptance {
                asked: &asked,
                expect_generation,
                remembered,
                tally,
                counted,
                entry,
                token,
                now,
            })
        })
        .await
    }

    async fn change_calendar(&self, change: &CalendarChange<'_>) -> Stored<()> {
        let (key, calendar, remembered) = (change.key.clone(), change.calendar.clone(), change.remembered.clone());
        let (expect_version, entry, token, now) =
            (change.expect_version, change.entry.clone(), change.token.clone(), change.now);
        self.on("Table.change_calendar", true, &change.key.id, move |table| {
            let (key, calendar) = (&key, &calendar);
            table.change_calendar(&CalendarChange { key, calendar, expect_version, remembered, entry, token, now })
        })
        .await
    }

    async fn remembered(&self, tenant: &str, key: &str) -> Stored<Option<Remembered>> {
        let (tenant, wanted) = (tenant.to_owned(), key.to_owned());
        self.on("Table.remembered", false, key, move |table| Ok(table.remembered(&tenant, &wanted))).await
    }
}

impl Tenants for SimStore {
    async fn tenant_of_client(&self, client: &str) -> Stored<Option<String>> {
        let wanted = client.to_owned();
        self.on("Table.tenant_of_client", false, client, move |table| Ok(table.clients.get(&wanted).cloned())).await
    }

    async fn tenant_of_platform(&self, id: &str) -> Stored<Option<String>> {
        let wanted = id.to_owned();
        self.on("Table.tenant_of_platform", false, id, move |table| Ok(table.owner(&wanted))).await
    }
}

impl Records for SimStore {
    async fn load(&self, key: &PlatformKey) -> Stored<Option<Loaded>> {
        let wanted = key.clone();
        self.on("Table.load", false, &key.id, move |table| Ok(table.load(&wanted))).await
    }
}

impl Steps for SimStore {
    async fn save(&self, save: &Save<'_>) -> Stored<()> {
        let (asked, state, save) = (save.asked.clone(), save.state.clone(), Owned::of(save));
        let name = asked.key.id.clone();
        self.on("Table.save", true, &name, move |table| table.save(&save.borrowed(&asked, &state))).await
    }

    async fn poke(&self, key: &PlatformKey, holder: &str) -> Stored<bool> {
        let (wanted, holder) = (key.clone(), holder.to_owned());
        self.on("Table.poke", true, &key.id, move |table| Ok(table.poke(&wanted, &holder))).await
    }

    async fn set_aside(&self, key: &PlatformKey) -> Stored<()> {
        let wanted = key.clone();
        self.on("Table.set_aside", true, &key.id, move |table| {
            table.set_aside(&wanted);
            Ok(())
        })
        .await
    }
}

/// A save without its borrowed parts, so that it can land late.
struct Owned {
    expect_version: u64,
    save_id: String,
    lease: headend_control::store::LeaseChange,
    phase: Phase,
    timeline: Vec<TimelineEntry>,
    arns: Vec<(String, Slot)>,
    dropped_arns: Vec<String>,
    folded: Vec<String>,
    messages: Vec<headend_domain::outbox::Message>,
    told: Vec<u64>,
    tally: Option<Tally>,
    has_calendar: bool,
    now: Timestamp,
}

impl Owned {
    fn of(save: &Save<'_>) -> Self {
        Self {
            expect_version: save.expect_version,
            save_id: save.save_id.clone(),
            lease: save.lease.clone(),
            phase: save.phase,
            timeline: save.timeline.clone(),
            arns: save.arns.clone(),
            dropped_arns: save.dropped_arns.clone(),
            folded: save.folded.clone(),
            messages: save.messages.clone(),
            told: save.told.clone(),
            tally: save.tally,
            has_calendar: save.has_calendar,
            now: save.now,
        }
    }

    fn borrowed<'a>(
        self,
        asked: &'a headend_domain::record::Asked,
        state: &'a headend_domain::record::State,
    ) -> Save<'a> {
        Save {
            asked,
            state,
            expect_version: self.expect_version,
            save_id: self.save_id,
            lease: self.lease,
            phase: self.phase,
            timeline: self.timeline,
            arns: self.arns,
            dropped_arns: self.dropped_arns,
            folded: self.folded,
            messages: self.messages,
            told: self.told,
            tally: self.tally,
            has_calendar: self.has_calendar,
            now: self.now,
        }
    }
}

impl Due for SimStore {
    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Stored<Vec<(PlatformKey, Timestamp)>> {
        self.on("Table.due", false, "", move |table| Ok(table.due(shard, now, limit))).await
    }

    async fn claim(&self, key: &PlatformKey, due_at: Timestamp, until: Timestamp) -> Stored<bool> {
        let wanted = key.clone();
        self.on("Table.claim", true, &key.id, move |table| Ok(table.claim(&wanted, due_at, until))).await
    }
}

impl Views for SimStore {
    async fn list(
        &self,
        tenant: &str,
        phase: Option<Phase>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Summary>> {
        let (tenant, cursor) = (tenant.to_owned(), cursor.map(str::to_owned));
        self.on("Table.list", false, "", move |table| table.list(&tenant, phase, cursor.as_deref(), limit)).await
    }

    async fn timeline(&self, key: &PlatformKey, cursor: Option<&str>, limit: usize) -> Stored<Page<TimelineEntry>> {
        let (wanted, cursor) = (key.clone(), cursor.map(str::to_owned));
        self.on("Table.timeline", false, &key.id, move |table| table.timeline(&wanted, cursor.as_deref(), limit)).await
    }

    async fn timeline_of(
        &self,
        key: &PlatformKey,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Stored<Page<TimelineEntry>> {
        let wanted = key.clone();
        self.on("Table.timeline", false, &key.id, move |table| table.timeline_of(&wanted, from, until, limit)).await
    }
}

impl Lookup for SimStore {
    async fn platform_of(&self, arn: &str) -> Stored<Option<(PlatformKey, Slot)>> {
        let wanted = arn.to_owned();
        self.on("Table.platform_of", false, arn, move |table| Ok(table.platform_of(&wanted))).await
    }
}

impl Inbox for SimStore {
    async fn put_fact(&self, key: &PlatformKey, item: &InboxItem, now: Timestamp) -> Stored<()> {
        let (wanted, item) = (key.clone(), item.clone());
        self.on("Table.put_fact", true, &key.id, move |table| table.put_fact(&wanted, &item, now)).await
    }
}
