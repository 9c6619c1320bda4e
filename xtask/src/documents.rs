//! Runs the commands of a document, so that it says nothing that no longer works. Each block of commands is marked:
//!
//! - `sh run`: runs here as it stands, with `API` as the URL of a local cloud.
//! - `sh check`: for an account; here `aws` is one that reads its arguments and sends nothing. Names of commands and options,
//!   and the shapes of their values, are checked that way.
//! - `sh shown`: needs an account or takes too long; nothing is run.

use crate::stack::Running;
use crate::tools::{command, environment, root, target};
use anyhow::{Context as _, Result, bail, ensure};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = "docs/deploy.md";

/// What stands in the place of the AWS CLI. The answers that later commands need are
/// the local API's address, and names.
const CHECKING_AWS: &str = r#"#!/bin/sh
# Reads its arguments as the AWS CLI does, and sends to where nobody listens.
export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1
said=$("$REAL_AWS" "$@" --endpoint-url http://127.0.0.1:9 2>&1)
case "$said" in
  *"Could not connect to the endpoint URL"*) ;;
  *) echo "aws does not take: $*
$said" >&2; exit 1 ;;
esac
case "$*" in
  *ApiUrl*) echo "$LOCAL_API" ;;
  *UserPoolId*) echo eu-west-1_EXAMPLE ;;
  *TableName*) echo headend-table ;;
esac
"#;

/// What the document defines for an account, as it is here.
const PRELUDE: &str = r#"set -euo pipefail
API=$LOCAL_API
"#;

/// `python` is the environment with the AWS CLI.
pub fn check(python: &Path, recordings: &Path) -> Result<()> {
    let text = std::fs::read_to_string(root().join(DOCUMENT)).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let script = script(&text)?;
    let sam = environment("sam", &crate::templates::SAM_PACKAGES)?;
    let folder = checking_aws()?;
    let record = format!("--record={}", recordings.join("documents.jsonl").display());
    let cloud = Running::start(&["--speed=100".to_owned(), "--auth".to_owned(), record])?;
    let found = std::env::var("PATH").unwrap_or_default();
    let tools_of = |python: &Path| python.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let mut bash = command("bash", &["-c", &script]);
    bash.env("PATH", format!("{}:{}:{found}", folder.display(), tools_of(&sam)));
    bash.env("REAL_AWS", python.with_file_name("aws")).env("LOCAL_API", &cloud.api);
    bash.env("TOKEN", crate::token::of(&cloud.aws)?);
    bash.env("AWS_DEFAULT_REGION", "eu-west-1").env("SAM_CLI_TELEMETRY", "0");
    eprintln!("xtask: running the commands of {DOCUMENT}");
    let status = bash.status().context("cannot start bash")?;
    ensure!(status.success(), "a command of {DOCUMENT} failed ({status}); the line before says which");
    Ok(())
}

/// All blocks that run, in their order, in one shell: later ones use what earlier ones set.
fn script(text: &str) -> Result<String> {
    let (mut script, mut marked, mut inside) = (PRELUDE.to_owned(), 0, None);
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(kind), None) => {
                let runs = match kind {
                    "sh run" | "sh check" => true,
                    "sh shown" | "json" | "text" => false,
                    other => bail!("{DOCUMENT}:{}: a block is not marked, but {other:?}", number + 1),
                };
                if runs {
                    marked += 1;
                    script.push_str(&format!("echo '{DOCUMENT}:{}' >&2\n", number + 1));
                }
                inside = Some(runs);
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => script.push_str(&format!("{line}\n")),
            (None, Some(false) | None) => {}
        }
    }
    ensure!(inside.is_none(), "{DOCUMENT}: the last block has no end");
    ensure!(marked > 0, "{DOCUMENT} has no block that is run");
    Ok(script)
}

fn checking_aws() -> Result<PathBuf> {
    let folder = target().join("documents");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("aws");
    std::fs::write(&path, CHECKING_AWS).with_context(|| format!("cannot write {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}
