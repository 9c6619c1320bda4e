//! Claims in all the forms in which they come.

use super::{Caller, Callers, Known};
use crate::api::{HttpRequest, HttpResponse};
use crate::store::{StoreError, Stored, Tenants};
use futures::executor::block_on;
use headend_domain::limits::{CLIENT_BELIEVED_SECS, REMEMBERED_MOST};
use headend_domain::time::Timestamp;
use std::cell::Cell;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// A table that knows one machine client, counts how often it is asked, and may be down.
struct Clients {
    client: &'static str,
    tenant: Cell<Option<&'static str>>,
    asked: Cell<u32>,
    down: Cell<bool>,
}

impl Clients {
    fn with(tenant: &'static str) -> Self {
        Self { client: "machine", tenant: Cell::new(Some(tenant)), asked: Cell::new(0), down: Cell::new(false) }
    }
}

impl Tenants for Clients {
    async fn tenant_of_client(&self, client: &str) -> Stored<Option<String>> {
        self.asked.set(self.asked.get() + 1);
        if self.down.get() {
            return Err(StoreError::Failed("down".to_owned()));
        }
        Ok(self.tenant.get().filter(|_| client == self.client).map(str::to_owned))
    }

    async fn tenant_of_platform(&self, _: &str) -> Stored<Option<String>> {
        unreachable!("who asks has nothing to do with platforms")
    }
}

fn request(claims: &[(&str, &str)]) -> HttpRequest {
    let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HttpRequest { claims: Some(claims), ..HttpRequest::default() }
}

fn asks(claims: &[(&str, &str)]) -> Result<Caller, HttpResponse> {
    block_on(Callers::default().of(&request(claims), &Clients::with("acme"), NOW))
}

/// A person in these groups.
fn grouped(groups: &str) -> Result<String, HttpResponse> {
    asks(&[("sub", "s-1"), ("client_id", "portal"), ("username", "anna"), ("cognito:groups", groups)])
        .map(|caller| caller.tenant)
}

#[track_caller]
fn refused(answer: Result<String, HttpResponse>, words: &str) {
    let answer = answer.unwrap_err();
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(answer.body.contains("urn:headend:problem:no-tenant") && answer.body.contains(words), "{}", answer.body);
}

#[test]
fn the_tenant_is_in_the_groups_in_whatever_form_the_list_comes() {
    for groups in [
        "tenant:acme",
        "[tenant:acme]",
        "[tenant:acme editors]",
        "[editors tenant:acme]",
        "[editors, tenant:acme]",
        "[editors,tenant:acme]",
        "[\"editors\",\"tenant:acme\"]",
        "editors,tenant:acme",
        " [ tenant:acme ] ",
    ] {
        assert_eq!(grouped(groups).unwrap(), "acme", "{groups}");
    }
}

#[test]
fn whoever_belongs_to_no_tenant_or_to_several_is_refused_with_the_cure() {
    for groups in ["", "[]", "[editors]", "[Tenant:acme]", "[not-tenant:acme]", "[tenant]"] {
        refused(grouped(groups), "an operator adds you");
    }
    for groups in ["[tenant:acme tenant:other]", "tenant:acme,tenant:acme", "[tenant:acme tenant:]"] {
        refused(grouped(groups), "takes you out of all but one");
    }
}

#[test]
fn a_tenant_that_would_be_another_key_of_the_table_is_refused() {
    for tenant in ["", "a#b", "a/b", "A", "-a", "é", "a_b", "..", &"a".repeat(41)] {
        refused(grouped(&format!("[tenant:{tenant}]")), "is no tenant");
    }
    assert_eq!(grouped(&format!("[tenant:{}]", "a".repeat(40))).unwrap().len(), 40);
}

#[test]
fn without_claims_nobody_has_signed_in() {
    let no_claims = HttpRequest::default();
    for request in [no_claims, request(&[]), request(&[("cognito:groups", "[tenant:acme]")]), request(&[("sub", "")])] {
        let answer = block_on(Callers::default().of(&request, &Clients::with("acme"), NOW)).unwrap_err();
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("urn:headend:problem:not-signed-in"), "{}", answer.body);
    }
}

#[test]
fn the_timeline_calls_people_by_a_name_that_is_no_address() {
    let who = |claims: &[(&str, &str)]| {
        let groups = [("cognito:groups", "[tenant:acme]")];
        asks(&[claims, &groups].concat()).unwrap().who
    };
    assert_eq!(who(&[("sub", "s-1"), ("username", "anna")]), "anna");
    assert_eq!(who(&[("sub", "s-1"), ("username", "anna@example.com")]), "s-1");
    assert_eq!(who(&[("sub", "s-1"), ("email", "anna@example.com")]), "s-1");
    assert_eq!(who(&[("sub", "dev"), ("client_id", "dev")]), "dev", "with a group even a client is somebody");
    assert_eq!(who(&[("sub", "s-1"), ("username", "a\nb\u{0}c")]), "abc");
    assert_eq!(who(&[("sub", "s-1"), ("username", &"x".repeat(500))]).len(), 128);
}

#[test]
fn a_machine_clients_tenant_is_read_once_and_again_when_it_is_old() {
    let (callers, table) = (Callers::default(), Clients::with("acme"));
    let machine = request(&[("sub", "machine"), ("client_id", "machine")]);
    let ask = |now| block_on(callers.of(&machine, &table, now));
    for _ in 0..3 {
        assert_eq!(ask(NOW), Ok(Caller { tenant: "acme".to_owned(), who: "machine".to_owned() }));
    }
    assert_eq!(table.asked.get(), 1);
    table.tenant.set(None);
    let last = NOW.plus_secs(CLIENT_BELIEVED_SECS);
    assert!(ask(last.plus_millis(-1)).is_ok());
    refused(ask(last).map(|caller| caller.tenant), "an operator writes its tenant");
    // What is not there is not remembered: a client that has just been written down may come in.
    table.tenant.set(Some("other"));
    assert_eq!(ask(last).unwrap().tenant, "other");
}

#[test]
fn a_machine_client_is_believed_only_as_the_table_knows_it() {
    let ask = |table: &Clients, claims: &[(&str, &str)]| {
        block_on(Callers::default().of(&request(claims), table, NOW)).map(|caller| caller.tenant)
    };
    let table = Clients::with("acme");
    refused(ask(&table, &[("sub", "stranger"), ("client_id", "stranger")]), "belongs to no tenant");
    // A person without a group is no client, whichever client the token was given to.
    refused(ask(&table, &[("sub", "s-1"), ("client_id", "machine")]), "an operator adds you");
    refused(ask(&table, &[("sub", "machine")]), "an operator adds you");
    refused(ask(&Clients::with("a#b"), &[("sub", "machine"), ("client_id", "machine")]), "is no tenant");
    table.down.set(true);
    assert_eq!(ask(&table, &[("sub", "machine"), ("client_id", "machine")]).unwrap_err().status, 503);
}

#[test]
fn what_is_remembered_is_bounded() {
    let known = Known::default();
    for number in 0..=REMEMBERED_MOST {
        known.put(&number.to_string(), number);
    }
    assert_eq!((known.get("0"), known.get(&REMEMBERED_MOST.to_string())), (None, Some(REMEMBERED_MOST)));
}
