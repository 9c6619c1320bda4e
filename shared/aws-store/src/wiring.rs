//! What every function is put together from: built once, before the first event.

use crate::clock::{SystemClock, timestamp};
use crate::config::{ConfigError, StoreConfig};
use crate::entropy::SystemEntropy;
use crate::fresh::Fresh;
use crate::queue::Queue;
use crate::table::Table;
use crate::{log, sdk};
use aws_config::SdkConfig;
use headend_control::api::HttpRequest;
use headend_control::api::view::ViewSettings;
use headend_control::handlers::accept::{Acceptor, Change};
use headend_control::handlers::alarm::AlarmHandler;
use headend_control::handlers::caller::{Callers, Known};
use headend_control::handlers::deliver::Deliverer;
use headend_control::handlers::describe::Describer;
use headend_control::handlers::feed::{CalendarFeed, Planner};
use headend_control::handlers::health::HealthReader;
use headend_control::handlers::orphans::OrphanKeeper;
use headend_control::handlers::player::PlayerConfig;
use headend_control::handlers::provision::Invocation;
use headend_control::handlers::webhooks::WebhooksApi;
use headend_control::ports::{Metrics, Post};
use headend_domain::limits::Limits;
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::pin::Pin;

pub struct Parts {
    pub config: StoreConfig,
    pub table: Table,
    pub queue: Queue,
    pub clock: SystemClock,
    pub entropy: SystemEntropy,
}

impl Parts {
    /// Starts logging, reads the environment, builds the clients and opens the connection to the table.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub async fn from_env() -> Result<Self, ConfigError> {
        log::init();
        let config = StoreConfig::from_env()?;
        let parts = Self::new(&sdk::config()?, config);
        parts.table.warm().await;
        Ok(parts)
    }

    pub fn new(sdk: &SdkConfig, config: StoreConfig) -> Self {
        Self {
            table: Table::new(sdk, &config.table),
            queue: Queue::new(sdk, &config.wakeups_queue_url),
            clock: SystemClock,
            entropy: SystemEntropy,
            config,
        }
    }

    pub fn limits(&self) -> Limits {
        Limits { time_scale: self.config.time_scale }
    }

    fn view(&self) -> ViewSettings {
        ViewSettings { playback_url_pattern: self.config.playback_url_pattern.clone(), limits: self.limits() }
    }

    pub fn acceptor(&self) -> Acceptor<'_, Table, Queue, SystemClock, SystemEntropy> {
        Acceptor {
            store: &self.table,
            wakeups: &self.queue,
            clock: &self.clock,
            entropy: &self.entropy,
            view: self.view(),
            callers: Callers::default(),
            allowance: self.config.allowance,
        }
    }

    pub fn describer(&self) -> Describer<'_, Table, SystemClock> {
        Describer { store: &self.table, clock: &self.clock, view: self.view(), callers: Callers::default() }
    }

    pub fn health<'a, M: Metrics>(&'a self, metrics: &'a M) -> HealthReader<'a, Table, M, SystemClock> {
        let (limits, callers) = (self.limits(), Callers::default());
        HealthReader { store: &self.table, metrics, clock: &self.clock, callers, limits }
    }

    pub fn orphans<'a, A>(&'a self, account: &'a A) -> OrphanKeeper<'a, Table, A, SystemClock> {
        let (limits, callers, stack) = (self.limits(), Callers::default(), self.config.stack.as_str());
        OrphanKeeper { store: &self.table, account, clock: &self.clock, callers, stack, limits }
    }

    pub fn player_config(&self) -> PlayerConfig<'_, Table, SystemClock> {
        PlayerConfig { store: &self.table, clock: &self.clock, view: self.view(), tenants: Known::default() }
    }

    pub fn planner(&self) -> Planner<'_, Table, Queue, SystemClock, SystemEntropy> {
        let feed = CalendarFeed { store: &self.table, clock: &self.clock, tenants: Known::default() };
        Planner { acceptor: self.acceptor(), feed }
    }

    pub fn fresh(&self) -> Fresh {
        Fresh::new(self.config.time_scale)
    }

    pub fn webhooks<'a, P: Post>(&'a self, post: &'a P) -> WebhooksApi<'a, Table, P, SystemClock, SystemEntropy> {
        let (limits, callers) = (self.limits(), Callers::default());
        WebhooksApi { store: &self.table, post, clock: &self.clock, entropy: &self.entropy, callers, limits }
    }

    pub fn deliverer<'a, P: Post>(&'a self, post: &'a P) -> Deliverer<'a, Table, P, SystemClock> {
        Deliverer { store: &self.table, post, clock: &self.clock, limits: self.limits() }
    }

    pub fn alarm_handler(&self) -> AlarmHandler<'_, Table, Queue, SystemClock> {
        AlarmHandler { store: &self.table, wakeups: &self.queue, clock: &self.clock }
    }
}

/// Serves events that are no requests with `handler` until Lambda ends the process.
///
/// # Errors
/// The Lambda runtime's own; an error of the handler fails the one invocation.
pub async fn run<T, A, E, H>(handler: H) -> Result<(), Error>
where
    T: DeserializeOwned,
    A: Serialize,
    E: std::error::Error + Send + Sync + 'static,
    H: AsyncFn(T, Invocation) -> Result<A, E>,
{
    lambda_runtime::run(service_fn(|event: LambdaEvent<T>| erased(serve(&handler, event)))).await
}

/// The future without its type: one handler with all the calls below it is nested deeper than the compiler follows.
fn erased<'a, T>(future: impl Future<Output = T> + 'a) -> Pin<Box<dyn Future<Output = T> + 'a>> {
    Box::pin(future)
}

async fn serve<T, A, E, H>(handler: &H, event: LambdaEvent<T>) -> Result<A, Error>
where
    E: std::error::Error + Send + Sync + 'static,
    H: AsyncFn(T, Invocation) -> Result<A, E>,
{
    let answer = handler(event.payload, invocation(&event.context)).await;
    answer.map_err(|error| {
        tracing::error!(%error, "the invocation failed");
        Error::from(error)
    })
}

fn invocation(context: &Context) -> Invocation {
    Invocation { request_id: context.request_id.clone(), deadline: timestamp(context.deadline()) }
}

/// The change that `start-channel` is asked for: it serves two routes.
pub fn start_or_retry(request: &HttpRequest) -> Change {
    if request.path.ends_with("/retry") { Change::Retry } else { Change::Start }
}
