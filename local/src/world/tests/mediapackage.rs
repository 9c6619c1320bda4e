//! MediaPackage v1 (aws-facts 2).

use super::*;
use crate::world::mediapackage::{CdnAuthorization, HlsManifest, UpdateOriginEndpoint};
use crate::world::secrets::{CreateSecret, DeleteSecret};

fn unprocessable() -> (u16, String) {
    (422, "UnprocessableEntityException".into())
}

// aws-facts 2.1: ids are the caller's; there is no Conflict shape, a taken id is 422.
#[test]
fn a_taken_id_is_unprocessable() {
    let mut account = Account::calm();
    account.packaging("p");
    let again = CreatePackagingChannel { id: "p".into(), ..Default::default() };
    assert_eq!(refusal(account.world.create_packaging_channel(HOME, account.now, again)), unprocessable());
    let endpoint = account.endpoint("p", "e");
    account.world.create_origin_endpoint(HOME, account.now, endpoint.clone()).unwrap();
    let again = account.world.create_origin_endpoint(HOME, account.now, endpoint);
    assert_eq!(refusal(again), unprocessable());
}

// aws-facts 2.2: two ingest endpoints, the first one's guid is the channel's.
#[test]
fn a_channel_has_two_ingest_endpoints() {
    let mut account = Account::calm();
    account.packaging("p");
    let channel = account.world.describe_packaging_channel(HOME, account.now, "p").unwrap();
    let [first, second] = &channel.ingest;
    assert!(first.url.ends_with(&format!("/in/v2/{0}/{0}/channel", channel.guid)), "{}", first.url);
    assert_ne!(first.id, second.id);
    assert!(channel.arn.ends_with(&format!(":channels/{}", channel.guid)));
}

// aws-facts 2.5: one host for all endpoints of a channel, another guid for each; the packager adds the extension.
#[test]
fn endpoints_of_a_channel_share_the_host() {
    let mut account = Account::calm();
    account.packaging("p");
    let hls = account.endpoint("p", "hls");
    let hls = account.world.create_origin_endpoint(HOME, account.now, hls).unwrap();
    let dash = CreateOriginEndpoint { packager: Packager::Dash, ..account.endpoint("p", "dash") };
    let dash = account.world.create_origin_endpoint(HOME, account.now, dash).unwrap();
    let host = account.world.describe_packaging_channel(HOME, account.now, "p").unwrap().egress_host;
    assert_eq!(hls.url, format!("https://{host}/out/v1/{}/master.m3u8", hls.guid));
    assert_eq!(dash.url, format!("https://{host}/out/v1/{}/master.mpd", dash.guid));
    assert_ne!(hls.guid, dash.guid);
}

// aws-facts 2.4, 2.5: for CMAF the manifests have the URLs, and inherit the endpoint's manifest name.
#[test]
fn a_cmaf_endpoint_names_a_url_for_each_manifest() {
    let mut account = Account::calm();
    account.packaging("p");
    let manifest = HlsManifest { id: "m".into(), manifest_name: None, url: "whatever was sent".into() };
    let request = CreateOriginEndpoint {
        packager: Packager::Cmaf,
        hls_manifests: vec![manifest],
        ..account.endpoint("p", "cmaf")
    };
    let cmaf = account.world.create_origin_endpoint(HOME, account.now, request).unwrap();
    assert_eq!(cmaf.hls_manifests[0].url, format!("{}m/master.m3u8", cmaf.url));
}

// aws-facts 2.9: endpoints before the channel.
#[test]
fn a_channel_with_endpoints_cannot_go() {
    let mut account = Account::calm();
    account.packaging("p");
    let endpoint = account.endpoint("p", "e");
    account.world.create_origin_endpoint(HOME, account.now, endpoint).unwrap();
    assert_eq!(refusal(account.world.delete_packaging_channel(HOME, account.now, "p")), unprocessable());
    account.world.delete_origin_endpoint(HOME, account.now, "e").unwrap();
    account.world.delete_packaging_channel(HOME, account.now, "p").unwrap();
    let gone = account.world.describe_packaging_channel(HOME, account.now, "p");
    assert_eq!(refusal(gone), (404, "NotFoundException".into()));
}

#[test]
fn an_endpoint_needs_its_channel() {
    let mut account = Account::calm();
    let orphan = account.endpoint("nowhere", "e");
    let refused = account.world.create_origin_endpoint(HOME, account.now, orphan);
    assert_eq!(refusal(refused), unprocessable());
}

// aws-facts 2.6: the secret must exist, be readable, and hold an identifier of 8 to 128 characters.
#[test]
fn cdn_authorization_is_checked_at_creation() {
    let mut account = Account::calm();
    account.packaging("p");
    let mut number = 0;
    let mut attempt = |account: &mut Account, secret_arn: &str| {
        number += 1;
        let authorization = CdnAuthorization { secret_arn: secret_arn.into(), secrets_role_arn: "role".into() };
        let request =
            CreateOriginEndpoint { authorization: Some(authorization), ..account.endpoint("p", &format!("e{number}")) };
        account.world.create_origin_endpoint(HOME, account.now, request)
    };
    let secret = |account: &mut Account, name: &str, text: &str| {
        let request = CreateSecret { name: name.into(), secret_string: Some(text.into()), ..Default::default() };
        account.world.create_secret(HOME, account.now, request).unwrap().arn
    };
    let good = secret(&mut account, "good", r#"{"MediaPackageCDNIdentifier":"0123456789"}"#);
    let short = secret(&mut account, "short", r#"{"MediaPackageCDNIdentifier":"0123"}"#);
    let other = secret(&mut account, "other", r#"{"SomethingElse":"0123456789"}"#);
    attempt(&mut account, &good).unwrap();
    for bad in [&short, &other, &format!("{good}x")] {
        assert_eq!(refusal(attempt(&mut account, bad)), unprocessable(), "{bad}");
    }
    let how = DeleteSecret { recovery_window_days: Some(7), force: false };
    account.world.delete_secret(HOME, account.now, &good, how).unwrap();
    assert_eq!(refusal(attempt(&mut account, &good)), unprocessable());
}

// aws-facts 2.3: the packager is fixed; the URL survives an update.
#[test]
fn an_update_changes_the_manifest_name_but_not_the_packager() {
    let mut account = Account::calm();
    account.packaging("p");
    let endpoint = account.endpoint("p", "e");
    let before = account.world.create_origin_endpoint(HOME, account.now, endpoint).unwrap();
    let update = UpdateOriginEndpoint { id: "e".into(), manifest_name: Some("other".into()), ..Default::default() };
    let after = account.world.update_origin_endpoint(HOME, account.now, update).unwrap();
    assert_eq!(after.url, before.url.replace("master", "other"));
    let repackage = UpdateOriginEndpoint { id: "e".into(), packager: Some(Packager::Dash), ..Default::default() };
    let refused = account.world.update_origin_endpoint(HOME, account.now, repackage);
    assert_eq!(refusal(refused), unprocessable());
}

// aws-facts 2.2: 30 channels, 10 endpoints on each.
#[test]
fn the_eleventh_endpoint_meets_the_quota() {
    let mut account = Account::calm();
    account.packaging("p");
    for number in 0..10 {
        let request = account.endpoint("p", &format!("e{number}"));
        account.world.create_origin_endpoint(HOME, account.now, request).unwrap();
    }
    let request = account.endpoint("p", "one-more");
    let error = account.world.create_origin_endpoint(HOME, account.now, request).unwrap_err();
    assert!(error.message.contains("mediapackage.endpoints-per-channel"), "{error}");
}
