//! MediaPackage behind its port.

use super::{gone, object};
use crate::ports::classify::refusal;
use crate::ports::{HOME, Sim};
use crate::world::World;
use crate::world::mediapackage as pack;
use headend_control::ports::{Created, FoundOne, Looked, MediaPackage};
use headend_domain::action::{Object, Seen, Status};
use headend_domain::request::{EndpointRequest, PackagingRequest};
use headend_domain::slot::Format;
use serde_json::{Value, json};

pub(super) fn packaging(channel: &pack::PackagingChannel) -> (Object, Seen) {
    (object(&channel.id, &channel.arn), Seen::new(Status::Ready))
}

pub(super) fn endpoint(endpoint: &pack::OriginEndpoint) -> (Object, Seen) {
    let manifests: Vec<String> = endpoint.hls_manifests.iter().map(|manifest| manifest.url.clone()).collect();
    let urls = if manifests.is_empty() { vec![endpoint.url.clone()] } else { manifests };
    (Object { urls, ..object(&endpoint.id, &endpoint.arn) }, Seen::new(Status::Ready))
}

/// What the state machine does not need, and whoever compares does.
fn document(request: &EndpointRequest) -> Value {
    let settings = &request.settings;
    let (segment, window) = (settings.segment_seconds, settings.window_seconds);
    let mut doc = json!({"startoverWindowSeconds": settings.startover_seconds, "origination": "ALLOW"});
    let (name, package) = match request.format {
        Format::Hls => ("hlsPackage", json!({"segmentDurationSeconds": segment, "playlistWindowSeconds": window})),
        Format::Dash => ("dashPackage", json!({"segmentDurationSeconds": segment, "manifestWindowSeconds": window})),
        Format::Cmaf => {
            let manifest = json!({"id": "hls", "playlistWindowSeconds": window});
            ("cmafPackage", json!({"segmentDurationSeconds": segment, "hlsManifests": [manifest]}))
        }
    };
    doc[name] = package;
    doc
}

fn authorization(request: &EndpointRequest) -> pack::CdnAuthorization {
    pack::CdnAuthorization {
        secret_arn: request.secret_arn.clone(),
        secrets_role_arn: "arn:aws:iam::123456789012:role/secrets".to_owned(),
    }
}

impl MediaPackage for Sim {
    async fn create_packaging(&self, request: &PackagingRequest) -> Created {
        let create = pack::CreatePackagingChannel {
            id: request.id.clone(),
            description: request.description.clone(),
            tags: request.tags.clone(),
        };
        self.create(
            "MediaPackage.CreateChannel",
            &request.id,
            move |world, now| world.create_packaging_channel(HOME, now, create),
            packaging,
        )
        .await
    }

    async fn find_packaging(&self, id: &str) -> FoundOne {
        let wanted = id.to_owned();
        self.look(
            "MediaPackage.DescribeChannel",
            id,
            move |world, now| world.describe_packaging_channel(HOME, now, &wanted),
            |it| Some(packaging(it)),
        )
        .await
    }

    async fn delete_packaging(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change(
            "MediaPackage.DeleteChannel",
            id,
            move |world, now| world.delete_packaging_channel(HOME, now, &wanted),
            |()| None,
        )
        .await
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
            authorization: Some(authorization(request)),
            tags: request.tags.clone(),
            doc: document(request),
        };
        self.create(
            "CreateOriginEndpoint",
            &request.id,
            move |world, now| world.create_origin_endpoint(HOME, now, create),
            endpoint,
        )
        .await
    }

    async fn find_endpoint(&self, id: &str) -> FoundOne {
        let wanted = id.to_owned();
        self.look(
            "DescribeOriginEndpoint",
            id,
            move |world, now| world.describe_origin_endpoint(HOME, now, &wanted),
            |it| Some(endpoint(it)),
        )
        .await
    }

    async fn update_endpoint(&self, id: &str, request: &EndpointRequest) -> FoundOne {
        let update = pack::UpdateOriginEndpoint {
            id: id.to_owned(),
            manifest_name: Some(request.settings.manifest_name.clone()),
            authorization: Some(authorization(request)),
            doc: document(request),
            ..pack::UpdateOriginEndpoint::default()
        };
        let update = move |world: &mut World, now| world.update_origin_endpoint(HOME, now, update);
        match self.aws("UpdateOriginEndpoint", true, id, update).await? {
            Ok(changed) => Ok(Some(endpoint(&changed))),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn delete_endpoint(&self, id: &str) -> Looked {
        let wanted = id.to_owned();
        self.change(
            "DeleteOriginEndpoint",
            id,
            move |world, now| world.delete_origin_endpoint(HOME, now, &wanted),
            |()| None,
        )
        .await
    }
}
