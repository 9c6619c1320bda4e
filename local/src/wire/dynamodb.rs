//! DynamoDB: dynoxide, an embedded DynamoDB, one database for each region. It serves on a listener of ours on the
//! loopback interface, and calls are handed on to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use dynoxide::Database;
use tokio::sync::Mutex;

use super::message::{JSON_1_0, Reply, Request};
use super::{error, scope::Scope};
use crate::world::AwsError;

/// The regions' databases; each comes into being when it is first named.
pub struct DynamoDb {
    state_dir: Option<PathBuf>,
    client: reqwest::Client,
    regions: Mutex<BTreeMap<String, Served>>,
}

#[derive(Clone)]
struct Served {
    database: Database,
    address: SocketAddr,
}

/// Headers that belong to one connection, not to the call.
const HOP: [&str; 5] = ["host", "connection", "content-length", "transfer-encoding", "expect"];

impl DynamoDb {
    /// Tables live in memory, or in a file for each region under `state_dir`.
    pub fn new(state_dir: Option<PathBuf>) -> Self {
        Self { state_dir, client: reqwest::Client::new(), regions: Mutex::default() }
    }

    /// The database of a region, for those who make its tables.
    pub async fn database(&self, region: &str) -> anyhow::Result<Database> {
        Ok(self.served(region).await?.database)
    }

    async fn served(&self, region: &str) -> anyhow::Result<Served> {
        let mut regions = self.regions.lock().await;
        if let Some(served) = regions.get(region) {
            return Ok(served.clone());
        }
        let database = self.open(region)?;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.context("no port for DynamoDB")?;
        let address = listener.local_addr()?;
        let serving = dynoxide::server::serve_with_shutdown(listener, database.clone(), std::future::pending());
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "DynamoDB stopped");
            }
        });
        let served = Served { database, address };
        regions.insert(region.to_owned(), served.clone());
        Ok(served)
    }

    fn open(&self, region: &str) -> anyhow::Result<Database> {
        let Some(dir) = &self.state_dir else {
            return Database::memory().map_err(|e| anyhow::anyhow!("DynamoDB in memory: {e}"));
        };
        std::fs::create_dir_all(dir).with_context(|| format!("the folder {} cannot be made", dir.display()))?;
        let path = dir.join(format!("dynamodb-{region}.sqlite"));
        let text = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
        Database::new(text).map_err(|e| anyhow::anyhow!("DynamoDB in {}: {e}", path.display()))
    }

    /// Hands a call on and its answer back.
    pub(super) async fn forward(&self, scope: &Scope, request: &Request) -> Reply {
        match self.try_forward(&scope.region, request).await {
            Ok(reply) => reply,
            Err(cause) => {
                tracing::error!(error = %format!("{cause:#}"), "DynamoDB did not answer");
                let failure = AwsError::new(500, "InternalServerError", format!("DynamoDB did not answer: {cause:#}"));
                error::reply("dynamodb", JSON_1_0, &failure, "")
            }
        }
    }

    async fn try_forward(&self, region: &str, request: &Request) -> anyhow::Result<Reply> {
        let served = self.served(region).await?;
        let mut call = self.client.request(request.method.clone(), format!("http://{}/", served.address));
        for (name, value) in request.headers.iter().filter(|(name, _)| !HOP.contains(&name.as_str())) {
            call = call.header(name, value);
        }
        let answer = call.body(request.body.clone()).send().await?;
        let mut reply = Reply { status: answer.status().as_u16(), ..Reply::default() };
        for (name, value) in answer.headers().iter().filter(|(name, _)| !HOP.contains(&name.as_str())) {
            // Each answer gets one request id: the front's.
            if name != "x-amzn-requestid"
                && let Ok(value) = value.to_str()
            {
                reply = reply.with(name.as_str(), value);
            }
        }
        reply.body = answer.bytes().await?.to_vec();
        Ok(reply)
    }
}
