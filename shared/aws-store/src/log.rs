//! Log lines as JSON on standard output, where Lambda collects them. The level is Lambda's own setting for the
//! function (`LoggingConfig`), `info` where there is none.

use tracing_subscriber::EnvFilter;

/// Lambda puts the function's `ApplicationLogLevel` here.
const LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

/// Starts logging for the life of the process. A second call changes nothing.
pub fn init() {
    let filter = EnvFilter::try_from_env(LEVEL).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // An error says that logging runs already.
    let _ = lines.with_env_filter(filter).with_writer(std::io::stdout).try_init();
}
