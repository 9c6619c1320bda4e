//! What can be said of the templates without an account: SAM and its linter, and checkov's view of their security.

use crate::tools::{self, command, environment, root};
use anyhow::{Context as _, Result, bail, ensure};

/// What reads the templates as the deployment would. It has a folder of its own, since it pins much of what moto needs.
pub const SAM_PACKAGES: [&str; 1] = ["aws-sam-cli==1.170.0"];
/// Pins even more, and so has another.
const CHECKOV_PACKAGES: [&str; 1] = ["checkov==3.3.30"];
const TEMPLATES: [&str; 2] = ["template.yaml", "template-us-east-1.yaml"];
/// How much of what checkov asks for may be left out, over both templates.
const SKIPS_MOST: usize = 5;
/// What begins a line that leaves something out: `checkov:skip=ID:reason`.
const SKIP: &str = "# checkov:skip=";

pub fn check() -> Result<()> {
    validate()?;
    let skips = skips()?;
    let checkov = environment("checkov", &CHECKOV_PACKAGES)?.with_file_name("checkov");
    let mut scan = command(&checkov.to_string_lossy(), &["--framework", "cloudformation", "--quiet", "--compact"]);
    // It would ask its maker for explanations of the checks.
    scan.args(["--skip-download", "--file"]).args(TEMPLATES);
    if !skips.is_empty() {
        scan.args(["--skip-check", &skips.join(",")]);
    }
    tools::run(&mut scan)
}

/// Both templates, with the environments of `samconfig.toml` and the linter that SAM brings. No account is asked.
fn validate() -> Result<()> {
    let sam = environment("sam", &SAM_PACKAGES)?.with_file_name("sam");
    for environment in ["default", "us-east-1"] {
        let mut validate = command(&sam.to_string_lossy(), &["validate", "--config-env", environment]);
        tools::run(validate.env("SAM_CLI_TELEMETRY", "0"))?;
    }
    Ok(())
}

/// The checks that are left out for a whole template. Those within a resource are left out by checkov, for that resource; here
/// all are counted, and each has to say why.
fn skips() -> Result<Vec<String>> {
    let (mut all, mut everywhere) = (Vec::new(), Vec::new());
    for template in TEMPLATES {
        let text = std::fs::read_to_string(root().join(template)).with_context(|| format!("cannot read {template}"))?;
        for line in text.lines() {
            let Some(skip) = line.trim_start().strip_prefix(SKIP) else { continue };
            let Some((check, reason)) = skip.split_once(':') else { bail!("{template}: {line:?} gives no reason") };
            ensure!(reason.split_whitespace().count() > 3, "{template}: {reason:?} is no reason to skip {check}");
            if line.starts_with(SKIP) {
                everywhere.push(check.to_owned());
            }
            all.push(format!("{check} ({reason})"));
        }
    }
    ensure!(all.len() <= SKIPS_MOST, "{} of checkov's checks are skipped, more than {SKIPS_MOST}: {all:?}", all.len());
    eprintln!("xtask: of checkov's checks {} are skipped: {}", all.len(), all.join("; "));
    Ok(everywhere)
}
