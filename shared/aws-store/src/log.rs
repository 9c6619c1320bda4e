//! Log lines as JSON on standard output, where Lambda collects them. `HEADEND_LOG` (a filter such as `debug`)
//! is for people who look closer; it is no part of the configuration.

use tracing_subscriber::EnvFilter;

/// Starts logging for the life of the process. A second call changes nothing.
pub fn init() {
    let filter = EnvFilter::try_from_env("HEADEND_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // An error says that logging runs already.
    let _ = lines.with_env_filter(filter).with_writer(std::io::stdout).try_init();
}
