//! Reads the recording of a stack: every AWS call as one JSON line.

use serde_json::Value;
use std::path::Path;

/// The calls of a recording, in order.
pub fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

pub fn word<'a>(call: &'a Value, name: &str) -> &'a str {
    call[name].as_str().unwrap_or_default()
}

/// The names, as the golden list writes them, of the calls that change something in the media services.
pub fn mutations(calls: &[Value]) -> Vec<String> {
    const SERVICES: [&str; 5] = ["medialive", "mediapackage", "cloudfront", "cloudwatch", "secretsmanager"];
    let reads = |operation: &str| ["Describe", "Get", "List"].iter().any(|prefix| operation.starts_with(prefix));
    let mut names = Vec::new();
    for call in calls {
        let (service, operation) = (word(call, "service"), word(call, "operation"));
        if !SERVICES.contains(&service) || reads(operation) {
            continue;
        }
        names.push(match (service, operation) {
            ("mediapackage", "CreateChannel" | "DeleteChannel") => format!("MediaPackage.{operation}"),
            ("cloudfront", "CreateDistributionWithTags") => "CreateDistribution".to_owned(),
            _ => operation.to_owned(),
        });
    }
    names.sort();
    names
}
