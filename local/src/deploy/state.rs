//! Keeps the world in a file, so that a restart goes on where the last run stopped. DynamoDB keeps its own files.
//! Two local clouds on one folder would be two accounts behind one table, so the folder is locked.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::cloud::Cloud;
use crate::world::World;

/// How much simulated life an abrupt end may cost.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// The file of one account.
#[derive(Clone)]
pub struct Keeper {
    path: PathBuf,
    last: Arc<Mutex<Vec<u8>>>,
    /// Holds the lock until the last clone is gone; the operating system lets go of it when the process dies.
    _lock: Arc<File>,
}

impl Keeper {
    /// Keeps the world in `folder/world.json`.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        let context = || format!("the folder {} cannot be used", folder.display());
        std::fs::create_dir_all(folder).with_context(context)?;
        let lock = File::create(folder.join("lock")).with_context(context)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("{} is in use by another local cloud; end it or choose another folder", folder.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
        }
        Ok(Self { path: folder.join("world.json"), last: Arc::default(), _lock: Arc::new(lock) })
    }

    /// The world of the last run, if there was one.
    pub fn load(&self) -> anyhow::Result<Option<World>> {
        let path = self.path.display();
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{path} cannot be read")),
        };
        let context = || format!("{path} is of another version; remove it to begin with an empty account");
        Ok(Some(serde_json::from_slice(&bytes).with_context(context)?))
    }

    /// Writes the world if it has changed since the last time; never half of it.
    pub fn save(&self, cloud: &Cloud) -> anyhow::Result<()> {
        let bytes = cloud.peek(serde_json::to_vec).context("the world cannot be written as JSON")?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last == bytes {
            return Ok(());
        }
        let context = || format!("{} cannot be written", self.path.display());
        let temporary = self.path.with_extension("json.new");
        std::fs::write(&temporary, &bytes).with_context(context)?;
        std::fs::rename(&temporary, &self.path).with_context(context)?;
        *last = bytes;
        Ok(())
    }

    /// Saves again and again until the task is aborted.
    pub async fn run(self, cloud: Arc<Cloud>) {
        loop {
            tokio::time::sleep(SAVE_EVERY).await;
            if let Err(error) = self.save(&cloud) {
                tracing::warn!(error = format!("{error:#}"), "the state was not kept");
            }
        }
    }
}
