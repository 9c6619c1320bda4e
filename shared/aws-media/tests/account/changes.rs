//! What changes in place, against the strict account: sources of an input, the class of a channel, tags.

use super::stage::{Stage, channel, group, input, kind, made, packaging, tags};
use headend_control::ports::{ChannelShape, MediaLive, MediaPackage, Tagging};
use headend_domain::action::{RefusalKind, Status};
use headend_domain::request::InputRequest;
use headend_domain::slot::Slot;
use headend_domain::spec::{ChannelClass, InputKind};

#[tokio::test]
async fn the_sources_of_an_input_change_in_place() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (group, _) = made(account.create_group(&group()).await);
    let url = |host: &str| format!("https://{host}.example.net/live/master.m3u8");
    let pull = |hosts: [&str; 2]| InputRequest {
        kind: InputKind::UrlPull,
        group_id: None,
        stream_names: Vec::new(),
        sources: hosts.map(url).to_vec(),
        ..input(&group)
    };
    let (object, _) = made(account.create_input(&pull(["a", "b"])).await);
    stage.pass(60);
    let (changed, seen) = account.update_input(&object.id, &pull(["c", "d"])).await.unwrap().unwrap();
    assert_eq!((changed.id, seen.status), (object.id, Status::Ready));
    assert_eq!(account.update_input("999", &pull(["c", "d"])).await, Ok(None));
}

#[tokio::test]
async fn an_idle_channel_takes_the_other_class_and_back() {
    let stage = Stage::open().await;
    let account = &stage.account;
    let (group, _) = made(account.create_group(&group()).await);
    let (input, _) = made(account.create_input(&input(&group)).await);
    made(account.create_packaging(&packaging()).await);
    stage.pass(60);
    let standard = channel(&input);
    let (object, _) = made(account.create_channel(&standard).await);
    stage.pass(120);
    let shape = |class| ChannelShape { class, inputs: vec![input.id.clone()] };
    assert_eq!(account.channel_shape(&object.id).await, Ok(Some(shape(ChannelClass::Standard))));
    for (request, class) in [
        (channel(&input).in_class(ChannelClass::Single), ChannelClass::Single),
        (channel(&input).in_class(ChannelClass::Standard), ChannelClass::Standard),
    ] {
        let seen = account.update_channel_class(&object.id, &request).await.unwrap().unwrap();
        assert_eq!(seen.status, Status::Updating);
        assert_eq!(kind(account.update_channel_class(&object.id, &request).await), RefusalKind::Conflict);
        stage.pass(120);
        assert_eq!(account.channel_shape(&object.id).await, Ok(Some(shape(class))));
        assert!(account.update_channel(&object.id, &request).await.unwrap().is_some());
        stage.pass(120);
    }
    assert_eq!(account.channel_shape("999").await, Ok(None));
    let mut wanted = tags(&Slot::Channel);
    wanted.insert("programme".to_owned(), "news".to_owned());
    assert_eq!(account.retag(&Slot::Channel, &object, &wanted).await, Ok(Some(())));
}
