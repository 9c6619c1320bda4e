//! What a viewer meets at its worst (aws-facts 2.5, 2.6, 3.2, 3.6).

use super::*;
use crate::world::cloudfront::{Behavior, DistributionConfig, Origin};
use crate::world::medialive::PackagingRef;
use crate::world::mediapackage::{CdnAuthorization, OriginEndpoint, UpdateOriginEndpoint};
use crate::world::secrets::{CreateSecret, DeleteSecret};

const SECOND: Ms = 1000;
const FIRST: &str = "first-identifier";

/// A platform on air behind a distribution that is deployed.
struct OnAir {
    account: Account,
    endpoint: OriginEndpoint,
    secret_arn: String,
    channel: String,
    distribution: String,
    domain: String,
}

fn document(identifier: &str) -> String {
    serde_json::json!({"MediaPackageCDNIdentifier": identifier}).to_string()
}

fn config(endpoint: &OriginEndpoint, identifier: &str) -> DistributionConfig {
    let (_, host) = endpoint.url.split_once("https://").unwrap();
    let origin = Origin {
        id: "packaging".into(),
        domain: host.split_once('/').unwrap().0.into(),
        path: String::new(),
        headers: [("x-mediapackage-cdnidentifier".to_owned(), identifier.to_owned())].into(),
    };
    let pattern = format!("/out/v1/{}/*", endpoint.guid);
    DistributionConfig {
        caller_reference: "r".into(),
        enabled: true,
        origins: vec![origin],
        behaviors: vec![Behavior {
            path_pattern: Some(pattern),
            target_origin: "packaging".into(),
            ..Behavior::default()
        }],
        ..Default::default()
    }
}

impl OnAir {
    fn new() -> Self {
        let mut account = Account::with(|it| it.switches.durations.distribution_deploy = Span::secs(300, 300));
        account.packaging("p");
        let request =
            CreateSecret { name: "s".into(), secret_string: Some(document(FIRST)), ..CreateSecret::default() };
        let secret_arn = account.world.create_secret(HOME, account.now, request).unwrap().arn;
        let authorization = CdnAuthorization { secret_arn: secret_arn.clone(), secrets_role_arn: "role".into() };
        let request = CreateOriginEndpoint { authorization: Some(authorization), ..account.endpoint("p", "e") };
        let endpoint = account.world.create_origin_endpoint(HOME, account.now, request).unwrap();
        let made = account.world.create_distribution(account.now, config(&endpoint, FIRST), Tags::new()).unwrap();
        let input = account.push_input();
        let request = CreateChannel {
            attachments: vec![attachment(&input)],
            packaging: vec![PackagingRef { element_path: String::new(), channel_id: "p".into() }],
            ..CreateChannel::new("c", ChannelClass::Standard)
        };
        let channel = account.world.create_channel(HOME, account.now, request).unwrap().id;
        account.pass(30 * SECOND);
        account.world.start_channel(HOME, account.now, &channel).unwrap();
        account.pass(10 * MINUTE);
        Self { account, endpoint, secret_arn, channel, distribution: made.id, domain: made.domain_name }
    }

    fn get(&mut self, path: &str) -> u16 {
        self.account.world.view(HOME, self.account.now, &self.domain, path).status
    }

    fn manifest(&self) -> String {
        self.endpoint.url[self.endpoint.url.find("/out/").unwrap()..].to_owned()
    }

    fn watch(&mut self) -> u16 {
        let path = self.manifest();
        self.get(&path)
    }

    fn rotate(&mut self, identifier: &str) {
        let text = document(identifier);
        self.account.world.put_secret_value(HOME, self.account.now, "s", None, &text).unwrap();
    }

    fn update(&mut self, config: DistributionConfig) {
        let (world, now) = (&mut self.account.world, self.account.now);
        let etag = world.get_distribution(now, &self.distribution).unwrap().etag;
        world.update_distribution(now, &self.distribution, Some(&etag), config).unwrap();
    }

    fn switch(&mut self, identifier: &str) {
        self.update(config(&self.endpoint, identifier));
    }

    /// The worst that a viewer sees who asks every ten seconds for `time`.
    fn worst_during(&mut self, time: Ms) -> u16 {
        let mut worst = self.watch();
        for _ in 0..time / (10 * SECOND) {
            self.account.pass(10 * SECOND);
            worst = worst.max(self.watch());
        }
        worst
    }
}

#[test]
fn a_platform_on_air_is_seen_by_id_domain_and_alias() {
    let mut air = OnAir::new();
    let aliased = DistributionConfig { aliases: vec!["tv.example.com".into()], ..config(&air.endpoint, FIRST) };
    air.update(aliased);
    air.account.pass(5 * MINUTE);
    for name in [air.distribution.clone(), air.domain.clone(), "tv.example.com".into()] {
        let answer = air.account.world.view(HOME, air.account.now, &name, &air.manifest());
        assert_eq!(answer.status, 200, "{name}: {}", answer.why);
    }
    let unknown = air.account.world.view(HOME, air.account.now, "dnobody.cloudfront.net", &air.manifest());
    assert_eq!(unknown.status, 404);
}

// aws-facts 3.6: a new distribution is not everywhere yet.
#[test]
fn a_distribution_is_not_everywhere_before_it_is_deployed() {
    let mut air = OnAir::new();
    let config = DistributionConfig { caller_reference: "second".into(), ..config(&air.endpoint, FIRST) };
    let made = air.account.world.create_distribution(air.account.now, config, Tags::new()).unwrap();
    let path = air.manifest();
    let look = |air: &mut OnAir| air.account.world.view(HOME, air.account.now, &made.id, &path).status;
    assert_eq!(look(&mut air), 404);
    air.account.pass(5 * MINUTE);
    assert_eq!(look(&mut air), 200);
}

// aws-facts 3.2: behaviours are tried in order; `*` is any run, `?` one character, both case-sensitive.
#[test]
fn the_first_behaviour_that_fits_decides() {
    let mut air = OnAir::new();
    let good = config(&air.endpoint, FIRST);
    let nowhere = Origin { id: "nowhere".into(), domain: "nowhere.example.com".into(), ..Default::default() };
    let guid = air.endpoint.guid.clone();
    for (pattern, status) in [
        ("/out/v1/*".to_owned(), 502),
        ("out/v1/*.m3u8".into(), 502),
        (format!("/out/v1/{guid}/m?ster.m3u8"), 502),
        (format!("/out/v1/{guid}/M*"), 200),
        ("/out/v1/*.mpd".into(), 200),
        ("/out/v1".into(), 200),
        ("*".into(), 502),
    ] {
        let mut changed = good.clone();
        changed.origins.push(nowhere.clone());
        let first =
            Behavior { path_pattern: Some(pattern.clone()), target_origin: "nowhere".into(), ..Behavior::default() };
        changed.behaviors.insert(0, first);
        air.update(changed);
        air.account.pass(5 * MINUTE);
        assert_eq!(air.watch(), status, "{pattern}");
    }
}

#[test]
fn a_path_without_a_behaviour_or_an_endpoint_is_not_found() {
    let mut air = OnAir::new();
    assert_eq!(air.get("/index.html"), 404);
    let mut everything = config(&air.endpoint, FIRST);
    everything.behaviors.push(Behavior {
        path_pattern: None,
        target_origin: "packaging".into(),
        ..Behavior::default()
    });
    air.update(everything);
    air.account.pass(5 * MINUTE);
    assert_eq!(air.get(&format!("/out/v1/{}/master.m3u8", "0".repeat(32))), 404);
    assert_eq!(air.get("/out/v1/"), 404);
}

// aws-facts 2.5: every endpoint of a channel on the channel's host, and on no other.
#[test]
fn an_endpoint_answers_on_its_own_channels_host_alone() {
    let mut air = OnAir::new();
    air.account.packaging("q");
    let other = air.account.world.describe_packaging_channel(HOME, air.account.now, "q").unwrap().egress_host;
    let mut crossed = config(&air.endpoint, FIRST);
    crossed.origins[0].domain = other;
    air.update(crossed);
    air.account.pass(5 * MINUTE);
    assert_eq!(air.watch(), 404);
}

#[test]
fn segments_and_child_playlists_are_served_and_foreign_manifests_are_not() {
    let mut air = OnAir::new();
    let base = format!("/out/v1/{}/", air.endpoint.guid);
    for name in ["master.m3u8?start=1", "master_1.m3u8", "master_1_1234.ts?m=1538005779"] {
        assert_eq!(air.get(&format!("{base}{name}")), 200, "{name}");
    }
    for name in ["index.m3u8", "master.m3u8.m3u8", "master.mpd"] {
        assert_eq!(air.get(&format!("{base}{name}")), 404, "{name}");
    }
}

// aws-facts 3.5, mistake: an OriginPath stands before the viewer's path.
#[test]
fn an_origin_path_is_put_before_the_viewers() {
    let mut air = OnAir::new();
    let mut prefixed = config(&air.endpoint, FIRST);
    prefixed.origins[0].path = "/out/v1".into();
    air.update(prefixed);
    air.account.pass(5 * MINUTE);
    assert_eq!(air.watch(), 404);
}

#[test]
fn without_a_running_pipeline_there_is_nothing_to_see() {
    let mut air = OnAir::new();
    air.account.world.fail_pipeline(HOME, air.account.now, &air.channel, 0).unwrap();
    assert_eq!(air.watch(), 200, "one pipeline is enough");
    air.account.world.stop_channel(HOME, air.account.now, &air.channel).unwrap();
    air.account.pass(5 * MINUTE);
    assert_eq!(air.watch(), 404);
}

// While an update is under way some edges serve the old configuration and some the new one: the worse counts.
#[test]
fn during_an_update_the_worse_of_all_configurations_counts() {
    let mut air = OnAir::new();
    let good = config(&air.endpoint, FIRST);
    air.update(DistributionConfig { enabled: false, ..good.clone() });
    assert_eq!(air.watch(), 403, "an edge has the new one");
    air.update(good);
    assert_eq!(air.watch(), 403, "an edge still has the one between");
    let mut nowhere = config(&air.endpoint, FIRST);
    nowhere.origins[0].domain = "nowhere.example.com".into();
    air.update(nowhere);
    assert_eq!(air.watch(), 403, "a refusal is worse than an origin that fails");
    air.update(config(&air.endpoint, FIRST));
    air.account.pass(5 * MINUTE);
    assert_eq!(air.watch(), 200);
}

// aws-facts 2.6.
#[test]
fn without_the_right_identifier_the_endpoint_refuses() {
    let mut air = OnAir::new();
    air.switch("another-identifier");
    assert_eq!(air.watch(), 403);
    let mut bare = config(&air.endpoint, FIRST);
    bare.origins[0].headers.clear();
    air.update(bare);
    air.account.pass(5 * MINUTE);
    assert_eq!(air.watch(), 403);
}

// aws-facts 2.3.
#[test]
fn an_endpoint_that_denies_or_lists_others_refuses() {
    for doc in [serde_json::json!({"origination": "DENY"}), serde_json::json!({"whitelist": ["192.0.2.1/32"]})] {
        let mut air = OnAir::new();
        let update = UpdateOriginEndpoint { id: "e".into(), doc: doc.clone(), ..Default::default() };
        let request = CreateOriginEndpoint { doc: serde_json::json!({}), ..air.account.endpoint("p", "open") };
        air.endpoint = air.account.world.create_origin_endpoint(HOME, air.account.now, request).unwrap();
        air.switch(FIRST);
        air.account.pass(5 * MINUTE);
        assert_eq!(air.watch(), 200);
        let update = UpdateOriginEndpoint { id: "open".into(), ..update };
        air.account.world.update_origin_endpoint(HOME, air.account.now, update).unwrap();
        assert_eq!(air.watch(), 403, "{doc}");
    }
}

// aws-facts 5.2: a secret in use must not be deleted before the endpoint.
#[test]
fn without_its_secret_the_endpoint_refuses() {
    let mut air = OnAir::new();
    let how = DeleteSecret { recovery_window_days: Some(7), force: false };
    air.account.world.delete_secret(HOME, air.account.now, "s", how).unwrap();
    assert_eq!(air.watch(), 403);
    air.account.world.restore_secret(HOME, air.account.now, "s").unwrap();
    assert_eq!(air.watch(), 200);
}

// aws-facts 2.6: MediaPackage may not have read the new value yet.
#[test]
fn a_header_that_is_switched_at_once_is_refused() {
    let mut air = OnAir::new();
    air.rotate("second-identifier");
    assert_eq!(air.watch(), 200, "the previous one is still good");
    air.switch("second-identifier");
    assert_eq!(air.watch(), 403);
    assert_eq!(air.worst_during(10 * MINUTE - 10 * SECOND), 403);
    air.account.pass(10 * SECOND);
    assert_eq!(air.watch(), 200);
}

#[test]
fn a_header_that_is_switched_ten_minutes_later_is_never_refused() {
    let mut air = OnAir::new();
    air.rotate("second-identifier");
    assert_eq!(air.worst_during(10 * MINUTE), 200);
    air.switch("second-identifier");
    assert_eq!(air.worst_during(6 * MINUTE), 200);
    let status = air.account.world.get_distribution(air.account.now, &air.distribution).unwrap().status;
    assert_eq!(status.as_str(), "Deployed");
    air.rotate("third-identifier");
    assert_eq!(air.worst_during(10 * MINUTE), 200, "the second round");
}

#[test]
fn ten_minutes_less_a_second_are_too_few() {
    let mut air = OnAir::new();
    air.rotate("second-identifier");
    air.account.pass(10 * MINUTE - SECOND);
    air.switch("second-identifier");
    assert_eq!(air.watch(), 403);
}

#[test]
fn an_identifier_that_is_neither_current_nor_previous_is_refused_at_once() {
    let mut air = OnAir::new();
    air.rotate("second-identifier");
    air.account.pass(HOUR);
    assert_eq!(air.watch(), 200);
    air.rotate("third-identifier");
    assert_eq!(air.watch(), 403);
}

// The next rotation may begin only when no edge sends the value before any more.
#[test]
fn a_rotation_that_begins_before_the_last_one_is_deployed_is_refused() {
    let mut air = OnAir::new();
    air.rotate("second-identifier");
    air.account.pass(10 * MINUTE);
    air.switch("second-identifier");
    air.account.pass(5 * MINUTE - SECOND);
    air.rotate("third-identifier");
    assert_eq!(air.watch(), 403);
    air.account.pass(SECOND);
    assert_eq!(air.watch(), 200);
}

// MediaPackage reads the secret when a request names it.
#[test]
fn an_endpoint_knows_the_secret_as_it_was_when_it_was_named() {
    let mut air = OnAir::new();
    air.rotate("second-identifier");
    let plain = UpdateOriginEndpoint { id: "e".into(), ..Default::default() };
    air.account.world.update_origin_endpoint(HOME, air.account.now, plain.clone()).unwrap();
    air.switch("second-identifier");
    assert_eq!(air.watch(), 403, "an update that does not name it");
    let authorization = CdnAuthorization { secret_arn: air.secret_arn.clone(), secrets_role_arn: "role".into() };
    let named = UpdateOriginEndpoint { authorization: Some(authorization), ..plain };
    air.account.world.update_origin_endpoint(HOME, air.account.now, named).unwrap();
    assert_eq!(air.watch(), 200);
}

#[test]
fn the_cache_of_the_packager_is_a_switch_and_follows_the_speed() {
    let mut air = OnAir::new();
    air.account.world.switches.durations.cdn_secret_cache = Span::secs(0, 120);
    air.account.world.speed = 20.0;
    air.rotate("second-identifier");
    air.switch("second-identifier");
    air.account.pass(6 * SECOND - 1);
    assert_eq!(air.watch(), 403);
    air.account.pass(1);
    assert_eq!(air.watch(), 200);
}

// A world that was kept on disk goes on in the middle of a rollout.
#[test]
fn a_stored_account_remembers_what_edges_still_serve() {
    let mut air = OnAir::new();
    let good = config(&air.endpoint, FIRST);
    air.update(DistributionConfig { enabled: false, ..good.clone() });
    air.update(good);
    let stored = serde_json::to_string(&air.account.world).unwrap();
    air.account.world = serde_json::from_str(&stored).unwrap();
    assert_eq!(air.watch(), 403);
}
