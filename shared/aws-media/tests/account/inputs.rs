//! Every type of input, and a channel with all of them, captions, languages and failover, against the strict account.

use super::stage::{Stage, channel, group, input, made, packaging};
use headend_control::ports::{MediaLive, MediaPackage};
use headend_domain::action::{Object, Status};
use headend_domain::request::{Attachment, ChannelRequest, Failover, InputRequest, Login};
use headend_domain::spec::{self, InputKind, InputSpec, Spec};
use serde_json::json;

const FLOW: &str = "arn:aws:mediaconnect:eu-west-1:123456789012:flow:1-abc:studio";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:headend/srt-a1b2c3";

fn wanted() -> Spec {
    let key = json!({"algorithm": "AES256", "passphraseSecretArn": SECRET});
    let source = |host: &str| json!({"address": host, "port": 9000, "streamId": "s", "decryption": key});
    let flow = |name: &str, n: u8| json!({"name": name, "type": "MEDIACONNECT", "flows": [format!("{FLOW}-{n}a"), format!("{FLOW}-{n}b")]});
    let mut main = flow("flow", 1);
    main["failover"] = json!({"input": "flow-backup", "conditions": {"blackMs": 2000, "silenceMs": 2000}});
    spec::read(&json!({
        "name": "n", "channelClass": "standard",
        "inputs": [
            main, flow("flow-backup", 2),
            {"name": "listener", "type": "SRT_LISTENER", "srt": {"minimumLatencyMs": 2000, "decryption": key}},
            {"name": "caller", "type": "SRT_CALLER", "srt": {"sources": [source("a.example.net"), source("b.example.net")]}},
            {"name": "rtmp", "type": "RTMP_PULL", "urls": ["rtmp://a.example.net/app/s", "rtmps://b.example.net/app/s"],
             "username": "me", "passwordParameter": "/headend/studio"},
            {"name": "file", "type": "MP4_FILE", "urls": ["s3ssl://files/a.mp4", "https://b.example.net/a.mp4"], "loop": true},
            {"name": "hls", "type": "URL_PULL", "urls": ["https://a.example.net/a.m3u8", "https://b.example.net/a.m3u8"]},
        ],
        "audio": [
            {"layout": "stereo", "language": "eng", "source": {"language": "eng"}},
            {"layout": "stereo", "language": "deu", "source": {"track": 2}},
            {"name": "clean", "layout": "stereo", "source": {"pid": 482}},
        ],
        "captions": [
            {"language": "eng"}, {"language": "spa", "channel": 3},
            {"name": "inside", "language": "eng", "output": "embedded"},
        ],
        "inputLoss": {"show": "slate", "slateUrl": "s3ssl://slates/off.png"},
    }))
    .unwrap()
}

/// The request for one of the inputs, in a group of its own where it needs one.
async fn request(stage: &Stage, wanted: &InputSpec) -> InputRequest {
    let (group, _) = made(stage.account.create_group(&group()).await);
    let token = format!("hl-p-000000000001-input-{}-1", wanted.name);
    let login = wanted.username.clone().zip(wanted.password_parameter.clone());
    InputRequest {
        request_id: token.clone(),
        name: token,
        kind: wanted.kind,
        group_id: wanted.kind.is_push().then(|| group.id.clone()),
        stream_names: Vec::new(),
        sources: wanted.urls.clone(),
        login: login.map(|(username, password_parameter)| Login { username, password_parameter }),
        flows: wanted.flows.clone(),
        srt: wanted.srt.clone(),
        ..input(&group)
    }
}

fn attached(spec: &Spec, inputs: &[Object]) -> Vec<Attachment> {
    let id = |name: &str| inputs[spec.inputs.iter().position(|it| it.name == name).unwrap()].id.clone();
    let attachment = |it: &InputSpec| Attachment {
        name: it.name.clone(),
        input_id: id(&it.name),
        kind: it.kind,
        loops: it.loops,
        failover: it.failover.as_ref().map(|failover| Failover {
            secondary_id: id(&failover.input),
            preference: failover.preference,
            clear_time_ms: failover.clear_time_ms,
            conditions: failover.conditions.clone(),
        }),
    };
    spec.inputs.iter().map(attachment).collect()
}

#[tokio::test]
async fn a_standard_channel_takes_every_type_with_captions_languages_failover_and_a_slate() {
    let stage = Stage::open().await;
    stage.quota("medialive.input-security-groups", 20);
    let account = &stage.account;
    let spec = wanted();
    let mut inputs = Vec::new();
    for wanted in &spec.inputs {
        let (input, seen) = made(account.create_input(&request(&stage, wanted).await).await);
        assert_eq!(seen.status, Status::Making, "{}", wanted.name);
        let listens = wanted.kind == InputKind::SrtListener;
        assert_eq!(input.urls.iter().filter(|url| url.starts_with("srt://")).count(), if listens { 2 } else { 0 });
        inputs.push(input);
        stage.pass(30);
    }
    made(account.create_packaging(&packaging()).await);
    stage.pass(60);
    let request = ChannelRequest {
        attachments: attached(&spec, &inputs),
        audio: spec.audio.clone(),
        captions: spec.captions.clone(),
        input_loss: spec.input_loss.clone(),
        ..channel(&inputs[0])
    };
    let (channel, _) = made(account.create_channel(&request).await);
    stage.pass(120);
    // What was accepted once is accepted as a change too.
    assert!(account.update_channel(&channel.id, &request).await.unwrap().is_some());
    stage.pass(120);
    assert_eq!(account.describe_channel(&channel.id).await.unwrap().unwrap().status, Status::Ready);
}
