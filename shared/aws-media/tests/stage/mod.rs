//! A simulated account behind a port, in virtual time, and the requests of a small platform.

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use headend_aws_media::Account;
use headend_aws_store::config::MediaConfig;
use headend_aws_store::sdk;
use headend_control::ports::{Creation, Mark, SecretValue};
use headend_domain::action::{Object, Refusal, RefusalKind, Seen};
use headend_domain::request::{
    AlarmRequest, Attachment, ChannelRequest, DistributionRequest, EndpointRequest, GroupRequest, InputRequest,
    PackagingRequest, SecretRequest,
};
use headend_domain::slot::{AlarmKind, Format, Slot};
use headend_domain::spec::{
    ArchiveSpec, AudioLayout, AudioSpec, ChannelClass, EndpointSpec, InputKind, InputSpecification, Resolution, preset,
};
use headend_local::clock::Clock;
use headend_local::cloud::{Cloud, CloudConfig};
use headend_local::wire::{self, Fault, FaultKind};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::TcpListener;

pub struct Stage {
    pub cloud: Arc<Cloud>,
    pub account: Account,
}

impl Stage {
    pub async fn open() -> Self {
        // Signatures carry the machine's time; from there on it passes only when a test says so.
        let clock = Clock::starting_at(Clock::Real.now());
        let cloud = Cloud::new(CloudConfig { clock, ..CloudConfig::default() }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(wire::serve(listener, cloud.clone()));
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let settings = sdk::settings().into_builder().region(Region::from_static("eu-west-1"));
        let settings = settings.credentials_provider(SharedCredentialsProvider::new(credentials));
        let config = MediaConfig {
            region: "eu-west-1".to_owned(),
            medialive_role_arn: "arn:aws:iam::123456789012:role/medialive".to_owned(),
            secrets_role_arn: "arn:aws:iam::123456789012:role/secrets".to_owned(),
            archive_bucket: "live-archive".to_owned(),
            bus: "headend".to_owned(),
        };
        let account = Account::new(&settings.endpoint_url(endpoint).build(), config);
        Self { cloud, account }
    }

    /// Lets the account's time pass.
    pub fn pass(&self, secs: i64) {
        self.cloud.clock().move_to(self.cloud.now() + secs * 1000);
    }

    pub fn lose(&self, service: &str, operation: &str) {
        self.meet(service, operation, FaultKind::Lost);
    }

    pub fn refuse(&self, service: &str, operation: &str, status: u16, code: &str, message: &str) {
        let (code, message) = (code.to_owned(), message.to_owned());
        self.meet(service, operation, FaultKind::Refuse { status, code, message });
    }

    fn meet(&self, service: &str, operation: &str, kind: FaultKind) {
        let (service, operation) = (service.to_owned(), operation.to_owned());
        self.cloud.faults.add(Fault { service, operation, kind, times: 1 });
    }

    pub fn quota(&self, name: &str, number: u32) {
        self.cloud.with_world(|world, _| world.quotas.set(name, number).unwrap());
    }
}

pub fn made(created: Result<Creation, Refusal>) -> (Object, Seen) {
    match created.unwrap() {
        Creation::Made(object, seen) => (object, seen),
        Creation::AlreadyThere => panic!("it was there already"),
    }
}

pub fn kind<T: std::fmt::Debug>(result: Result<T, Refusal>) -> RefusalKind {
    result.unwrap_err().kind
}

pub fn mark(slot: Slot) -> Mark {
    Mark { stack: "live".to_owned(), platform: "p-000000000001".to_owned(), slot }
}

pub fn tags(slot: &Slot) -> BTreeMap<String, String> {
    let tags = [("stack", "live"), ("platform", "p-000000000001"), ("slot", &slot.to_string())];
    tags.iter().map(|(key, value)| (format!("headend:{key}"), (*value).to_owned())).collect()
}

pub fn group() -> GroupRequest {
    GroupRequest { cidrs: vec!["203.0.113.7/32".to_owned()], tags: tags(&Slot::Group("main".to_owned())) }
}

pub fn input(group: &Object) -> InputRequest {
    InputRequest {
        request_id: "hl-p-000000000001-input-main-1".to_owned(),
        name: "hl-p-000000000001-input-main-1".to_owned(),
        kind: InputKind::RtmpPush,
        group_id: Some(group.id.clone()),
        stream_names: vec!["main-key/a".to_owned(), "main-key/b".to_owned()],
        sources: Vec::new(),
        login: None,
        flows: Vec::new(),
        srt: None,
        tags: tags(&Slot::Input("main".to_owned())),
    }
}

pub fn secret() -> (SecretRequest, SecretValue) {
    let request = SecretRequest {
        name: "hl-p-000000000001-secret-1".to_owned(),
        version: "0".repeat(32),
        tags: tags(&Slot::Secret),
    };
    (request, SecretValue::new("0123456789abcdef0123456789abcdef".to_owned()))
}

pub fn packaging() -> PackagingRequest {
    let id = "hl-p-000000000001-packaging-1".to_owned();
    PackagingRequest { id, description: "d".to_owned(), tags: tags(&Slot::Packaging) }
}

pub fn endpoint(format: Format, secret: &Object) -> EndpointRequest {
    EndpointRequest {
        id: format!("hl-p-000000000001-endpoint-{}-1", format.word()),
        packaging_id: packaging().id,
        format,
        settings: EndpointSpec {
            manifest_name: "master".to_owned(),
            segment_seconds: 6,
            window_seconds: 60,
            startover_seconds: 3600,
        },
        secret_arn: secret.arn.clone(),
        tags: tags(&Slot::Endpoint(format)),
    }
}

pub fn channel(input: &Object) -> ChannelRequest {
    ChannelRequest {
        request_id: "hl-p-000000000001-channel-1".to_owned(),
        name: "hl-p-000000000001-channel-1".to_owned(),
        class: ChannelClass::Standard,
        attachments: vec![Attachment {
            name: "main".to_owned(),
            input_id: input.id.clone(),
            kind: InputKind::RtmpPush,
            loops: false,
            failover: None,
        }],
        input_specification: InputSpecification {
            codec: "AVC".to_owned(),
            resolution: Resolution::Hd,
            maximum_bitrate: "MAX_20_MBPS".to_owned(),
        },
        packaging_id: packaging().id,
        archive_keys: vec!["archives/p/p0/p".to_owned(), "archives/p/p1/p".to_owned()],
        archive: ArchiveSpec { enabled: true, rollover_seconds: 300 },
        ladder: preset("hd").unwrap(),
        audio: vec![AudioSpec::new("stereo", AudioLayout::Stereo, 128_000)],
        captions: Vec::new(),
        input_loss: None,
        tags: tags(&Slot::Channel),
    }
}

pub fn distribution(endpoint: &Object) -> DistributionRequest {
    let url = endpoint.urls[0].trim_start_matches("https://");
    let (host, path) = url.split_once('/').unwrap();
    let guid = path.split('/').nth(2).unwrap();
    DistributionRequest {
        caller_reference: "hl-p-000000000001-distribution-1".to_owned(),
        comment: "hl-p-000000000001-distribution-1 My platform".to_owned(),
        origin_host: host.to_owned(),
        path_patterns: vec![format!("/out/v1/{guid}/*")],
        secret_id: "hl-p-000000000001-secret-1".to_owned(),
        secret_version: secret().0.version,
        tags: tags(&Slot::Distribution),
    }
}

pub fn alarm(kind: AlarmKind) -> AlarmRequest {
    AlarmRequest {
        name: format!("hl-p-000000000001-alarm-{kind}-1"),
        description: "d".to_owned(),
        kind,
        region: kind.region(),
        watched: "1234567".to_owned(),
        threshold: 1.0,
        tags: tags(&Slot::Alarm(kind)),
    }
}
