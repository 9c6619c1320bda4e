//! What running channels publish: metrics and alerts.
