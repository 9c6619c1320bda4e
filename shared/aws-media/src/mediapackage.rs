//! MediaPackage v1: the packaging channel and its origin endpoints. There are no states and no tokens; ids are
//! ours.

mod build;

use crate::refusal::told;
use crate::tags::{Changes, gone, unless_missing};
use crate::{Account, object, tag_map};
use headend_control::ports::{Created, Creation, FoundOne, Looked, MediaPackage};
use headend_domain::action::{Object, Refusal, Seen, Status};
use headend_domain::request::{EndpointRequest, PackagingRequest};
use std::collections::BTreeMap;

impl MediaPackage for Account {
    async fn create_packaging(&self, request: &PackagingRequest) -> Created {
        match build::packaging(request).send_with(&self.mediapackage).await {
            Ok(made) => Ok(Creation::Made(object(made.id, made.arn), ready())),
            Err(error) => {
                let told = told(&error);
                if told.says_exists() { Ok(Creation::AlreadyThere) } else { Err(told.refusal()) }
            }
        }
    }

    async fn find_packaging(&self, id: &str) -> FoundOne {
        match self.mediapackage.describe_channel().id(id).send().await {
            Ok(found) => Ok(Some((object(found.id, found.arn), ready()))),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal()) }
            }
        }
    }

    async fn delete_packaging(&self, id: &str) -> Looked {
        match self.mediapackage.delete_channel().id(id).send().await {
            Ok(_) => Ok(None),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal_of_delete()) }
            }
        }
    }

    async fn create_endpoint(&self, request: &EndpointRequest) -> Created {
        match build::endpoint(request, &self.config.secrets_role_arn).send_with(&self.mediapackage).await {
            Ok(made) => {
                let cmaf = made.cmaf_package.as_ref().map(|cmaf| manifests(cmaf.hls_manifests()));
                Ok(Creation::Made(urls_of(made.id, made.arn, made.url, cmaf), ready()))
            }
            Err(error) => {
                let told = told(&error);
                match () {
                    () if told.says_exists() => Ok(Creation::AlreadyThere),
                    // The channel was made a moment ago.
                    () if told.not_found() => Err(told.into_conflict()),
                    () => Err(told.refusal()),
                }
            }
        }
    }

    async fn find_endpoint(&self, id: &str) -> FoundOne {
        match self.mediapackage.describe_origin_endpoint().id(id).send().await {
            Ok(found) => {
                let cmaf = found.cmaf_package.as_ref().map(|cmaf| manifests(cmaf.hls_manifests()));
                Ok(Some((urls_of(found.id, found.arn, found.url, cmaf), ready())))
            }
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal()) }
            }
        }
    }

    async fn update_endpoint(&self, id: &str, request: &EndpointRequest) -> FoundOne {
        // Everything but channel and tags, which an update does not take.
        let wanted = build::endpoint(request, &self.config.secrets_role_arn);
        let update = self
            .mediapackage
            .update_origin_endpoint()
            .id(id)
            .set_manifest_name(wanted.get_manifest_name().clone())
            .set_startover_window_seconds(*wanted.get_startover_window_seconds())
            .set_origination(wanted.get_origination().clone())
            .set_authorization(wanted.get_authorization().clone())
            .set_hls_package(wanted.get_hls_package().clone())
            .set_dash_package(wanted.get_dash_package().clone())
            .set_cmaf_package(wanted.get_cmaf_package().clone());
        match update.send().await {
            Ok(changed) => {
                let cmaf = changed.cmaf_package.as_ref().map(|cmaf| manifests(cmaf.hls_manifests()));
                Ok(Some((urls_of(changed.id, changed.arn, changed.url, cmaf), ready())))
            }
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal()) }
            }
        }
    }

    async fn delete_endpoint(&self, id: &str) -> Looked {
        match self.mediapackage.delete_origin_endpoint().id(id).send().await {
            Ok(_) => Ok(None),
            Err(error) => {
                let told = told(&error);
                if told.not_found() { Ok(None) } else { Err(told.refusal_of_delete()) }
            }
        }
    }
}

impl Account {
    /// Makes the tags of a packaging channel or an endpoint equal to `wanted`. `None`: it is not there.
    ///
    /// # Errors
    /// AWS's refusal, of the second of two calls perhaps.
    pub async fn retag_mediapackage(
        &self,
        arn: &str,
        wanted: &BTreeMap<String, String>,
    ) -> Result<Option<()>, Refusal> {
        let listed = self.mediapackage.list_tags_for_resource().resource_arn(arn).send().await;
        let Some(listed) = unless_missing(listed)? else { return Ok(None) };
        let Changes { remove, set } = Changes::between(listed.tags.unwrap_or_default(), wanted);
        if !remove.is_empty()
            && gone(self.mediapackage.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await)?
        {
            return Ok(None);
        }
        if !set.is_empty()
            && gone(self.mediapackage.tag_resource().resource_arn(arn).set_tags(Some(tag_map(&set))).send().await)?
        {
            return Ok(None);
        }
        Ok(Some(()))
    }
}

fn ready() -> Seen {
    Seen::new(Status::Ready)
}

pub(crate) fn manifests(manifests: &[aws_sdk_mediapackage::types::HlsManifest]) -> Vec<String> {
    manifests.iter().filter_map(|manifest| manifest.url().map(str::to_owned)).collect()
}

/// What players open: of CMAF the manifests' addresses, since the endpoint's own is only a base (mistake 48).
pub(crate) fn urls_of(
    id: Option<String>,
    arn: Option<String>,
    url: Option<String>,
    cmaf: Option<Vec<String>>,
) -> Object {
    Object { urls: cmaf.unwrap_or_else(|| url.into_iter().collect()), ..object(id, arn) }
}

#[cfg(test)]
mod tests;
