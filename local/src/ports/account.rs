//! Control's service ports on the simulated account. Requests become what the state machine needs of them; their
//! encoder settings and the like are the wire's business.

use super::classify::{refusal, refusal_of_delete};
use super::gate::Lost;
use super::{HOME, Inner, Sim, US_EAST_1};
use crate::world::cloudfront::{Behavior, Distribution, DistributionConfig, DistributionStatus, Origin};
use crate::world::cloudwatch::{Alarm, AlarmFilter, AlarmSpec, Comparison, Metric, MissingData, Statistic};
use crate::world::medialive as live;
use crate::world::mediapackage as pack;
use crate::world::secrets::{CreateSecret, DeleteSecret};
use crate::world::{AwsError, Ms, Page, Tags, World};
use headend_control::ports::{
    Alarms, CloudFront, Created, Creation, FoundAll, FoundOne, Looked, Mark, MediaLive, MediaPackage, SecretValue, Secrets,
};
use headend_domain::action::{Object, Refusal, RefusalKind, Seen, Status};
use headend_domain::request::{
    AlarmRequest, ChannelRequest, DistributionRequest, EndpointRequest, GroupRequest, InputRequest, PackagingRequest,
    SecretRequest,
};
use headend_domain::slot::{AlarmKind, AlarmRegion, Format};
use headend_domain::spec::{ChannelClass, InputKind};
use serde_json::Value;

type Answer<T> = Result<T, AwsError>;

impl Sim {
    async fn aws<T: 'static>(
        &self,
        name: &'static str,
        mutates: bool,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
    ) -> Result<Answer<T>, Refusal> {
        let effect = move |inner: &mut Inner| {
            let now = inner.now;
            effect(&mut inner.world, now)
        };
        let lost = |Lost| Refusal::new(RefusalKind::Unsure, "Timeout", "no answer came");
        self.call(name, mutates, on, effect).await.map_err(lost)
    }

    async fn create<T: 'static>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> (Object, Seen),
    ) -> Created {
        match self.aws(name, true, on, effect).await? {
            Ok(made) => {
                let (object, seen) = seen(&made);
                Ok(Creation::Made(object, seen))
            }
            Err(error) if already_there(&error) => Ok(Creation::AlreadyThere),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn find_one<T: 'static>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> (Object, Seen),
    ) -> FoundOne {
        match self.aws(name, false, on, effect).await? {
            Ok(found) => Ok(Some(seen(&found))),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn look<T: 'static>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> Option<Seen>,
    ) -> Looked {
        match self.aws(name, false, on, effect).await? {
            Ok(found) => Ok(seen(&found)),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn change<T: 'static>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> Option<Seen>,
    ) -> Looked {
        match self.aws(name, true, on, effect).await? {
            Ok(done) => Ok(seen(&done)),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal_of_delete(&error)),
        }
    }
}

fn gone(error: &AwsError) -> bool {
    error.status == 404 || error.code == "ResourceNotFoundException"
}

fn already_there(error: &AwsError) -> bool {
    let words = error.message.to_ascii_lowercase();
    matches!(error.code.as_str(), "DistributionAlreadyExists" | "ResourceExistsException")
        || (error.status == 422 && error.validation.is_empty() && words.contains("exist") && !words.contains("not exist"))
}

fn object(id: &str, arn: &str) -> Object {
    Object { id: id.to_owned(), arn: arn.to_owned(), urls: Vec::new(), domain: None }
}

fn tags(request: &std::collections::BTreeMap<String, String>) -> Tags {
    request.clone()
}

fn marked(tags: &Tags, mark: &Mark) -> bool {
    tags.get("headend:stack") == Some(&mark.stack)
        && tags.get("headend:platform") == Some(&mark.platform)
        && tags.get("headend:slot") == Some(&mark.slot.to_string())
}

fn group_seen(group: &live::InputSecurityGroup) -> Option<Seen> {
    match group.state {
        live::GroupState::Idle => Some(Seen::new(Status::Ready)),
        live::GroupState::InUse => Some(Seen::new(Status::InUse)),
        live::GroupState::Updating => Some(Seen::new(Status::Updating)),
        live::GroupState::Deleted => None,
    }
}

fn input_seen(input: &live::Input) -> Option<Seen> {
    match input.state {
        live::InputState::Creating => Some(Seen::new(Status::Making)),
        live::InputState::Detached | live::InputState::Attached => Some(Seen::new(Status::Ready)),
        live::InputState::Deleting => Some(Seen::new(Status::Deleting)),
        live::InputState::Deleted => None,
    }
}

fn channel_seen(channel: &live::Channel) -> Option<Seen> {
    let status = match channel.state {
        live::ChannelState::Creating => Status::Making,
        live::ChannelState::CreateFailed | live::ChannelState::UpdateFailed => Status::Broken,
        live::ChannelState::Idle => Status::Ready,
        live::ChannelState::Starting => Status::Starting,
        live::ChannelState::Running => Status::Running,
        live::ChannelState::Recovering => Status::Recovering,
        live::ChannelState::Stopping => Status::Stopping,
        live::ChannelState::Updating => Status::Updating,
        live::ChannelState::Deleting => Status::Deleting,
        live::ChannelState::Deleted => return None,
    };
    Some(Seen { pipelines: channel.pipelines_running() as u8, ..Seen::new(status) })
}

fn input_object(input: &live::Input) -> Object {
    let urls = input.destinations.iter().map(|destination| destination.url.clone()).collect();
    Object { urls, ..object(&input.id, &input.arn) }
}

fn or_ready(seen: Option<Seen>) -> Seen {
    seen.unwrap_or_else(|| Seen::new(Status::Deleting))
}

/// All pages of a list.
fn all<T>(mut list: impl FnMut(&Page) -> Answer<crate::world::Paged<T>>) -> Answer<Vec<T>> {
    let mut page = Page::default();
    let mut items = Vec::new();
    loop {
        let part = list(&page)?;
        items.extend(part.items);
        match part.next_token {
            Some(token) => page.next_token = Some(token),
            None => return Ok(items),
        }
    }
}

impl MediaLive for Sim {
    async fn create_group(&self, request: &GroupRequest) -> Created {
        let request = live::CreateInputSecurityGroup { cidrs: request.cidrs.clone(), tags: tags(&request.tags) };
        let seen = |group: &live::InputSecurityGroup| (object(&group.id, &group.arn), or_ready(group_seen(group)));
        self.create("CreateInputSecurityGroup", "", move |world, now| world.create_input_security_group(HOME, now, request), seen).await
    }

    async fn create_input(&self, request: &InputRequest) -> Created {
        let kind = match request.kind {
            InputKind::RtmpPush => live::InputType::RtmpPush,
            InputKind::RtpPush => live::InputType::RtpPush,
            InputKind::UrlPull => live::InputType::UrlPull,
        };
        let source = |url: &String| live::InputSource { url: url.clone(), username: None, password_param: None };
        let create = live::CreateInput {
            request_id: Some(request.request_id.clone()),
            security_groups: request.group_id.iter().cloned().collect(),
            stream_names: request.stream_names.clone(),
            sources: request.sources.iter().map(source).collect(),
            tags: tags(&request.tags),
            ..live::CreateInput::new(request.name.clone(), kind)
        };
        let seen = |input: &live::Input| (input_object(input), or_ready(input_seen(input)));
        self.create("CreateInput", &request.name, move |world, now| world.create_input(HOME, now, create), seen).await
    }

    async fn create_channel(&self, request: &ChannelRequest) -> Created {
        let class = match request.class {
            ChannelClass::Single => live::ChannelClass::SinglePipeline,
            ChannelClass::Standard => live::ChannelClass::Standard,
        };
        let attachment = |it: &headend_domain::request::Attachment| live::Attachment { name: it.name.clone(), input_id: it.input_id.clone() };
        let create = live::CreateChannel {
            request_id: Some(request.request_id.clone()),
            role_arn: "arn:aws:iam::123456789012:role/medialive".to_owned(),
            attachments: request.attachments.iter().map(attachment).collect(),
            packaging: vec![live::PackagingRef {
                element_path: "outputGroups[0].outputGroupSettings.destination.channelId".to_owned(),
                channel_id: request.packaging_id.clone(),
            }],
            output_groups: vec![live::OutputGroup { name: "packaging".to_owned(), outputs: request.ladder.rungs.len() as u32 }],
            uhd: request.ladder.rungs.iter().any(|rung| rung.height > 1080),
            tags: tags(&request.tags),
            ..live::CreateChannel::new(request.name.clone(), class)
        };
        let seen = |channel: &live::Channel| (object(&channel.id, &channel.arn), or_ready(channel_seen(channel)));
        self.create("CreateChannel", &request.name, move |world, now| world.create_channel(HOME, now, create), seen).await
    }

    async fn find_groups(&self, mark: &Mark) -> FoundAll {
        let mark = mark.clone();
        let list = move |world: &mut World, now| {
            let groups = all(|page| world.list_input_security_groups(HOME, now, page))?;
            Ok(groups.into_iter().filter(|it| marked(&it.tags, &mark)).collect::<Vec<_>>())
        };
        let found = self.aws("ListInputSecurityGroups", false, "", list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(|it| (object(&it.id, &it.arn), or_ready(group_seen(it)))).collect())
    }

    async fn find_inputs(&self, mark: &Mark) -> FoundAll {
        let mark = mark.clone();
        let list = move |world: &mut World, now| {
            let inputs = all(|page| world.list_inputs(HOME, now, page))?;
            Ok(inputs.into_iter().filter(|it| marked(&it.tags, &mark)).collect::<Vec<_>>())
        };
        let found = self.aws("ListInputs", false, "", list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(|it| (input_object(it), or_ready(input_seen(it)))).collect())
    }

    async fn find_channels(&self, mark: &Mark) -> FoundAll {
        let mark = mark.clone();
        let list = move |world: &mut World, now| {
            let channels = all(|page| world.list_channels(HOME, now, page))?;
            Ok(channels.into_iter().filter(|it| marked(&it.tags, &mark)).collect::<Vec<_>>())
        };
        let found = self.aws("ListChannels", false, "", list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(|it| (object(&it.id, &it.arn), or_ready(channel_seen(it)))).collect())
    }

    async fn describe_group(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look("DescribeInputSecurityGroup", id, move |world, now| world.describe_input_security_group(HOME, now, &wanted), group_seen).await
    }

    async fn describe_input(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look("DescribeInput", id, move |world, now| world.describe_input(HOME, now, &wanted), input_seen).await
    }

    async fn describe_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look("DescribeChannel", id, move |world, now| world.describe_channel(HOME, now, &wanted), channel_seen).await
    }

    async fn delete_group(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("DeleteInputSecurityGroup", id, move |world, now| world.delete_input_security_group(HOME, now, &wanted), |()| None).await
    }

    async fn delete_input(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("DeleteInput", id, move |world, now| world.delete_input(HOME, now, &wanted), |()| Some(Seen::new(Status::Deleting))).await
    }

    async fn delete_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("DeleteChannel", id, move |world, now| world.delete_channel(HOME, now, &wanted), channel_seen).await
    }

    async fn start_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("StartChannel", id, move |world, now| world.start_channel(HOME, now, &wanted), channel_seen).await
    }

    async fn stop_channel(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("StopChannel", id, move |world, now| world.stop_channel(HOME, now, &wanted), channel_seen).await
    }
}

fn packaging(channel: &pack::PackagingChannel) -> (Object, Seen) {
    (object(&channel.id, &channel.arn), Seen::new(Status::Ready))
}

fn endpoint(endpoint: &pack::OriginEndpoint) -> (Object, Seen) {
    let manifests: Vec<String> = endpoint.hls_manifests.iter().map(|manifest| manifest.url.clone()).collect();
    let urls = if manifests.is_empty() { vec![endpoint.url.clone()] } else { manifests };
    (Object { urls, ..object(&endpoint.id, &endpoint.arn) }, Seen::new(Status::Ready))
}

impl MediaPackage for Sim {
    async fn create_packaging(&self, request: &PackagingRequest) -> Created {
        let create = pack::CreatePackagingChannel {
            id: request.id.clone(),
            description: request.description.clone(),
            tags: tags(&request.tags),
        };
        self.create("MediaPackage.CreateChannel", &request.id, move |world, now| world.create_packaging_channel(HOME, now, create), packaging).await
    }

    async fn find_packaging(&self, id: &str) -> FoundOne {
        let wanted = id.to_owned();
        self.find_one("MediaPackage.DescribeChannel", id, move |world, now| world.describe_packaging_channel(HOME, now, &wanted), packaging).await
    }

    async fn delete_packaging(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("MediaPackage.DeleteChannel", id, move |world, now| world.delete_packaging_channel(HOME, now, &wanted), |()| None).await
    }

    async fn create_endpoint(&self, request: &EndpointRequest) -> Created {
        let packager = match request.format {
            Format::Hls => pack::Packager::Hls,
            Format::Dash => pack::Packager::Dash,
            Format::Cmaf => pack::Packager::Cmaf,
        };
        let manifest = || pack::HlsManifest { id: "hls".to_owned(), manifest_name: None, url: String::new() };
        let create = pack::CreateOriginEndpoint {
            id: request.id.clone(),
            channel_id: request.packaging_id.clone(),
            manifest_name: Some(request.settings.manifest_name.clone()),
            packager,
            hls_manifests: if request.format == Format::Cmaf { vec![manifest()] } else { Vec::new() },
            authorization: Some(pack::CdnAuthorization {
                secret_arn: request.secret_arn.clone(),
                secrets_role_arn: "arn:aws:iam::123456789012:role/secrets".to_owned(),
            }),
            tags: tags(&request.tags),
            doc: Value::Null,
        };
        self.create("CreateOriginEndpoint", &request.id, move |world, now| world.create_origin_endpoint(HOME, now, create), endpoint).await
    }

    async fn find_endpoint(&self, id: &str) -> FoundOne {
        let wanted = id.to_owned();
        self.find_one("DescribeOriginEndpoint", id, move |world, now| world.describe_origin_endpoint(HOME, now, &wanted), endpoint).await
    }

    async fn delete_endpoint(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change("DeleteOriginEndpoint", id, move |world, now| world.delete_origin_endpoint(HOME, now, &wanted), |()| None).await
    }
}

fn distribution_seen(distribution: &Distribution) -> Seen {
    let status = match distribution.status {
        DistributionStatus::InProgress => Status::Making,
        DistributionStatus::Deployed => Status::Ready,
    };
    Seen { enabled: distribution.config.enabled, ..Seen::new(status) }
}

fn distribution(it: &Distribution) -> (Object, Seen) {
    (Object { domain: Some(it.domain_name.clone()), ..object(&it.id, &it.arn) }, distribution_seen(it))
}

impl CloudFront for Sim {
    async fn create_distribution(&self, request: &DistributionRequest, header: &SecretValue) -> Created {
        let behavior = |pattern: &String| Behavior { path_pattern: Some(pattern.clone()), target_origin: "packaging".to_owned() };
        let config = DistributionConfig {
            caller_reference: request.caller_reference.clone(),
            enabled: true,
            comment: request.comment.clone(),
            origins: vec![Origin {
                id: "packaging".to_owned(),
                domain: request.origin_host.clone(),
                path: String::new(),
                headers: Tags::from([("X-MediaPackage-CDNIdentifier".to_owned(), header.reveal().to_owned())]),
            }],
            behaviors: request.path_patterns.iter().map(behavior).collect(),
            ..DistributionConfig::default()
        };
        let tags = tags(&request.tags);
        self.create("CreateDistribution", &request.caller_reference, move |world, now| world.create_distribution(now, config, tags), distribution).await
    }

    async fn find_distributions(&self, token: &str) -> FoundAll {
        let prefix = format!("{token} ");
        let list = move |world: &mut World, now| {
            let all = all(|page| world.list_distributions(now, page))?;
            Ok(all.into_iter().filter(|it| it.config.comment.starts_with(&prefix)).collect::<Vec<_>>())
        };
        let found = self.aws("ListDistributions", false, token, list).await?.map_err(|error| refusal(&error))?;
        Ok(found.iter().map(distribution).collect())
    }

    async fn describe_distribution(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.look("GetDistribution", id, move |world, now| world.get_distribution(now, &wanted), |it| Some(distribution_seen(it))).await
    }

    async fn disable_distribution(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        let read = self.aws("GetDistributionConfig", false, id, move |world, now| world.get_distribution(now, &wanted)).await?;
        let current = match read {
            Ok(current) if !current.config.enabled => return Ok(Some(distribution_seen(&current))),
            Ok(current) => current,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        let (wanted, etag) = (id.to_owned(), current.etag);
        let config = DistributionConfig { enabled: false, ..current.config };
        self.change("UpdateDistribution", id, move |world, now| world.update_distribution(now, &wanted, Some(&etag), config), |it| Some(distribution_seen(it))).await
    }

    async fn delete_distribution(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        let read = self.aws("GetDistribution", false, id, move |world, now| world.get_distribution(now, &wanted)).await?;
        let etag = match read {
            Ok(current) => current.etag,
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(refusal(&error)),
        };
        let wanted = id.to_owned();
        self.change("DeleteDistribution", id, move |world, now| world.delete_distribution(now, &wanted, Some(&etag)), |()| None).await
    }
}

impl Secrets for Sim {
    async fn create_secret(&self, request: &SecretRequest, value: &SecretValue) -> Created {
        let document = serde_json::json!({"MediaPackageCDNIdentifier": value.reveal()});
        let create = CreateSecret {
            name: request.name.clone(),
            secret_string: Some(document.to_string()),
            tags: tags(&request.tags),
            ..CreateSecret::default()
        };
        let seen = |made: &crate::world::secrets::SecretWritten| (object(&made.name, &made.arn), Seen::new(Status::Ready));
        self.create("CreateSecret", &request.name, move |world, now| world.create_secret(HOME, now, create), seen).await
    }

    async fn find_secret(&self, name: &str) -> FoundOne {
        let wanted = name.to_owned();
        let describe = move |world: &mut World, now| world.describe_secret(HOME, now, &wanted);
        match self.aws("DescribeSecret", false, name, describe).await? {
            Ok(secret) if secret.deleted_at.is_some() => Ok(None),
            Ok(secret) => Ok(Some((object(&secret.name, &secret.arn), Seen::new(Status::Ready)))),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn read_secret(&self, id: &str) -> Result<SecretValue, Refusal> {
        let wanted = id.to_owned();
        let read = self.aws("GetSecretValue", false, id, move |world, now| world.get_secret_value(HOME, now, &wanted, None, None)).await?;
        let document: Value = serde_json::from_str(&read.map_err(|error| refusal(&error))?.secret_string).unwrap_or_default();
        let value = document.get("MediaPackageCDNIdentifier").and_then(Value::as_str);
        let missing = || Refusal::new(RefusalKind::Rejected, "NoIdentifier", "the secret has no MediaPackageCDNIdentifier");
        value.map(|value| SecretValue::new(value.to_owned())).ok_or_else(missing)
    }

    async fn delete_secret(&self, id: &str) -> Looked {
        let (wanted, how) = (id.to_owned(), DeleteSecret { recovery_window_days: None, force: true });
        self.change("DeleteSecret", id, move |world, now| world.delete_secret(HOME, now, &wanted, how), |_| None).await
    }
}

fn region(region: AlarmRegion) -> &'static str {
    match region {
        AlarmRegion::Home => HOME,
        AlarmRegion::UsEast1 => US_EAST_1,
    }
}

/// Metric, statistic, comparison and period of each alarm (aws-facts 1.14, 2.10, 3.7).
fn watched(kind: AlarmKind, watched: &str) -> (Metric, Statistic, Comparison, u32) {
    use Comparison::{GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold};
    let live = |name, pipeline: u8| Metric::new("AWS/MediaLive", name, &[("ChannelId", watched), ("Pipeline", &pipeline.to_string())]);
    let packager = |range| Metric::new("AWS/MediaPackage", "EgressRequestCount", &[("Channel", watched), ("StatusCodeRange", range)]);
    let cdn = |name| Metric::new("AWS/CloudFront", name, &[("DistributionId", watched), ("Region", "Global")]);
    match kind {
        AlarmKind::InputLoss(pipeline) => (live("InputVideoFrameRate", pipeline), Statistic::Maximum, LessThanThreshold, 60),
        AlarmKind::ActiveAlerts(pipeline) => (live("ActiveAlerts", pipeline), Statistic::Maximum, GreaterThanOrEqualToThreshold, 60),
        AlarmKind::Packager4xx => (packager("4xx"), Statistic::Sum, GreaterThanThreshold, 300),
        AlarmKind::Packager5xx => (packager("5xx"), Statistic::Sum, GreaterThanThreshold, 300),
        AlarmKind::Cdn4xx => (cdn("4xxErrorRate"), Statistic::Average, GreaterThanThreshold, 300),
        AlarmKind::Cdn5xx => (cdn("5xxErrorRate"), Statistic::Average, GreaterThanThreshold, 300),
    }
}

impl Alarms for Sim {
    async fn put_alarm(&self, request: &AlarmRequest) -> Created {
        let (metric, statistic, comparison, period_secs) = watched(request.kind, &request.watched);
        let spec = AlarmSpec {
            name: request.name.clone(),
            description: Some(request.description.clone()),
            metric,
            statistic,
            period_secs,
            evaluation_periods: 2,
            datapoints_to_alarm: None,
            comparison,
            threshold: request.threshold,
            missing_data: MissingData::NotBreaching,
            actions_enabled: true,
            ok_actions: Vec::new(),
            alarm_actions: Vec::new(),
            insufficient_data_actions: Vec::new(),
            unit: None,
            tags: tags(&request.tags),
        };
        let (name, region) = (request.name.clone(), region(request.region));
        let put = move |world: &mut World, now| {
            world.put_metric_alarm(region, now, spec)?;
            Ok(object(&name, &format!("arn:aws:cloudwatch:{region}:{}:alarm:{name}", world.account)))
        };
        self.create("PutMetricAlarm", &request.name, put, |made| (made.clone(), Seen::new(Status::Ready))).await
    }

    async fn find_alarm(&self, at: AlarmRegion, name: &str) -> FoundOne {
        let filter = AlarmFilter { names: vec![name.to_owned()], ..AlarmFilter::default() };
        let list = move |world: &mut World, now| world.describe_alarms(region(at), now, &filter, &Page::default());
        let found = self.aws("DescribeAlarms", false, name, list).await?.map_err(|error| refusal(&error))?;
        let seen = |alarm: &Alarm| (object(&alarm.spec.name, &alarm.arn), Seen::new(Status::Ready));
        Ok(found.items.first().map(seen))
    }

    async fn delete_alarms(&self, at: AlarmRegion, names: &[String]) -> Looked {
        let (wanted, on) = (names.to_vec(), region(at));
        self.change("DeleteAlarms", on, move |world, now| world.delete_alarms(on, now, &wanted), |()| None).await
    }
}
