//! Starts the stack: makes what the plan lists, then runs servers, functions, rules, mappings and schedules.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::body::Bytes;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::api::{self, ApiIdentity, Authorizer, HttpApi};
use super::events::{Destination, Router, Rule, Target};
use super::lambda::{Function, LocalAdditions, LogSink, access_key};
use super::mapping::{self, Mapping};
use super::plan::{self, ApiPlan, DestinationPlan, Plan, RulePlan};
use super::schedule::{self, Schedule};
use super::state::Keeper;
use super::{account, pump};
use crate::cloud::Cloud;
use crate::cognito::{TokenRequest, UserPool};
use crate::iam::{Caller, Credentials};
use crate::media::{Media, MediaConfig};
use crate::rules::Strictness;
use crate::site::{self, Site};
use crate::wire;
use crate::world::{Emitted, WorldConfig};

/// How often an event reaches its bus: 1 is once, 0 drops it. For tests.
pub type EventCopies = Arc<dyn Fn(&Emitted) -> usize + Send + Sync>;

/// What a stack is started with.
#[derive(Clone)]
pub struct StackConfig {
    /// `template.yaml`; a `template-us-east-1.yaml` beside it is deployed there.
    pub template: PathBuf,
    /// The folder with the functions' binaries.
    pub functions: PathBuf,
    pub stack_name: String,
    pub region: String,
    /// Values of the template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// 0 takes a free port.
    pub port: u16,
    pub aws_port: u16,
    /// Account, seed, speed, quotas and switches.
    pub world: WorldConfig,
    pub strictness: Strictness,
    /// Where everything is kept across restarts.
    pub state: Option<PathBuf>,
    pub record: Option<PathBuf>,
    pub record_secrets: bool,
    /// Demands a token on every route that has an authorizer; else everybody is the simulated developer.
    pub auth: bool,
    /// Prints what the functions log.
    pub verbose: bool,
    /// Whether webhooks may lead to receivers on this machine.
    pub loopback_webhooks: bool,
    pub event_copies: Option<EventCopies>,
    /// Real pictures; without it a running channel is a state and nothing more.
    pub media: Option<MediaConfig>,
    /// The folder that stands for the site's bucket, and the port of the site.
    pub site: Option<(PathBuf, u16)>,
}

impl Default for StackConfig {
    fn default() -> Self {
        Self {
            template: PathBuf::from("template.yaml"),
            functions: PathBuf::from("target/debug"),
            stack_name: "headend".to_owned(),
            region: "eu-west-1".to_owned(),
            parameters: BTreeMap::new(),
            port: 8080,
            aws_port: 4566,
            world: WorldConfig { speed: 20.0, ..WorldConfig::default() },
            strictness: Strictness::default(),
            state: None,
            record: None,
            record_secrets: false,
            auth: false,
            verbose: false,
            loopback_webhooks: false,
            event_copies: None,
            media: None,
            site: None,
        }
    }
}

/// A running stack. Dropping it ends the servers and kills the functions; [`Stack::shutdown`] does so in order.
pub struct Stack {
    pub api_url: String,
    pub aws_url: String,
    /// Where viewers ask, where pictures are made.
    pub cdn_url: Option<String>,
    /// Where player and portal are.
    pub site_url: Option<String>,
    pub cloud: Arc<Cloud>,
    /// The outputs of the templates.
    pub outputs: BTreeMap<String, String>,
    functions: BTreeMap<String, Arc<Function>>,
    logs: Arc<LogSink>,
    keeper: Option<Keeper>,
    media: Option<Media>,
    tasks: JoinSet<()>,
}

/// Deploys the templates and starts everything.
pub async fn start(config: StackConfig) -> anyhow::Result<Stack> {
    if !config.world.speed.is_finite() || config.world.speed <= 0.0 {
        bail!("the speed must be a number above 0, not {}", config.world.speed);
    }
    let plan = plan::plan(&config)?;
    check_binaries(&plan)?;
    let api_listener = listen(config.port, "--port").await?;
    let aws_listener = listen(config.aws_port, "--aws-port").await?;
    let (api_address, aws_address) = (api_listener.local_addr()?, aws_listener.local_addr()?);
    let keeper = config.state.as_deref().map(Keeper::new).transpose()?;
    let cloud = account::furnished(&config, keeper.as_ref(), &plan).await?;
    if let Some(pool) = &plan.pool {
        let key_file = config.state.as_ref().map(|state| state.join("user-pool-key.der"));
        cloud.pool.get_or_init(|| Arc::new(UserPool::new(pool.clone(), key_file)));
    }
    let folder = config.state.as_ref().map(|state| state.join("logs"));
    let logs = Arc::new(LogSink::new(folder, config.verbose).context("the folder for logs cannot be made")?);
    let functions = functions(&plan, &config, &cloud, &logs, aws_address);
    let outputs = plan.outputs.clone();
    let mut tasks = JoinSet::new();
    serve_aws(&mut tasks, aws_listener, cloud.clone());
    let mut site_url = None;
    if let Some(api) = &plan.api {
        let api = Arc::new(http_api(api, &config, &cloud, &functions, api_address));
        if let (Some(plan), Some((folder, port))) = (plan.site.clone(), config.site.clone()) {
            let listener = listen(port, "--site-port").await?;
            site_url = Some(format!("http://localhost:{}", listener.local_addr()?.port()));
            tasks.spawn(site::serve(listener, Arc::new(Site { plan, folder, api: api.clone() })));
        }
        tasks.spawn(api::serve(api_listener, api));
    }
    run_triggers(&mut tasks, plan, &config, &cloud, &functions)?;
    if let Some(keeper) = &keeper {
        tasks.spawn(keeper.clone().run(cloud.clone()));
    }
    let media = match &config.media {
        None => None,
        Some(media) => {
            cloud.with_world(|world, _| world.ingest_ports = Some(media.first_ingest_port));
            Some(Media::start(cloud.clone(), media.clone()).await?)
        }
    };
    Ok(Stack {
        site_url,
        cdn_url: media.as_ref().map(|media| media.cdn_url.clone()),
        media,
        api_url: format!("http://{api_address}"),
        aws_url: format!("http://{aws_address}"),
        cloud,
        outputs,
        functions,
        logs,
        keeper,
        tasks,
    })
}

impl Stack {
    /// Kills every running environment of a function (by its short name) with SIGKILL. Answers how many there were.
    pub fn kill(&self, function: &str) -> anyhow::Result<usize> {
        Ok(named(&self.functions, function)?.kill())
    }

    /// How many invocations of a function are under way.
    pub fn busy(&self, function: &str) -> anyhow::Result<usize> {
        Ok(named(&self.functions, function)?.busy())
    }

    /// Invokes a function and waits for its answer.
    pub async fn invoke(&self, function: &str, event: &serde_json::Value) -> anyhow::Result<Bytes> {
        Ok(named(&self.functions, function)?.invoke(Bytes::from(event.to_string())).await?)
    }

    /// The last lines that a function logged.
    pub fn logs(&self, function: &str) -> Vec<String> {
        self.logs.lines(function)
    }

    /// The short names of the functions.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Ends servers and functions, and keeps the state where that was asked for.
    pub async fn shutdown(mut self) -> anyhow::Result<()> {
        self.tasks.shutdown().await;
        if let Some(media) = self.media.take() {
            media.shutdown().await;
        }
        for function in self.functions.values() {
            function.shut_down().await;
        }
        match &self.keeper {
            Some(keeper) => keeper.save(&self.cloud),
            None => Ok(()),
        }
    }
}

fn check_binaries(plan: &Plan) -> anyhow::Result<()> {
    let missing = plan.functions.iter().filter(|function| !function.binary.is_file());
    let missing = missing.map(|function| function.binary.display().to_string()).collect::<Vec<_>>();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "not built: {}; build the functions (cargo build --workspace) or name their folder with --functions",
        missing.join(", ")
    )
}

async fn listen(port: u16, option: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is in use; end what holds it or choose another with {option} (0 takes a free one)")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on 127.0.0.1:{port}")),
    }
}

fn functions(
    plan: &Plan,
    config: &StackConfig,
    cloud: &Cloud,
    logs: &Arc<LogSink>,
    aws: SocketAddr,
) -> BTreeMap<String, Arc<Function>> {
    let additions = LocalAdditions {
        endpoint_url: format!("http://{aws}"),
        time_scale: config.world.speed,
        loopback_webhooks: config.loopback_webhooks,
    };
    let mut functions = BTreeMap::new();
    for spec in &plan.functions {
        let credentials = Credentials::of(access_key(&spec.short_name), &spec.arn);
        cloud.name_key(&credentials.access_key, &spec.short_name);
        let role = plan.roles.iter().find(|role| role.function == spec.short_name);
        cloud.iam.add(Caller { credentials, role: role.expect("BUG: a function without a role").clone() });
        let mut spec = spec.clone();
        // A process is started in the folder of its binary, so its path must not depend on ours.
        spec.binary = std::path::absolute(&spec.binary).unwrap_or(spec.binary);
        functions.insert(spec.short_name.clone(), Function::new(spec, additions.clone(), logs.clone()));
    }
    functions
}

fn named<'a>(functions: &'a BTreeMap<String, Arc<Function>>, name: &str) -> anyhow::Result<&'a Arc<Function>> {
    functions.get(name).with_context(|| {
        let known = functions.keys().cloned().collect::<Vec<_>>().join(", ");
        format!("the stack has no function {name}; it has {known}")
    })
}

fn http_api(
    plan: &ApiPlan,
    config: &StackConfig,
    cloud: &Cloud,
    functions: &BTreeMap<String, Arc<Function>>,
    address: SocketAddr,
) -> HttpApi {
    let account = config.world.account.clone();
    HttpApi {
        identity: ApiIdentity { api_id: plan.api_id.clone(), account, region: plan.region.clone() },
        routes: plan.routes.clone(),
        authorizer: authorizer(plan, config, cloud),
        functions: functions.clone(),
        clock: cloud.clock().clone(),
        port: address.port(),
    }
}

/// Whom everything belongs to that is made without a token.
const DEVELOPERS_TENANT: &str = "default";

/// Without `--auth` everybody is a developer of the default tenant, as if a token of theirs had been checked.
fn authorizer(plan: &ApiPlan, config: &StackConfig, cloud: &Cloud) -> Option<Authorizer> {
    let (plan, pool) = (plan.authorizer.clone()?, cloud.pool.get()?.clone());
    let scopes = pool.plan.clients.iter().filter(|client| !client.machine).flat_map(|client| client.scopes.clone());
    let developer = TokenRequest {
        // Those of our own resource server; the others are OpenID's.
        scopes: scopes.filter(|scope| scope.contains('/')).collect(),
        tenants: vec![DEVELOPERS_TENANT.to_owned()],
        ..TokenRequest::default()
    };
    Some(Authorizer { plan, pool, everybody: (!config.auth).then_some(developer) })
}

fn serve_aws(tasks: &mut JoinSet<()>, listener: TcpListener, cloud: Arc<Cloud>) {
    tasks.spawn(async move {
        if let Err(error) = wire::serve(listener, cloud).await {
            tracing::error!(%error, "the AWS endpoint ended");
        }
    });
}

/// What starts functions besides the API: rules, mappings and schedules.
fn run_triggers(
    tasks: &mut JoinSet<()>,
    plan: Plan,
    config: &StackConfig,
    cloud: &Arc<Cloud>,
    functions: &BTreeMap<String, Arc<Function>>,
) -> anyhow::Result<()> {
    let speed = config.world.speed;
    let rules = plan.rules.into_iter().map(|rule| run_rule(rule, functions)).collect::<anyhow::Result<_>>()?;
    cloud.with_world(|world, _| plan.buses.iter().for_each(|(region, name)| world.add_bus(region, name)));
    let router = Router { cloud: cloud.clone(), rules, speed };
    tasks.spawn(pump::run(cloud.clone(), router, config.event_copies.clone()));
    for mapping in plan.mappings {
        let mapping = Mapping {
            invoke: named(functions, &mapping.function)?.invoker(),
            region: mapping.region,
            queue_url: mapping.queue_url,
            queue_arn: mapping.queue_arn,
            batch_size: mapping.batch_size,
            maximum_concurrency: mapping.maximum_concurrency,
            report_failures: mapping.report_failures,
            function: mapping.function,
        };
        tasks.spawn(mapping::run(cloud.clone(), mapping));
    }
    for plan in plan.schedules {
        let function = named(functions, &plan.function)?.as_target();
        if let Some(queue) = plan.dead_letters.filter(|queue| !queue.allowed) {
            tracing::warn!(queue.url, "the policy of the dead letters does not let the schedule's rule send");
        }
        let input = Bytes::from(plan.input);
        let schedule = Schedule { function, input, period: plan.period };
        tasks.spawn(schedule::run(cloud.clone(), schedule, speed));
    }
    Ok(())
}

fn run_rule(plan: RulePlan, functions: &BTreeMap<String, Arc<Function>>) -> anyhow::Result<Rule> {
    let targets = plan.targets.into_iter().map(|target| {
        let destination = match target.destination {
            DestinationPlan::Queue(queue) => Destination::Queue(queue),
            DestinationPlan::Topic(topic) => Destination::Topic(topic),
            DestinationPlan::Bus { region } => Destination::Bus { region },
            DestinationPlan::Function(name) => Destination::Function(named(functions, &name)?.as_target()),
        };
        Ok(Target { id: target.id, destination, transformer: target.transformer, dead_letters: target.dead_letters })
    });
    let targets = targets.collect::<anyhow::Result<_>>()?;
    Ok(Rule { region: plan.region, bus: plan.bus, name: plan.name, pattern: plan.pattern, targets })
}
