//! Requests for inputs: what each type brings (aws-facts 1.8).

use super::build::{number, some};
use crate::tag_map;
use aws_sdk_medialive::operation::create_input::builders::CreateInputInputBuilder;
use aws_sdk_medialive::types::{
    Algorithm, InputDestinationRequest, InputSourceRequest, InputType, MediaConnectFlowRequest,
    SrtCallerDecryptionRequest, SrtCallerSourceRequest, SrtListenerDecryptionRequest, SrtListenerSettingsRequest,
    SrtSettingsRequest,
};
use headend_aws_store::config::MediaConfig;
use headend_domain::request::InputRequest;
use headend_domain::spec::{InputKind, SrtAlgorithm, SrtSource, SrtSpec};

pub fn input(request: &InputRequest, config: &MediaConfig) -> CreateInputInputBuilder {
    let kind = match request.kind {
        InputKind::RtmpPush => InputType::RtmpPush,
        InputKind::RtpPush => InputType::RtpPush,
        InputKind::SrtListener => InputType::SrtListener,
        InputKind::UrlPull => InputType::UrlPull,
        InputKind::RtmpPull => InputType::RtmpPull,
        InputKind::Mp4File => InputType::Mp4File,
        InputKind::SrtCaller => InputType::SrtCaller,
        InputKind::MediaConnect => InputType::Mediaconnect,
    };
    let names = request.stream_names.iter().map(|name| InputDestinationRequest::builder().stream_name(name).build());
    let flows = request.flows.iter().map(|arn| MediaConnectFlowRequest::builder().flow_arn(arn).build());
    // MediaLive adds its outputs to the flows, and takes them away, in this role.
    let role = (request.kind == InputKind::MediaConnect).then(|| config.medialive_role_arn.clone());
    CreateInputInputBuilder::default()
        .request_id(&request.request_id)
        .name(&request.name)
        .r#type(kind)
        .set_input_security_groups(request.group_id.clone().map(|id| vec![id]))
        .set_destinations(some(names.collect()))
        .set_sources(some(request.sources.iter().map(|url| source(url, request)).collect()))
        .set_media_connect_flows(some(flows.collect()))
        .set_role_arn(role)
        .set_srt_settings(request.srt.as_ref().map(|srt| srt_settings(srt, request.kind)))
        .set_tags(Some(tag_map(&request.tags)))
}

/// The password is named, never given (aws-facts 1.8).
fn source(url: &str, request: &InputRequest) -> InputSourceRequest {
    let login = request.login.as_ref();
    InputSourceRequest::builder()
        .url(url)
        .set_username(login.map(|login| login.username.clone()))
        .set_password_param(login.map(|login| login.password_parameter.clone()))
        .build()
}

fn srt_settings(srt: &SrtSpec, kind: InputKind) -> SrtSettingsRequest {
    if kind != InputKind::SrtListener {
        let callers = srt.sources.iter().map(caller).collect();
        return SrtSettingsRequest::builder().set_srt_caller_sources(Some(callers)).build();
    }
    let decryption = srt.decryption.as_ref().map(|it| {
        SrtListenerDecryptionRequest::builder()
            .algorithm(algorithm(it.algorithm))
            .passphrase_secret_arn(&it.passphrase_secret_arn)
            .build()
    });
    let listener = SrtListenerSettingsRequest::builder()
        .set_minimum_latency(srt.minimum_latency_ms.map(number))
        .set_stream_id(srt.stream_id.clone())
        .set_decryption(decryption);
    SrtSettingsRequest::builder().srt_listener_settings(listener.build()).build()
}

fn caller(source: &SrtSource) -> SrtCallerSourceRequest {
    let decryption = source.decryption.as_ref().map(|it| {
        SrtCallerDecryptionRequest::builder()
            .algorithm(algorithm(it.algorithm))
            .passphrase_secret_arn(&it.passphrase_secret_arn)
            .build()
    });
    SrtCallerSourceRequest::builder()
        .srt_listener_address(&source.address)
        // A string in the interface (aws-facts 1.8).
        .srt_listener_port(source.port.to_string())
        .set_stream_id(source.stream_id.clone())
        .set_minimum_latency(source.minimum_latency_ms.map(number))
        .set_decryption(decryption)
        .build()
}

fn algorithm(algorithm: SrtAlgorithm) -> Algorithm {
    match algorithm {
        SrtAlgorithm::Aes128 => Algorithm::Aes128,
        SrtAlgorithm::Aes192 => Algorithm::Aes192,
        SrtAlgorithm::Aes256 => Algorithm::Aes256,
    }
}
