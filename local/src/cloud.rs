//! The account as one thing that servers share: the world behind its lock, the clock, the stores beside the world
//! (DynamoDB, S3), the recorder, and who the access keys belong to.
//!
//! Whoever changes the world through here wakes those who wait for it to move (`changed`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use anyhow::Context as _;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::cognito::UserPool;
use crate::iam::Iam;
use crate::rules::Strictness;
use crate::wire::{DynamoDb, Faults, Recorder, S3};
use crate::world::{Ms, World, WorldConfig};

/// What an account is made from.
#[derive(Clone, Debug, Default)]
pub struct CloudConfig {
    pub world: WorldConfig,
    pub clock: Clock,
    pub strictness: Strictness,
    /// Where DynamoDB keeps its tables; in memory when absent.
    pub state_dir: Option<PathBuf>,
    /// Where to write every AWS request and answer.
    pub record: Option<PathBuf>,
    /// Write secret values into the recording, too.
    pub record_secrets: bool,
    /// Refuse access keys that nobody registered with `name_key`.
    pub known_keys_only: bool,
}

/// The account.
pub struct Cloud {
    world: Arc<Mutex<World>>,
    clock: Clock,
    pub strictness: Strictness,
    pub dynamodb: DynamoDb,
    pub s3: S3,
    /// Faults that the next calls over the wire meet.
    pub faults: Faults,
    pub recorder: Option<Recorder>,
    /// The stack's user pool, once it is deployed.
    pub pool: OnceLock<Arc<UserPool>>,
    /// The roles of the functions.
    pub iam: Iam,
    keys: RwLock<BTreeMap<String, String>>,
    known_keys_only: bool,
    changed: Notify,
}

impl Cloud {
    /// An empty account (DynamoDB tables of an earlier run are found again under `state_dir`).
    pub fn new(config: CloudConfig) -> anyhow::Result<Arc<Self>> {
        let world = World::new(config.world.clone());
        Self::around(world, config)
    }

    /// An account around a world that was kept from before.
    pub fn around(world: World, config: CloudConfig) -> anyhow::Result<Arc<Self>> {
        let recorder = match &config.record {
            None => None,
            Some(path) => {
                let context = || format!("the recording {} cannot be written", path.display());
                Some(Recorder::create(path, config.record_secrets).with_context(context)?)
            }
        };
        Ok(Arc::new(Self {
            world: Arc::new(Mutex::new(world)),
            clock: config.clock,
            strictness: config.strictness,
            dynamodb: DynamoDb::new(config.state_dir),
            s3: S3::default(),
            faults: Faults::default(),
            recorder,
            pool: OnceLock::new(),
            iam: Iam::default(),
            keys: RwLock::default(),
            known_keys_only: config.known_keys_only,
            changed: Notify::new(),
        }))
    }

    /// What time it is in the account.
    pub fn now(&self) -> Ms {
        self.clock.now()
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Uses the world at this moment, with everything that was due before already done, and wakes whoever waits for a
    /// change. Must not be called again from inside.
    pub fn with_world<T>(&self, act: impl FnOnce(&mut World, Ms) -> T) -> T {
        let now = self.clock.now();
        let answer = {
            let mut world = self.lock();
            world.advance(now);
            act(&mut world, now)
        };
        self.changed.notify_waiters();
        answer
    }

    /// Looks at the world without waking anyone.
    pub fn peek<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.lock())
    }

    /// The world itself, for those who run it in their own loop.
    pub fn world(&self) -> Arc<Mutex<World>> {
        Arc::clone(&self.world)
    }

    /// Resolves when the world is used next. Create the future before looking, or a change in between is missed.
    pub fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }

    /// Says who calls with an access key: a function's name.
    pub fn name_key(&self, access_key: &str, function: &str) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(access_key.to_owned(), function.to_owned());
    }

    /// The function that an access key was given to.
    pub fn function_of(&self, access_key: &str) -> Option<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(access_key).cloned()
    }

    /// Whether a caller with this access key is let in.
    pub fn admits(&self, access_key: &str) -> bool {
        !self.known_keys_only || self.function_of(access_key).is_some()
    }

    // A panic under the lock ends one request, not the account.
    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
