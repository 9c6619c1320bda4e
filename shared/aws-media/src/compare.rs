//! What AWS describes of each object, in the form that the domain compares: one call, nothing decided.

use crate::cloudfront::{distribution_seen, named};
use crate::medialive::seen::{channel_seen, group_seen, input_seen};
use crate::mediapackage::{manifests, urls_of};
use crate::tags::unless_missing;
use crate::{Account, object};
use aws_sdk_cloudfront::types::Distribution;
use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_medialive::operation::describe_channel::DescribeChannelOutput;
use aws_sdk_medialive::operation::describe_input::DescribeInputOutput;
use aws_sdk_medialive::operation::describe_input_security_group::DescribeInputSecurityGroupOutput;
use aws_sdk_mediapackage::operation::describe_origin_endpoint::DescribeOriginEndpointOutput;
use headend_control::ports::{Compared, Comparing};
use headend_domain::action::{Object, Seen, Status};
use headend_domain::drift::{Traits, attachment, list, seconds, set, video};
use headend_domain::slot::Slot;

type Found = Option<(Object, Seen, Traits)>;

impl Comparing for Account {
    async fn compare(&self, slot: &Slot, id: &str) -> Compared {
        Ok(match slot {
            Slot::Group(_) => {
                let call = self.medialive.describe_input_security_group().input_security_group_id(id);
                unless_missing(call.send().await)?.and_then(|it| group(&it))
            }
            Slot::Input(_) => {
                unless_missing(self.medialive.describe_input().input_id(id).send().await)?.and_then(|it| input(&it))
            }
            Slot::Channel => {
                let call = self.medialive.describe_channel().channel_id(id);
                unless_missing(call.send().await)?.and_then(|it| channel(&it))
            }
            Slot::Packaging => {
                let found = unless_missing(self.mediapackage.describe_channel().id(id).send().await)?;
                found.map(|it| (object(it.id, it.arn), Seen::new(Status::Ready), Traits::new()))
            }
            Slot::Endpoint(_) => {
                let call = self.mediapackage.describe_origin_endpoint().id(id);
                unless_missing(call.send().await)?.map(|it| endpoint(&it))
            }
            Slot::Secret => {
                let found = unless_missing(self.secrets.describe_secret().secret_id(id).send().await)?;
                found.filter(|it| it.deleted_date.is_none()).map(|it| {
                    let versions = it.version_ids_to_stages.unwrap_or_default();
                    let current = versions.into_iter().filter(|(_, stages)| stages.iter().any(|it| it == "AWSCURRENT"));
                    let traits = Traits::from([("current version", set(current.map(|(id, _)| id)))]);
                    (object(it.name, it.arn), Seen::new(Status::Ready), traits)
                })
            }
            Slot::Distribution => {
                let found = unless_missing(self.cloudfront.get_distribution().id(id).send().await)?;
                found.and_then(|it| it.distribution).map(|it| distribution(&it))
            }
            Slot::Alarm(kind) => {
                let (client, _) = self.alarms_in(kind.region());
                let found = unless_missing(client.describe_alarms().alarm_names(id).send().await)?;
                found.and_then(|it| it.metric_alarms.unwrap_or_default().into_iter().next()).map(alarm)
            }
        })
    }
}

fn group(it: &DescribeInputSecurityGroupOutput) -> Found {
    let rules = it.whitelist_rules().iter().filter_map(|rule| rule.cidr().map(str::to_owned));
    let traits = Traits::from([("rules", set(rules))]);
    Some((object(it.id.clone(), it.arn.clone()), group_seen(it.state.as_ref())?, traits))
}

fn input(it: &DescribeInputOutput) -> Found {
    let sources = it.sources().iter().filter_map(|source| source.url().map(str::to_owned));
    let callers = it.srt_settings().map(|srt| srt.srt_caller_sources()).unwrap_or_default();
    let callers = callers.iter().map(|it| {
        format!(
            "srt://{}:{}",
            it.srt_listener_address().unwrap_or_default(),
            it.srt_listener_port().unwrap_or_default()
        )
    });
    let flows = it.media_connect_flows().iter().filter_map(|flow| flow.flow_arn().map(str::to_owned));
    let traits = Traits::from([
        ("security group", list(it.security_groups().iter().cloned())),
        ("sources", list(sources.chain(callers))),
        ("flows", list(flows)),
    ]);
    let urls = it.destinations().iter().filter_map(|destination| destination.url().map(str::to_owned)).collect();
    let object = Object { urls, ..object(it.id.clone(), it.arn.clone()) };
    Some((object, input_seen(it.state.as_ref())?, traits))
}

fn channel(it: &DescribeChannelOutput) -> Found {
    let inputs = it.input_attachments().iter().map(|it| {
        let second = it.automatic_input_failover_settings().and_then(|failover| failover.secondary_input_id());
        attachment(it.input_attachment_name().unwrap_or_default(), it.input_id().unwrap_or_default(), second)
    });
    let packaging = it.destinations().iter().flat_map(|it| it.media_package_settings());
    let packaging = packaging.filter_map(|it| it.channel_id().map(str::to_owned));
    let pictures = it.encoder_settings().map(|settings| settings.video_descriptions()).unwrap_or_default();
    let pictures = pictures.iter().map(|it| {
        let bitrate = it.codec_settings().and_then(|codec| codec.h264_settings()?.bitrate());
        video(it.width().unwrap_or_default(), it.height().unwrap_or_default(), bitrate.unwrap_or_default())
    });
    let traits = Traits::from([
        ("name", it.name().unwrap_or_default().to_owned()),
        ("class", it.channel_class().map_or("", |class| class.as_str()).to_owned()),
        ("inputs", list(inputs)),
        ("packaging channel", list(packaging)),
        ("video", list(pictures)),
    ]);
    let seen = channel_seen(it.state.as_ref(), it.pipelines_running_count)?;
    Some((object(it.id.clone(), it.arn.clone()), seen, traits))
}

fn endpoint(it: &DescribeOriginEndpointOutput) -> (Object, Seen, Traits) {
    let (hls, dash, cmaf) = (it.hls_package(), it.dash_package(), it.cmaf_package());
    let segments = hls.and_then(|it| it.segment_duration_seconds());
    let segments = segments.or(dash.and_then(|it| it.segment_duration_seconds()));
    let segments = segments.or(cmaf.and_then(|it| it.segment_duration_seconds()));
    let manifest = cmaf.and_then(|it| it.hls_manifests().first());
    let window = hls.and_then(|it| it.playlist_window_seconds());
    let window = window.or(dash.and_then(|it| it.manifest_window_seconds()));
    let window = window.or(manifest.and_then(|it| it.playlist_window_seconds()));
    let secret = it.authorization().and_then(|it| it.cdn_identifier_secret().map(str::to_owned));
    let traits = Traits::from([
        ("segments", seconds(segments.unwrap_or_default())),
        ("window", seconds(window.unwrap_or_default())),
        ("start-over", seconds(it.startover_window_seconds().unwrap_or_default())),
        ("manifest name", it.manifest_name().unwrap_or_default().to_owned()),
        ("origination", it.origination().map_or("", |it| it.as_str()).to_owned()),
        ("secret", list(secret)),
    ]);
    let cmaf = cmaf.map(|it| manifests(it.hls_manifests()));
    (urls_of(it.id.clone(), it.arn.clone(), it.url.clone(), cmaf), Seen::new(Status::Ready), traits)
}

fn distribution(it: &Distribution) -> (Object, Seen, Traits) {
    let config = it.distribution_config.as_ref();
    let origins = config.and_then(|config| config.origins.as_ref()).map(|it| it.items()).unwrap_or_default();
    let headers = origins.iter().flat_map(|it| it.custom_headers.iter().flat_map(|headers| headers.items()));
    let paths = config.and_then(|config| config.cache_behaviors.as_ref()).map(|it| it.items()).unwrap_or_default();
    let enabled = config.is_some_and(|config| config.enabled);
    let traits = Traits::from([
        ("in service", if enabled { "yes" } else { "no" }.to_owned()),
        ("comment", config.map(|config| config.comment.clone()).unwrap_or_default()),
        ("origins", set(origins.iter().map(|it| it.domain_name.clone()))),
        ("headers to the origin", set(headers.map(|it| it.header_name.clone()))),
        ("paths", set(paths.iter().map(|it| it.path_pattern.clone()))),
    ]);
    (named(&it.id, &it.arn, &it.domain_name), distribution_seen(it), traits)
}

fn alarm(it: MetricAlarm) -> (Object, Seen, Traits) {
    let watched = ["ChannelId", "Channel", "DistributionId"];
    let of = it.dimensions().iter().find(|it| it.name().is_some_and(|name| watched.contains(&name)));
    let traits = Traits::from([
        ("metric", it.metric_name().unwrap_or_default().to_owned()),
        ("of", list(of.and_then(|it| it.value().map(str::to_owned)))),
        ("threshold", it.threshold().unwrap_or_default().to_string()),
        ("actions", if it.actions_enabled().unwrap_or(true) { "on" } else { "off" }.to_owned()),
    ]);
    (object(it.alarm_name, it.alarm_arn), Seen::new(Status::Ready), traits)
}
