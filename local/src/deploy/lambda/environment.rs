//! One execution environment: the function's process and the Runtime API endpoint that only it talks to.
//!
//! A process that outlives the local cloud ends by itself: its long poll for the next event breaks with our socket.

use std::process::Stdio;
use std::sync::Arc;

use axum::body::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Notify, watch};

use super::runtime_api::{self, Exchange};
use super::{FunctionError, FunctionSpec, LocalAdditions, LogSink, variables};

/// A running process with its exchange of events and answers.
pub struct Environment {
    pub id: u64,
    exchange: Arc<Exchange>,
    kill: Arc<Notify>,
    /// How the process ended, once it has.
    exit: watch::Receiver<Option<String>>,
}

impl Environment {
    /// Starts the process. It is usable once [`Environment::initialised`] says so.
    pub async fn start(
        id: u64,
        spec: &FunctionSpec,
        additions: &LocalAdditions,
        logs: Arc<LogSink>,
    ) -> Result<Arc<Self>, FunctionError> {
        let exchange = Arc::new(Exchange::new(&spec.arn));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(start_error)?;
        let runtime_api = listener.local_addr().map_err(start_error)?.to_string();
        let server = tokio::spawn(runtime_api::serve(listener, exchange.clone()));
        let mut child = Command::new(&spec.binary)
            .env_clear()
            .envs(variables::environment(spec, additions, &runtime_api, id))
            .current_dir(spec.binary.parent().unwrap_or(std::path::Path::new("/")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Its own process group: Ctrl-C in the terminal reaches the local cloud, which ends its functions in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                let binary = spec.binary.display();
                start_failure(format!("cannot start {binary}: {error}; build the functions first"))
            })?;
        copy_lines(child.stdout.take(), &spec.short_name, &logs);
        copy_lines(child.stderr.take(), &spec.short_name, &logs);
        let kill = Arc::new(Notify::new());
        let (exited, exit) = watch::channel(None);
        let waker = exchange.clone();
        let stop = kill.clone();
        tokio::spawn(async move {
            let status = supervise(child, &stop).await;
            server.abort();
            let _ = exited.send(Some(status));
            waker.process_gone();
        });
        Ok(Arc::new(Self { id, exchange, kill, exit }))
    }

    /// Waits until the process asks for its first event.
    pub async fn initialised(&self, request_id: &str) -> Result<(), FunctionError> {
        tokio::select! {
            result = self.exchange.initialised() => return result,
            () = self.gone() => {}
        }
        Err(self.exit_error(request_id).await)
    }

    /// Gives the process an event and waits for its answer; `None` when the process is gone.
    pub async fn hand(
        &self,
        request_id: &str,
        payload: Bytes,
        deadline_ms: u128,
    ) -> Option<Result<Bytes, FunctionError>> {
        let answer = self.exchange.offer(request_id, payload, deadline_ms);
        if self.is_gone() {
            self.exchange.process_gone();
        }
        answer.await.ok()
    }

    /// Whether the process took this event before it went.
    pub fn took(&self, request_id: &str) -> bool {
        self.exchange.took(request_id)
    }

    pub fn is_gone(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Sends SIGKILL.
    pub fn kill(&self) {
        self.kill.notify_one();
    }

    /// Waits until the process is gone.
    pub async fn gone(&self) {
        let _ = self.exit.clone().wait_for(Option::is_some).await;
    }

    /// The error that Lambda reports for a process that ended in the middle of its work.
    pub async fn exit_error(&self, request_id: &str) -> FunctionError {
        self.gone().await;
        let status = self.exit.borrow().clone().unwrap_or_default();
        let message = format!("RequestId: {request_id} Error: Runtime exited with error: {status}");
        FunctionError { error_type: "Runtime.ExitError".to_owned(), message }
    }
}

/// Waits for the process, or ends it when asked to.
async fn supervise(mut child: Child, kill: &Notify) -> String {
    let status = tokio::select! {
        status = child.wait() => status,
        () = kill.notified() => {
            // The process may have ended by itself in this instant.
            let _ = child.start_kill();
            child.wait().await
        }
    };
    match status {
        Ok(status) => status.to_string(),
        Err(error) => format!("its end could not be observed: {error}"),
    }
}

fn copy_lines(stream: Option<impl AsyncRead + Unpin + Send + 'static>, function: &str, logs: &Arc<LogSink>) {
    let Some(stream) = stream else { return };
    let (function, logs) = (function.to_owned(), logs.clone());
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            logs.line(&function, &String::from_utf8_lossy(&line));
        }
    });
}

fn start_error(error: std::io::Error) -> FunctionError {
    start_failure(format!("no port for the Runtime API: {error}"))
}

fn start_failure(message: String) -> FunctionError {
    FunctionError { error_type: "Runtime.InvalidEntrypoint".to_owned(), message }
}
