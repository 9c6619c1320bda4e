//! The heavy half of AWS: the services that a platform is made of, behind control's ports. One folder per
//! service: what is sent (`build`, pure), and sending and converting beside it. What AWS's errors mean is in
//! `refusal`. Nothing here decides anything or sends anything twice.

mod alarms;
mod cloudfront;
mod compare;
mod inventory;
mod medialive;
mod mediapackage;
mod messages;
mod refusal;
mod secrets;
mod tags;

use aws_config::{Region, SdkConfig};
use headend_aws_store::config::MediaConfig;
use headend_control::ports::Tagging;
use headend_domain::action::{Object, Refusal};
use headend_domain::slot::{AlarmRegion, Slot};
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// CloudFront is signed for this region, and publishes its metrics there only (aws-facts 0, 3.7).
const CLOUDFRONT_REGION: &str = "us-east-1";

/// A client costs as much as all of a start that makes none, and most wake-ups need one service (docs/performance.md).
type OnFirstUse<C> = LazyLock<C, Box<dyn FnOnce() -> C + Send>>;

/// The services of one account, with their clients.
pub struct Account {
    config: MediaConfig,
    medialive: OnFirstUse<aws_sdk_medialive::Client>,
    mediapackage: OnFirstUse<aws_sdk_mediapackage::Client>,
    cloudfront: OnFirstUse<aws_sdk_cloudfront::Client>,
    events: OnFirstUse<aws_sdk_eventbridge::Client>,
    secrets: OnFirstUse<aws_sdk_secretsmanager::Client>,
    alarms_at_home: OnFirstUse<aws_sdk_cloudwatch::Client>,
    alarms_of_cloudfront: OnFirstUse<aws_sdk_cloudwatch::Client>,
}

impl Account {
    /// Clients with the settings of `sdk`; CloudFront and its alarms in their own region.
    pub fn new(sdk: &SdkConfig, config: MediaConfig) -> Self {
        let global = sdk.to_builder().region(Region::from_static(CLOUDFRONT_REGION)).build();
        Self {
            config,
            medialive: on_first_use(sdk, aws_sdk_medialive::Client::new),
            mediapackage: on_first_use(sdk, aws_sdk_mediapackage::Client::new),
            cloudfront: on_first_use(&global, aws_sdk_cloudfront::Client::new),
            events: on_first_use(sdk, aws_sdk_eventbridge::Client::new),
            secrets: on_first_use(sdk, aws_sdk_secretsmanager::Client::new),
            alarms_at_home: on_first_use(sdk, aws_sdk_cloudwatch::Client::new),
            alarms_of_cloudfront: on_first_use(&global, aws_sdk_cloudwatch::Client::new),
        }
    }

    /// Clients that find and remove; what only making needs (roles, bucket, bus) is not there.
    pub fn for_removal(sdk: &SdkConfig) -> Self {
        let none = String::new;
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let (medialive_role_arn, secrets_role_arn, archive_bucket, bus) = (none(), none(), none(), none());
        Self::new(sdk, MediaConfig { region, medialive_role_arn, secrets_role_arn, archive_bucket, bus })
    }

    fn alarms_in(&self, region: AlarmRegion) -> (&aws_sdk_cloudwatch::Client, &str) {
        match region {
            AlarmRegion::Home => (&self.alarms_at_home, &self.config.region),
            AlarmRegion::UsEast1 => (&self.alarms_of_cloudfront, CLOUDFRONT_REGION),
        }
    }
}

fn on_first_use<C: 'static>(sdk: &SdkConfig, make: fn(&SdkConfig) -> C) -> OnFirstUse<C> {
    let sdk = sdk.clone();
    LazyLock::new(Box::new(move || make(&sdk)))
}

/// Tags as the JSON services take them.
fn tag_map(tags: &BTreeMap<String, String>) -> HashMap<String, String> {
    tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// One call per service; which, the slot tells.
impl Tagging for Account {
    async fn retag(
        &self,
        slot: &Slot,
        object: &Object,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<()>, Refusal> {
        match slot {
            Slot::Group(_) | Slot::Input(_) | Slot::Channel => self.retag_medialive(&object.arn, tags).await,
            Slot::Packaging | Slot::Endpoint(_) => self.retag_mediapackage(&object.arn, tags).await,
            Slot::Distribution => self.retag_cloudfront(&object.arn, tags).await,
            Slot::Secret => self.retag_secret(&object.id, tags).await,
            Slot::Alarm(kind) => self.retag_alarm(kind.region(), &object.arn, tags).await,
        }
    }
}

fn object(id: Option<String>, arn: Option<String>) -> Object {
    Object { id: id.unwrap_or_default(), arn: arn.unwrap_or_default(), ..Object::default() }
}
