//! Pages of platforms and of the timeline, newest first. A cursor says where a page ended, in terms that hold
//! for the one list only that it came from, so that it cannot lead into another tenant's.

use super::items::{Item, moment, text, timeline_entry};
use super::{Table, failure, keys, s};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headend_control::reconcile::ulids;
use headend_control::store::{Page, StoreError, Stored, Summary, TimelineEntry, Views};
use headend_domain::ids::{PlatformKey, is_platform_id};
use headend_domain::phase::Phase;
use headend_domain::time::Timestamp;

impl Views for Table {
    async fn list(
        &self,
        tenant: &str,
        phase: Option<Phase>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Stored<Page<Summary>> {
        let (index, hash, partition) = match phase {
            None => (keys::BY_CREATED, "list_pk", keys::list_partition(tenant)),
            Some(phase) => (keys::BY_PHASE, "phase_pk", keys::phase_partition(tenant, phase)),
        };
        let from = cursor.map(|cursor| list_start(tenant, hash, &partition, cursor)).transpose()?;
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index)
            .key_condition_expression("#hash = :partition")
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":partition", s(partition));
        page(query, from, limit, "list_sk", summary).await
    }

    async fn timeline(&self, key: &PlatformKey, cursor: Option<&str>, limit: usize) -> Stored<Page<TimelineEntry>> {
        let from = cursor.map(|cursor| timeline_start(key, cursor)).transpose()?;
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :timeline)")
            .expression_attribute_values(":pk", s(keys::partition(key)))
            .expression_attribute_values(":timeline", s(keys::TIMELINE));
        page(query, from, limit, "sk", timeline_entry).await
    }

    async fn timeline_of(
        &self,
        key: &PlatformKey,
        from: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Stored<Page<TimelineEntry>> {
        let (first, last) = ulids(from, until);
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", s(keys::partition(key)))
            .expression_attribute_values(":first", s(format!("{}{first}", keys::TIMELINE)))
            .expression_attribute_values(":last", s(format!("{}{last}", keys::TIMELINE)));
        page(query, None, limit, "sk", timeline_entry).await
    }
}

/// One page; the cursor is made of the order attribute of its last item.
pub(super) async fn page<T>(
    query: QueryFluentBuilder,
    from: Option<Item>,
    limit: usize,
    order: &str,
    read: fn(&Item) -> Option<T>,
) -> Stored<Page<T>> {
    // One more than asked for, so that a page that ends exactly at the end names no next one.
    let most = i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX);
    let answer =
        query.scan_index_forward(false).limit(most).set_exclusive_start_key(from).send().await.map_err(failure::of)?;
    let items = answer.items.unwrap_or_default();
    let more = items.len() > limit || (answer.last_evaluated_key.is_some() && items.len() < limit);
    let shown = &items[..items.len().min(limit)];
    let last = shown.last().and_then(|item| text(item, order));
    Ok(Page {
        items: shown.iter().filter_map(read).collect(),
        next: last.filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(last)),
    })
}

fn summary(item: &Item) -> Option<Summary> {
    let word = text(item, "phase")?;
    Some(Summary {
        id: keys::platform(text(item, "pk")?)?.id,
        name: text(item, "name")?.to_owned(),
        phase: Phase::ALL.into_iter().find(|phase| phase.word() == word)?,
        created_at: moment(item, "created_at")?,
    })
}

fn list_start(tenant: &str, hash: &str, partition: &str, cursor: &str) -> Stored<Item> {
    let order = decoded(cursor)?;
    let id = order.rsplit_once('#').map(|(_, id)| id).filter(|id| is_platform_id(id)).ok_or_else(bad_cursor)?;
    let mut start = keys::state(&PlatformKey::new(tenant, id));
    start.insert(hash.to_owned(), s(partition));
    start.insert("list_sk".to_owned(), s(&order));
    Ok(start)
}

fn timeline_start(key: &PlatformKey, cursor: &str) -> Stored<Item> {
    let order = decoded(cursor)?;
    let ulid = order.strip_prefix(keys::TIMELINE).filter(|ulid| !ulid.is_empty()).ok_or_else(bad_cursor)?;
    Ok(keys::timeline(key, ulid))
}

pub(super) fn decoded(cursor: &str) -> Stored<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
    String::from_utf8(bytes).map_err(|_| bad_cursor())
}

/// The word `cursor` is what the API recognises a bad request by.
pub(super) fn bad_cursor() -> StoreError {
    StoreError::Failed("cursor is not one that an earlier page of this list gave".to_owned())
}
