//! Lambda: each function is its real binary, run under the Lambda Runtime API. An environment handles one
//! invocation at a time; warm ones are used again, and further ones start on demand up to the concurrency.

mod environment;
#[cfg(test)]
pub mod fake;
mod log;
mod runtime_api;
pub mod trace;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use futures::future::BoxFuture;
use tokio::sync::{Semaphore, TryAcquireError};
use tokio::time::Instant;

use super::events::{AsyncFunction, AsyncSettings};
use environment::Environment;
pub use log::LogSink;
pub use variables::{ADDED_BY_THE_LOCAL_CLOUD, LocalAdditions, RESERVED, access_key};

/// Concurrent executions of an account in one region, AWS's default (aws-facts 5.6).
pub const ACCOUNT_CONCURRENCY: usize = 1000;
/// Lambda gives a new environment this long until it asks for its first event.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a function is, from the template.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// The short name, e.g. `provision`: of the binary, the log and the recorder.
    pub short_name: String,
    /// The physical name.
    pub name: String,
    pub arn: String,
    pub region: String,
    pub binary: PathBuf,
    pub handler: String,
    pub timeout: Duration,
    pub memory_mb: u32,
    pub log_group: String,
    /// The template's variables.
    pub variables: BTreeMap<String, String>,
    pub concurrency: usize,
    /// How it is invoked by events.
    pub asynchronous: AsyncSettings,
}

/// What a function reports when an invocation fails; the same two members as on AWS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    pub error_type: String,
    pub message: String,
}

/// Why an invocation has no payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    #[error("Rate Exceeded.")]
    Throttled,
    #[error(transparent)]
    Function(#[from] FunctionError),
}

/// How the other services invoke a function.
pub type Invoker = Arc<dyn Fn(Bytes) -> BoxFuture<'static, Result<Bytes, InvokeError>> + Send + Sync>;

/// One deployed function with its environments.
pub struct Function {
    pub spec: FunctionSpec,
    additions: LocalAdditions,
    logs: Arc<LogSink>,
    permits: Semaphore,
    idle: Mutex<Vec<Arc<Environment>>>,
    all: Mutex<BTreeMap<u64, Arc<Environment>>>,
    started: AtomicU64,
}

/// How one invocation in one environment ended.
enum Ended {
    Answered(Result<Bytes, FunctionError>),
    /// The environment was gone before it took the event: another one gets it.
    NotTaken,
}

impl Function {
    pub fn new(spec: FunctionSpec, additions: LocalAdditions, logs: Arc<LogSink>) -> Arc<Self> {
        let permits = Semaphore::new(spec.concurrency);
        Arc::new(Self {
            spec,
            additions,
            logs,
            permits,
            idle: Mutex::default(),
            all: Mutex::default(),
            started: AtomicU64::new(0),
        })
    }

    /// Invokes the function and waits for its answer. The invocation goes on when the caller goes away.
    pub async fn invoke(self: &Arc<Self>, payload: Bytes) -> Result<Bytes, InvokeError> {
        let function = self.clone();
        let running = tokio::spawn(async move { function.run(payload).await });
        running.await.unwrap_or_else(|_| Err(shutting_down().into()))
    }

    /// The function as something that can be invoked.
    pub fn invoker(self: &Arc<Self>) -> Invoker {
        let function = self.clone();
        Arc::new(move |payload| {
            let function = function.clone();
            Box::pin(async move { function.invoke(payload).await })
        })
    }

    /// The function as the target of events.
    pub fn as_target(self: &Arc<Self>) -> AsyncFunction {
        let FunctionSpec { short_name, arn, asynchronous, .. } = &self.spec;
        let (name, arn, settings) = (short_name.clone(), arn.clone(), asynchronous.clone());
        AsyncFunction { name, arn, invoke: self.invoker(), settings }
    }

    async fn run(&self, payload: Bytes) -> Result<Bytes, InvokeError> {
        let _permit = match self.permits.try_acquire() {
            Ok(permit) => permit,
            Err(TryAcquireError::NoPermits) => return Err(InvokeError::Throttled),
            Err(TryAcquireError::Closed) => return Err(shutting_down().into()),
        };
        let request_id = request_id();
        loop {
            let environment = self.environment(&request_id).await?;
            match self.run_in(&environment, &request_id, payload.clone()).await {
                Ended::Answered(answer) => {
                    if environment.is_gone() {
                        self.forget(&environment);
                    } else {
                        lock(&self.idle).push(environment);
                    }
                    return Ok(answer?);
                }
                Ended::NotTaken => self.forget(&environment),
            }
        }
    }

    /// A warm environment, or else a new one that has asked for its first event.
    async fn environment(&self, request_id: &str) -> Result<Arc<Environment>, FunctionError> {
        loop {
            let warm = lock(&self.idle).pop();
            match warm {
                Some(environment) if environment.is_gone() => self.forget(&environment),
                Some(environment) => return Ok(environment),
                None => break,
            }
        }
        let id = self.started.fetch_add(1, Ordering::Relaxed);
        let environment = Environment::start(id, &self.spec, &self.additions, self.logs.clone()).await?;
        lock(&self.all).insert(id, environment.clone());
        let initialised = tokio::time::timeout(INIT_TIMEOUT, environment.initialised(request_id)).await;
        let problem = match initialised {
            Ok(Ok(())) => return Ok(environment),
            Ok(Err(error)) => error,
            Err(_) => FunctionError {
                error_type: "Sandbox.Timedout".to_owned(),
                message: format!("RequestId: {request_id} Error: init timed out after 10.00 seconds"),
            },
        };
        self.end(&environment).await;
        self.logs.line(&self.spec.short_name, &format!("INIT_REPORT RequestId: {request_id} {problem}"));
        Err(problem)
    }

    async fn run_in(&self, environment: &Environment, request_id: &str, payload: Bytes) -> Ended {
        let begun = Instant::now();
        self.logs.line(&self.spec.short_name, &format!("START RequestId: {request_id} Version: $LATEST"));
        let deadline_ms = epoch_ms() + self.spec.timeout.as_millis();
        let answer = environment.hand(request_id, payload, deadline_ms);
        let ended = tokio::select! {
            answer = answer => match answer {
                Some(answer) => Ended::Answered(answer),
                None if environment.took(request_id) => {
                    Ended::Answered(Err(environment.exit_error(request_id).await))
                }
                None => Ended::NotTaken,
            },
            () = tokio::time::sleep_until(begun + self.spec.timeout) => {
                self.end(environment).await;
                let secs = self.spec.timeout.as_secs_f64();
                let message = format!("RequestId: {request_id} Error: Task timed out after {secs:.2} seconds");
                Ended::Answered(Err(FunctionError { error_type: "Sandbox.Timedout".to_owned(), message }))
            }
        };
        if let Ended::Answered(answer) = &ended {
            if let Err(error) = answer {
                self.logs.line(&self.spec.short_name, &format!("ERROR RequestId: {request_id} {error}"));
            }
            let ms = begun.elapsed().as_secs_f64() * 1000.0;
            self.logs.line(&self.spec.short_name, &format!("REPORT RequestId: {request_id} Duration: {ms:.2} ms"));
        }
        ended
    }

    /// Kills every environment of the function with SIGKILL, as a failing host would. Answers how many there were.
    pub fn kill(&self) -> usize {
        let all = lock(&self.all).values().cloned().collect::<Vec<_>>();
        let alive = all.iter().filter(|environment| !environment.is_gone()).collect::<Vec<_>>();
        for environment in &alive {
            environment.kill();
        }
        alive.len()
    }

    /// How many environments are in the middle of an invocation.
    pub fn busy(&self) -> usize {
        self.spec.concurrency - self.permits.available_permits()
    }

    /// Ends all environments and waits until their processes are gone.
    pub async fn shut_down(&self) {
        self.permits.close();
        let all = lock(&self.all).values().cloned().collect::<Vec<_>>();
        for environment in &all {
            environment.kill();
        }
        for environment in &all {
            self.end(environment).await;
        }
    }

    async fn end(&self, environment: &Environment) {
        environment.kill();
        environment.gone().await;
        self.forget(environment);
    }

    fn forget(&self, environment: &Environment) {
        lock(&self.all).remove(&environment.id);
    }
}

fn shutting_down() -> FunctionError {
    let message = "the local cloud is shutting down".to_owned();
    FunctionError { error_type: "Sandbox.Shutdown".to_owned(), message }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // No code panics while it holds one of these locks, and the data is whole between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn epoch_ms() -> u128 {
    u128::try_from(crate::clock::Clock::Real.now()).unwrap_or(0)
}

/// A request id in the form of a version 4 UUID.
pub fn request_id() -> String {
    let bytes: [u8; 16] = rand::random();
    let text = hex::encode(bytes);
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
}
