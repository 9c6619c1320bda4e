//! The Lambda Runtime API of one environment: the process asks for the next event and posts its answer or its error.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot, watch};

use super::{FunctionError, lock};

/// The largest answer of a synchronous invocation (aws-facts 5.6).
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024;

type Answer = Result<Bytes, FunctionError>;

/// Where events and answers change hands.
pub struct Exchange {
    function_arn: String,
    slot: Mutex<Slot>,
    offered: Notify,
    /// Set when the process asks for its first event, or says that it cannot begin.
    initialised: watch::Sender<Option<Result<(), FunctionError>>>,
}

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Waiting {
        event: Event,
        answer: oneshot::Sender<Answer>,
    },
    Running {
        request_id: String,
        answer: oneshot::Sender<Answer>,
    },
    /// The process is gone; what it was working on, if anything.
    Gone(Option<String>),
}

struct Event {
    request_id: String,
    payload: Bytes,
    deadline_ms: u128,
    trace: String,
}

impl Exchange {
    pub fn new(function_arn: &str) -> Self {
        Self {
            function_arn: function_arn.to_owned(),
            slot: Mutex::default(),
            offered: Notify::new(),
            initialised: watch::Sender::new(None),
        }
    }

    /// Waits for the process's first sign.
    pub async fn initialised(&self) -> Result<(), FunctionError> {
        let mut seen = self.initialised.subscribe();
        match seen.wait_for(Option::is_some).await {
            Ok(result) => result.clone().unwrap_or(Ok(())),
            Err(_) => Ok(()),
        }
    }

    /// Puts an event where the process will find it. The answer's sender is dropped when the process goes.
    pub fn offer(&self, request_id: &str, payload: Bytes, deadline_ms: u128) -> oneshot::Receiver<Answer> {
        let (answer, receiver) = oneshot::channel();
        let trace = super::trace::of(&payload);
        let event = Event { request_id: request_id.to_owned(), payload, deadline_ms, trace };
        *lock(&self.slot) = Slot::Waiting { event, answer };
        self.offered.notify_one();
        receiver
    }

    /// Drops whatever is under way: nobody will answer it.
    pub fn process_gone(&self) {
        let mut slot = lock(&self.slot);
        let was = std::mem::take(&mut *slot);
        *slot = Slot::Gone(match was {
            Slot::Running { request_id, .. } => Some(request_id),
            Slot::Gone(request_id) => request_id,
            Slot::Empty | Slot::Waiting { .. } => None,
        });
    }

    /// Whether the process had taken this event when it went.
    pub fn took(&self, request_id: &str) -> bool {
        matches!(&*lock(&self.slot), Slot::Gone(Some(taken)) if taken == request_id)
    }

    /// The event that waits, if there is one; it runs from now on.
    fn take(&self) -> Option<Event> {
        let mut slot = lock(&self.slot);
        match std::mem::take(&mut *slot) {
            Slot::Waiting { event, answer } => {
                *slot = Slot::Running { request_id: event.request_id.clone(), answer };
                Some(event)
            }
            Slot::Running { answer, .. } => {
                // The process went on without answering: that invocation has failed.
                let message = "the runtime asked for the next event before it answered this one".to_owned();
                let _ = answer.send(Err(FunctionError { error_type: "Runtime.NoResponse".to_owned(), message }));
                None
            }
            Slot::Empty => None,
            Slot::Gone(request_id) => {
                *slot = Slot::Gone(request_id);
                None
            }
        }
    }

    /// Hands the answer on if this request is the one that runs.
    fn complete(&self, request_id: &str, result: Answer) -> bool {
        let mut slot = lock(&self.slot);
        match std::mem::take(&mut *slot) {
            Slot::Running { request_id: running, answer } if running == request_id => {
                let _ = answer.send(result);
                true
            }
            other => {
                *slot = other;
                false
            }
        }
    }
}

/// Serves the Runtime API of one environment.
pub async fn serve(listener: TcpListener, exchange: Arc<Exchange>) {
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        // An answer that is too large must reach us to be refused by name.
        .layer(DefaultBodyLimit::max(4 * MAX_ANSWER_BYTES))
        .with_state(exchange);
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "a Runtime API endpoint ended");
    }
}

async fn next(State(exchange): State<Arc<Exchange>>) -> Response {
    exchange.initialised.send_if_modified(|seen| {
        let first = seen.is_none();
        seen.get_or_insert(Ok(()));
        first
    });
    let event = loop {
        // Taking a waiter first would miss nothing, but a permit left by an earlier offer must be looked at again.
        if let Some(event) = exchange.take() {
            break event;
        }
        exchange.offered.notified().await;
    };
    let headers = [
        ("lambda-runtime-aws-request-id", event.request_id),
        ("lambda-runtime-deadline-ms", event.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", exchange.function_arn.clone()),
        ("lambda-runtime-trace-id", event.trace),
        ("content-type", "application/json".to_owned()),
    ];
    (StatusCode::OK, headers, event.payload).into_response()
}

async fn response(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>, body: Bytes) -> Response {
    let answer = if body.len() > MAX_ANSWER_BYTES {
        let message =
            format!("Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).");
        Err(FunctionError { error_type: "Function.ResponseSizeTooLarge".to_owned(), message })
    } else {
        Ok(body)
    };
    accepted(exchange.complete(&id, answer), &id)
}

async fn error(
    State(exchange): State<Arc<Exchange>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    accepted(exchange.complete(&id, Err(function_error(&headers, &body))), &id)
}

async fn init_error(State(exchange): State<Arc<Exchange>>, headers: HeaderMap, body: Bytes) -> Response {
    exchange.initialised.send_replace(Some(Err(function_error(&headers, &body))));
    accepted(true, "init")
}

/// The error as the process words it: in the body, else its type in the header.
fn function_error(headers: &HeaderMap, body: &[u8]) -> FunctionError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let error_type = body["errorType"].as_str().or(header).unwrap_or("Unhandled").to_owned();
    FunctionError { error_type, message: body["errorMessage"].as_str().unwrap_or_default().to_owned() }
}

fn accepted(known: bool, id: &str) -> Response {
    if known {
        return (StatusCode::ACCEPTED, axum::Json(json!({ "status": "OK" }))).into_response();
    }
    let message = format!("{id} is not the invocation that runs");
    let body = json!({ "errorType": "InvalidRequestID", "errorMessage": message });
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
