//! The plan of the templates that a stack is started with.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

use super::{Placed, Plan};
use crate::deploy::StackConfig;
use crate::deploy::template::{StackSettings, Template};

/// The region that CloudFront's alarms live in (aws-facts 4).
const GLOBAL_REGION: &str = "us-east-1";

/// Reads the templates and puts them together.
pub fn plan(config: &StackConfig) -> anyhow::Result<Plan> {
    let home = read_template(&config.template, config, &config.region, config.parameters.clone())?;
    let global_path = config.template.with_file_name("template-us-east-1.yaml");
    let mut placed = vec![Placed { file: file_name(&config.template), region: &config.region, template: &home }];
    let global;
    if config.region != GLOBAL_REGION && global_path.exists() {
        let parameters = BTreeMap::from([("HomeRegion".to_owned(), config.region.clone())]);
        global = read_template(&global_path, config, GLOBAL_REGION, parameters)?;
        placed.push(Placed { file: file_name(&global_path), region: GLOBAL_REGION, template: &global });
    }
    Ok(Plan::of(&placed, &config.functions)?)
}

fn read_template(
    path: &Path,
    config: &StackConfig,
    region: &str,
    parameters: BTreeMap<String, String>,
) -> anyhow::Result<Template> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the template {} cannot be read; name it with --template", path.display()))?;
    let settings = StackSettings {
        stack_name: config.stack_name.clone(),
        region: region.to_owned(),
        account: config.world.account.clone(),
        partition: "aws".to_owned(),
        parameters,
    };
    Ok(Template::read(file_name(path), &text, &settings)?)
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("template")
}
