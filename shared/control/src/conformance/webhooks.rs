//! What a store must do about webhooks and their deliveries.

use super::START;
use crate::store::{Counter, Intents, Remembered, StoreError};
use crate::webhooks::{Deliveries, DeliveryKey, WebhookChange, Webhooks};
use headend_domain::limits::{Limits, MAX_WEBHOOKS};
use headend_domain::webhook::{Answer, Delivery, Heard, Trouble, Webhook, Wish};

fn webhook(number: u32) -> Webhook {
    let url = "https://ops.example.net/headend".to_owned();
    let wish = Wish { url, description: String::new(), types: Vec::new(), platforms: Vec::new(), enabled: true };
    let (id, secret) = (format!("w-{number:012}"), "whsec_test".to_owned());
    Webhook { id, wish, created_at: START.plus_secs(i64::from(number)), version: 1, secret, previous: None }
}

fn change<'a>(tenant: &'a str, webhook: &'a Webhook, expect_version: Option<u64>, token: &str) -> WebhookChange<'a> {
    let token = format!("{}-{token}", webhook.id);
    WebhookChange { tenant, webhook, expect_version, remembered: None, token, now: START }
}

fn heard(tenant: &str, sequence: u64) -> Heard {
    let (id, platform) = (format!("p-0123456789ab-{sequence}"), "p-0123456789ab".to_owned());
    Heard { tenant: tenant.to_owned(), id, kind: "platform.live".to_owned(), platform, sequence, body: "{}".to_owned() }
}

pub async fn keeps_webhooks<S: Webhooks + Intents>(store: &S, tenant: &str) {
    let tenant = &format!("{tenant}-hooks");
    assert_eq!(store.webhooks(tenant).await, Ok(Vec::new()));
    let (first, second) = (webhook(2), webhook(1));
    let key = "a key of webhooks".replace(' ', "-");
    let remembered = Remembered {
        key: key.clone(),
        fingerprint: "f".to_owned(),
        status: 201,
        location: None,
        body: "{}".to_owned(),
    };
    let create = WebhookChange { remembered: Some(remembered.clone()), ..change(tenant, &first, None, "create") };
    store.put_webhook(&create).await.expect("creates");
    store.put_webhook(&create).await.expect("the same token again is the same write");
    assert_eq!(store.remembered(tenant, &key).await, Ok(Some(remembered.clone())));
    let reused = WebhookChange { remembered: Some(remembered), ..change(tenant, &second, None, "reused") };
    assert_eq!(store.put_webhook(&reused).await, Err(StoreError::Conflict), "a key belongs to one request");
    store.put_webhook(&change(tenant, &second, None, "second")).await.expect("creates");
    let ids = async || -> Vec<String> {
        store.webhooks(tenant).await.expect("reads").into_iter().map(|kept| kept.webhook.id).collect()
    };
    assert_eq!(ids().await, [second.id.clone(), first.id.clone()], "the oldest first");
    assert_eq!(store.webhook("another", &first.id).await, Ok(None), "another tenant's");

    let answer = Answer::of_status(START, 7, 500, "broken");
    let trouble = Trouble::after(None, &answer);
    assert_eq!(store.note_trouble(tenant, &first.id, trouble.as_ref()).await, Ok(true));
    let changed = Webhook { version: 2, ..first.rotated("whsec_new".to_owned(), START.plus_secs(60)) };
    store.put_webhook(&change(tenant, &changed, Some(1), "change")).await.expect("changes");
    assert_eq!(store.put_webhook(&change(tenant, &changed, Some(1), "late")).await, Err(StoreError::Conflict));
    let kept = store.webhook(tenant, &first.id).await.expect("reads").expect("is there");
    assert_eq!((&kept.webhook, &kept.trouble), (&changed, &trouble), "a change leaves the trouble beside it");
    assert_eq!(store.note_trouble(tenant, &first.id, None).await, Ok(true));
    assert_eq!(store.webhook(tenant, &first.id).await.expect("reads").expect("is there").trouble, None);

    assert_eq!(store.remove_webhook(tenant, &first.id, 1).await, Err(StoreError::Conflict));
    store.remove_webhook(tenant, &first.id, 2).await.expect("removes");
    assert_eq!(store.remove_webhook(tenant, &first.id, 2).await, Err(StoreError::Conflict), "counted down once");
    assert_eq!(store.note_trouble(tenant, &first.id, trouble.as_ref()).await, Ok(false));
    assert_eq!(store.webhook(tenant, &first.id).await, Ok(None), "what is noted late makes no webhook");
    for number in 3..=MAX_WEBHOOKS + 1 {
        store.put_webhook(&change(tenant, &webhook(number), None, "more")).await.expect("creates");
    }
    let most = MAX_WEBHOOKS;
    let full = StoreError::Full { counter: Counter::Webhooks, have: most.into(), most };
    assert_eq!(store.put_webhook(&change(tenant, &webhook(99), None, "full")).await, Err(full));
}

pub async fn keeps_deliveries<S: Deliveries>(store: &S, tenant: &str) {
    let tenant = &format!("{tenant}-log");
    let webhook = "w-0123456789ab";
    let key = |sequence| DeliveryKey {
        tenant: tenant.clone(),
        webhook: webhook.to_owned(),
        message: heard(tenant, sequence).id,
    };
    let due = async |secs| -> Vec<String> {
        let due = store.due_deliveries(START.plus_secs(secs), 100).await.expect("reads");
        due.into_iter().filter(|(key, _)| key.tenant == *tenant).map(|(key, _)| key.message).collect()
    };
    for sequence in 1..=3 {
        let delivery = Delivery::new(&heard(tenant, sequence), START.plus_secs(sequence.cast_signed()));
        assert_eq!(store.open_delivery(&key(sequence), &delivery, START.plus_secs(90)).await, Ok(true));
        assert_eq!(store.open_delivery(&key(sequence), &delivery, START).await, Ok(false), "it comes twice");
    }
    assert_eq!(due(89).await, Vec::<String>::new(), "whoever wrote it down has it");
    assert_eq!(due(90).await.len(), 3);
    assert_eq!(store.claim_delivery(&key(1), START.plus_secs(90), START.plus_secs(180)).await, Ok(true));
    assert_eq!(store.claim_delivery(&key(1), START.plus_secs(90), START.plus_secs(180)).await, Ok(false));

    let opened = store.delivery(&key(1)).await.expect("reads").expect("is there");
    let failed = opened.tried(Answer::of_status(START, 5, 500, "broken"), Limits::default());
    store.settle_delivery(&key(1), &failed, 0).await.expect("settles");
    assert_eq!(store.settle_delivery(&key(1), &failed, 0).await, Err(StoreError::Conflict), "it had been tried");
    assert_eq!(store.delivery(&key(1)).await, Ok(Some(failed.clone())));
    let next = failed.next_at.expect("is tried again");
    assert_eq!(store.claim_delivery(&key(1), next, next).await, Ok(true));
    let taken = failed.tried(Answer::of_status(START, 5, 204, ""), Limits::default());
    store.settle_delivery(&key(1), &taken, 1).await.expect("settles");
    assert_eq!(due(100_000).await, [key(2).message, key(3).message], "what was delivered is not due");

    let page = store.deliveries(tenant, webhook, None, 2).await.expect("reads");
    let messages: Vec<&str> = page.items.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, [key(3).message, key(2).message], "the newest first");
    let rest = store.deliveries(tenant, webhook, page.next.as_deref(), 2).await.expect("reads");
    assert_eq!((rest.items, rest.next), (vec![taken], None));
    assert_eq!(store.deliveries("another", webhook, None, 2).await.expect("reads").items, Vec::new());
    assert!(store.deliveries(tenant, webhook, Some("rubbish!"), 2).await.is_err());
    for sequence in 1..=3 {
        store.forget_delivery(&key(sequence)).await.expect("forgets");
        assert_eq!(store.delivery(&key(sequence)).await, Ok(None));
    }
    assert_eq!(due(100_000).await, Vec::<String>::new());
}
