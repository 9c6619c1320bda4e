//! What is uncertain about AWS, or wanted only sometimes: each is one field here, with the default that facts suggest.

use serde::{Deserialize, Serialize};

/// The bounds of a duration, both included, in milliseconds of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Span {
    /// Between `from` and `to` seconds.
    pub const fn secs(from: i64, to: i64) -> Self {
        Self { from_ms: from * 1000, to_ms: to * 1000 }
    }
}

/// How long things take (aws-facts 1.4, 1.2, 2.1, 3.6, 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Durations {
    pub channel_create: Span,
    pub channel_start: Span,
    /// From the first pipeline's RUNNING to the second's, on a STANDARD channel.
    pub pipeline_gap: Span,
    pub channel_stop: Span,
    pub channel_update: Span,
    pub channel_class: Span,
    pub channel_delete: Span,
    pub pipeline_recovery: Span,
    pub input_create: Span,
    pub input_delete: Span,
    pub group_release: Span,
    pub group_update: Span,
    /// For how long DELETED things can still be described.
    pub deleted_visible: Span,
    /// From MediaPackage's CreateChannel to the moment when MediaLive sees the channel.
    pub packaging_visible: Span,
    pub distribution_deploy: Span,
    /// Used instead of `distribution_deploy` with the probability `slow_distribution`.
    pub distribution_deploy_slow: Span,
    /// How long a force-deleted secret's name stays taken.
    pub secret_purge: Span,
    /// For how long MediaPackage may go on with what it last read of a CDN's secret (aws-facts 2.6). The worst counts.
    pub cdn_secret_cache: Span,
    /// How late a late event is.
    pub event_late: Span,
    /// For how long MediaLive remembers a requestId. Not shortened by the speed: callers retry in real time.
    pub token_life: Span,
}

impl Default for Durations {
    fn default() -> Self {
        Self {
            channel_create: Span::secs(3, 30),
            channel_start: Span::secs(60, 180),
            pipeline_gap: Span::secs(1, 15),
            channel_stop: Span::secs(15, 60),
            channel_update: Span::secs(1, 5),
            channel_class: Span::secs(1, 30),
            channel_delete: Span::secs(10, 120),
            pipeline_recovery: Span::secs(60, 180),
            input_create: Span::secs(1, 5),
            input_delete: Span::secs(2, 30),
            group_release: Span::secs(2, 15),
            group_update: Span::secs(1, 3),
            deleted_visible: Span::secs(7200, 14400),
            packaging_visible: Span::secs(1, 5),
            distribution_deploy: Span::secs(180, 600),
            distribution_deploy_slow: Span::secs(600, 1800),
            secret_purge: Span::secs(2, 60),
            cdn_secret_cache: Span::secs(600, 600),
            event_late: Span::secs(5, 120),
            token_life: Span::secs(86_400, 86_400),
        }
    }
}

/// Everything that can be switched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    pub durations: Durations,
    /// Running channels publish metrics and alarms are evaluated. Off, idle time costs no timers.
    pub metrics: bool,
    /// API rate quotas are enforced.
    pub throttles: bool,
    /// MediaLive's events are emitted at all.
    pub medialive_events: bool,
    /// How often MediaLive emits an event twice, and how often one comes late (aws-facts 1.13: best effort).
    pub event_duplicate: f64,
    pub event_late: f64,
    pub event_lost: f64,
    /// How often a distribution takes up to 30 minutes (aws-facts 3.6).
    pub slow_distribution: f64,
    /// How often a channel ends in CREATE_FAILED, or an update in UPDATE_FAILED.
    pub channel_create_fails: f64,
    pub channel_update_fails: f64,
    /// Status and code of an exceeded MediaLive resource quota (aws-facts 1.5: unverified).
    pub medialive_quota_error: (u16, String),
    /// Status and code of an exceeded MediaPackage resource quota (aws-facts 2.1: there is no shape of its own).
    pub mediapackage_quota_error: (u16, String),
    /// Attaching an input that is still CREATING answers 409.
    pub attach_creating_input_conflicts: bool,
    /// A CallerReference stays spent after its distribution is deleted (aws-facts 3.2).
    pub caller_reference_forever: bool,
    /// StopChannel on an IDLE channel: true answers 200 and does nothing, false 409 (aws-facts 1.2, 7 point 1).
    pub stop_idle_is_ok: bool,
    /// StartChannel on a channel that starts or runs: true answers 200 and does nothing, false 409 (aws-facts 7 point 1).
    pub start_running_is_ok: bool,
    /// DeleteChannel on a STOPPING channel: true deletes it once it has stopped, false 409 (aws-facts 7 point 14).
    pub delete_stopping_is_ok: bool,
    /// Status and code of DeleteInputSecurityGroup on a group in use (aws-facts 1.2, 7 point 2).
    pub group_in_use_error: (u16, String),
    /// UpdateChannel emits a state change event (aws-facts 7 point 11).
    pub update_emits_event: bool,
    /// Pull inputs may form a failover pair; otherwise only push, CDI and MediaConnect (aws-facts 1.8, 7 point 9).
    pub failover_of_pull_inputs: bool,
    /// A request with `dryRun` is carried out like any other (aws-facts 1.1: the meaning is unverified).
    pub dry_run_is_ignored: bool,
    /// A requestId that comes again with another body: true answers 409, false the first resource (aws-facts 1.5).
    pub token_other_body_conflicts: bool,
    /// DeleteAlarms with a missing name: true answers ResourceNotFound, false succeeds (aws-facts 4: unverified).
    pub delete_missing_alarm_fails: bool,
    /// MediaPackage's `Channel` and `OriginEndpoint` dimensions hold ids (true) or the GUIDs in the ARNs (aws-facts 2.10,
    /// 7 point 4: contested).
    pub packaging_dimension_is_id: bool,
    /// CreateOriginEndpoint with an unknown channel answers 404; otherwise 422 (aws-facts 7 point 12).
    pub endpoint_of_unknown_channel_is_404: bool,
    /// MediaPackage reads the CDN identifier's secret when an endpoint is created or updated (aws-facts 7 point 13).
    pub packaging_checks_cdn_secret: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            durations: Durations::default(),
            metrics: true,
            throttles: true,
            medialive_events: true,
            event_duplicate: 0.05,
            event_late: 0.05,
            event_lost: 0.0,
            slow_distribution: 0.0,
            channel_create_fails: 0.0,
            channel_update_fails: 0.0,
            medialive_quota_error: (429, "TooManyRequestsException".into()),
            mediapackage_quota_error: (422, "UnprocessableEntityException".into()),
            attach_creating_input_conflicts: true,
            caller_reference_forever: true,
            stop_idle_is_ok: true,
            start_running_is_ok: false,
            delete_stopping_is_ok: false,
            group_in_use_error: (400, "BadRequestException".into()),
            update_emits_event: false,
            failover_of_pull_inputs: false,
            dry_run_is_ignored: false,
            token_other_body_conflicts: false,
            delete_missing_alarm_fails: false,
            packaging_dimension_is_id: true,
            endpoint_of_unknown_channel_is_404: false,
            packaging_checks_cdn_secret: true,
        }
    }
}
