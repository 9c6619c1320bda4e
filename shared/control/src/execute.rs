//! Performs one action through the ports and reports its outcome. It looks before it repeats what may have
//! happened, and adopts what is already there.

use crate::ports::{
    Alarms, BusEvent, CloudFront, Compared, Comparing, Created, Creation, Entropy, FoundAll, FoundOne, Looked, Mark,
    MediaLive, MediaPackage, Messages, SecretValue, Secrets, Tagging,
};
use headend_domain::action::{Action, Answer, Object, Outcome, Refusal, RefusalKind, Seen, Verb};
use headend_domain::outbox::{self, Message};
use headend_domain::record::Record;
use headend_domain::request::{ChannelRequest, Requests, tags};
use headend_domain::slot::{AlarmRegion, Slot};
use headend_domain::spec::ChannelClass;
use headend_domain::time::Timestamp;

/// The services of one account.
pub trait Account: MediaLive + MediaPackage + CloudFront + Secrets + Alarms + Tagging + Comparing + Messages {}
impl<T: MediaLive + MediaPackage + CloudFront + Secrets + Alarms + Tagging + Comparing + Messages> Account for T {}

pub struct Executor<'a, A, E> {
    pub account: &'a A,
    pub entropy: &'a E,
    pub stack: &'a str,
    /// When the actions are begun.
    pub asked_at: Timestamp,
}

impl<A: Account, E: Entropy> Executor<'_, A, E> {
    /// One outcome per slot that the action works on.
    pub async fn execute(&self, record: &Record, action: &Action) -> Vec<Outcome> {
        let (verb, targets) = action.targets();
        let one = |id: Option<&String>, result| {
            let (slot, incarnation) = targets.first().cloned().expect("BUG: an action without a target");
            vec![Outcome { slot, incarnation, verb, id: id.cloned(), asked_at: self.asked_at, result }]
        };
        match action {
            Action::Create { slot, unsure, .. } => one(None, self.create(record, slot, *unsure).await),
            Action::Find { slot, .. } => one(None, self.find(record, slot).await.map(Answer::Found)),
            Action::Observe { slot, id, .. } => one(Some(id), looked(self.observe(slot, id).await)),
            Action::Compare { slot, id, .. } => one(Some(id), compared(self.account.compare(slot, id).await)),
            Action::Start { id, .. } => one(Some(id), looked(self.account.start_channel(id).await)),
            Action::Stop { id, .. } => one(Some(id), looked(self.account.stop_channel(id).await)),
            Action::Disable { id, .. } => one(Some(id), looked(self.account.disable_distribution(id).await)),
            Action::Update { slot, id, .. } => one(Some(id), self.update(record, slot, id).await),
            Action::Tag { slot, id, .. } => one(Some(id), self.tag(record, slot).await),
            Action::Delete { slot, id, .. } => one(Some(id), looked(self.delete(slot, id).await)),
            Action::RestartPipelines { id, pipelines, name, .. } => {
                one(Some(name), remedied(self.account.restart_pipelines(id, pipelines).await))
            }
            Action::SwitchInput { id, input, name, .. } => {
                one(Some(name), remedied(self.account.switch_input(id, name, input).await))
            }
            Action::Publish { through } => one(None, self.publish(record, *through).await),
            Action::DeleteStray { slot, id } => {
                let result = looked(self.delete(slot, id).await);
                vec![Outcome {
                    slot: slot.clone(),
                    incarnation: 0,
                    verb,
                    id: Some(id.clone()),
                    asked_at: self.asked_at,
                    result,
                }]
            }
            Action::DeleteAlarms { region, alarms } => self.delete_alarms(*region, alarms).await,
        }
    }

    async fn publish(&self, record: &Record, through: u64) -> Result<Answer, Refusal> {
        let waiting = record.messages.iter().filter(|message| message.sequence <= through);
        let waiting: Vec<&Message> = waiting.collect();
        let event = |message: &&Message| BusEvent {
            kind: message.kind.word(),
            at: message.at,
            detail: outbox::detail(record, message).to_string(),
        };
        let events: Vec<BusEvent> = waiting.iter().map(event).collect();
        let taken = self.account.put_events(&events).await?;
        let last = waiting.get(..taken).and_then(<[_]>::last);
        Ok(Answer::Published { through: last.map_or(0, |message| message.sequence) })
    }

    async fn delete_alarms(&self, region: AlarmRegion, alarms: &[(Slot, u32, String)]) -> Vec<Outcome> {
        let names: Vec<String> = alarms.iter().map(|(_, _, name)| name.clone()).collect();
        let result = looked(self.account.delete_alarms(region, &names).await);
        let outcome = |(slot, incarnation, name): &(Slot, u32, String)| Outcome {
            slot: slot.clone(),
            incarnation: *incarnation,
            verb: Verb::Delete,
            id: Some(name.clone()),
            asked_at: self.asked_at,
            result: result.clone(),
        };
        alarms.iter().map(outcome).collect()
    }

    async fn create(&self, record: &Record, slot: &Slot, unsure: bool) -> Result<Answer, Refusal> {
        if unsure {
            let found = self.find_kept(record, slot).await?;
            if !found.is_empty() {
                return Ok(Answer::Found(found));
            }
        }
        match self.send_create(record, slot).await? {
            Creation::Made(object, seen) => Ok(Answer::Made(object, seen)),
            Creation::AlreadyThere => {
                let found = self.find_kept(record, slot).await?;
                let taken = || {
                    Refusal::new(
                        RefusalKind::Conflict,
                        "AlreadyThere",
                        "the name or token is taken, but nothing is found under it yet",
                    )
                };
                let (object, seen) = found.into_iter().next().ok_or_else(taken)?;
                Ok(Answer::Made(object, seen))
            }
        }
    }

    /// Without what was replaced: that is found by the same tags until it is gone.
    async fn find_kept(&self, record: &Record, slot: &Slot) -> FoundAll {
        let replaced = |id: &str| record.state.strays.iter().any(|it| it.slot == *slot && it.id == id);
        let mut found = self.find(record, slot).await?;
        found.retain(|(object, _)| !replaced(&object.id));
        Ok(found)
    }

    async fn send_create(&self, record: &Record, slot: &Slot) -> Created {
        let requests = Requests { record, stack: self.stack };
        let account = self.account;
        match slot {
            Slot::Group(input) => account.create_group(&known(requests.group(input), slot)?).await,
            Slot::Input(input) => account.create_input(&known(requests.input(input), slot)?).await,
            Slot::Channel => account.create_channel(&known(requests.channel(), slot)?).await,
            Slot::Packaging => account.create_packaging(&known(requests.packaging(), slot)?).await,
            Slot::Endpoint(format) => account.create_endpoint(&known(requests.endpoint(*format), slot)?).await,
            Slot::Secret => account.create_secret(&known(requests.secret(), slot)?, &self.fresh_secret()).await,
            Slot::Distribution => {
                let request = known(requests.distribution(), slot)?;
                let header = account.read_secret(&request.secret_id, &request.secret_version).await?;
                account.create_distribution(&request, &header).await
            }
            Slot::Alarm(kind) => account.put_alarm(&known(requests.alarm(*kind), slot)?).await,
        }
    }

    async fn update(&self, record: &Record, slot: &Slot, id: &str) -> Result<Answer, Refusal> {
        let requests = Requests { record, stack: self.stack };
        let account = self.account;
        match slot {
            Slot::Group(input) => looked(account.update_group(id, &known(requests.group(input), slot)?).await),
            Slot::Channel => self.update_channel(id, known(requests.channel(), slot)?).await,
            Slot::Input(input) => {
                let changed = account.update_input(id, &known(requests.input(input), slot)?).await?;
                Ok(changed.map_or(Answer::Missing, |(object, seen)| Answer::Changed(object, seen)))
            }
            Slot::Secret => {
                looked(account.put_secret(id, &known(requests.secret(), slot)?, &self.fresh_secret()).await)
            }
            Slot::Endpoint(format) => {
                let changed = account.update_endpoint(id, &known(requests.endpoint(*format), slot)?).await?;
                Ok(changed.map_or(Answer::Missing, |(object, seen)| Answer::Changed(object, seen)))
            }
            Slot::Distribution => {
                let request = known(requests.distribution(), slot)?;
                let header = account.read_secret(&request.secret_id, &request.secret_version).await?;
                looked(account.update_distribution(id, &request, &header).await)
            }
            // A put is an update, too.
            Slot::Alarm(kind) => match account.put_alarm(&known(requests.alarm(*kind), slot)?).await? {
                Creation::Made(object, seen) => Ok(Answer::Changed(object, seen)),
                Creation::AlreadyThere => Ok(Answer::Missing),
            },
            Slot::Packaging => {
                let message = format!("BUG: {slot} cannot be changed in place");
                Err(Refusal::new(RefusalKind::Rejected, "NotChangeable", &message))
            }
        }
    }

    /// A channel of another class is changed in several steps: a STANDARD channel takes STANDARD inputs only, a single one
    /// takes both (aws-facts 1.6), so the larger class comes last and the smaller one first.
    async fn update_channel(&self, id: &str, request: ChannelRequest) -> Result<Answer, Refusal> {
        let Some(shape) = self.account.channel_shape(id).await? else { return Ok(Answer::Missing) };
        if shape.class == request.class {
            return looked(self.account.update_channel(id, &request).await);
        }
        let mut attached: Vec<&str> = request.attachments.iter().map(|it| it.input_id.as_str()).collect();
        let mut now: Vec<&str> = shape.inputs.iter().map(String::as_str).collect();
        attached.sort_unstable();
        now.sort_unstable();
        let seen = if request.class == ChannelClass::Single || attached == now {
            self.account.update_channel_class(id, &request).await?
        } else {
            self.account.update_channel(id, &request.in_class(shape.class)).await?
        };
        Ok(seen.map_or(Answer::Missing, Answer::Partly))
    }

    async fn tag(&self, record: &Record, slot: &Slot) -> Result<Answer, Refusal> {
        let Some(object) = record.object(slot) else { return Ok(Answer::Missing) };
        let tagged = self.account.retag(slot, object, &tags(record, slot, self.stack)).await?;
        Ok(tagged.map_or(Answer::Missing, |()| Answer::Tagged))
    }

    /// MediaPackage takes 8 to 128 characters (aws-facts 2.6).
    fn fresh_secret(&self) -> SecretValue {
        SecretValue::new(hex::encode([self.entropy.random(), self.entropy.random()].concat()))
    }

    async fn find(&self, record: &Record, slot: &Slot) -> FoundAll {
        let token = record.slot(slot).map(|state| state.token.clone()).unwrap_or_default();
        let mark = Mark { stack: self.stack.to_owned(), platform: record.asked.key.id.clone(), slot: slot.clone() };
        match slot {
            Slot::Group(_) => self.account.find_groups(&mark).await,
            Slot::Input(_) => self.account.find_inputs(&mark).await,
            Slot::Channel => self.account.find_channels(&mark).await,
            Slot::Packaging => list(self.account.find_packaging(&token).await),
            Slot::Endpoint(_) => list(self.account.find_endpoint(&token).await),
            Slot::Secret => list(self.account.find_secret(&token).await),
            Slot::Distribution => self.account.find_distributions(&token).await,
            Slot::Alarm(kind) => list(self.account.find_alarm(kind.region(), &token).await),
        }
    }

    async fn observe(&self, slot: &Slot, id: &str) -> Looked {
        match slot {
            Slot::Group(_) => self.account.describe_group(id).await,
            Slot::Input(_) => self.account.describe_input(id).await,
            Slot::Channel => self.account.describe_channel(id).await,
            Slot::Packaging => seen(self.account.find_packaging(id).await),
            Slot::Endpoint(_) => seen(self.account.find_endpoint(id).await),
            Slot::Secret => seen(self.account.find_secret(id).await),
            Slot::Distribution => self.account.describe_distribution(id).await,
            Slot::Alarm(kind) => seen(self.account.find_alarm(kind.region(), id).await),
        }
    }

    async fn delete(&self, slot: &Slot, id: &str) -> Looked {
        match slot {
            Slot::Group(_) => self.account.delete_group(id).await,
            Slot::Input(_) => self.account.delete_input(id).await,
            Slot::Channel => self.account.delete_channel(id).await,
            Slot::Packaging => self.account.delete_packaging(id).await,
            Slot::Endpoint(_) => self.account.delete_endpoint(id).await,
            Slot::Secret => self.account.delete_secret(id).await,
            Slot::Distribution => self.account.delete_distribution(id).await,
            Slot::Alarm(kind) => self.account.delete_alarms(kind.region(), &[id.to_owned()]).await,
        }
    }
}

fn known<T>(request: Option<T>, slot: &Slot) -> Result<T, Refusal> {
    let message = format!("BUG: the record lacks what {slot} is built from");
    request.ok_or_else(|| Refusal::new(RefusalKind::Rejected, "Incomplete", &message))
}

fn looked(answer: Looked) -> Result<Answer, Refusal> {
    answer.map(|seen| seen.map_or(Answer::Missing, Answer::Seen))
}

fn compared(answer: Compared) -> Result<Answer, Refusal> {
    answer.map(|found| found.map_or(Answer::Missing, |(object, seen, traits)| Answer::Compared(object, seen, traits)))
}

fn remedied(answer: Result<Option<()>, Refusal>) -> Result<Answer, Refusal> {
    answer.map(|done| done.map_or(Answer::Missing, |()| Answer::Remedied))
}

fn seen(found: FoundOne) -> Looked {
    found.map(|found| found.map(|(_, seen)| seen))
}

fn list(found: FoundOne) -> Result<Vec<(Object, Seen)>, Refusal> {
    found.map(|found| found.into_iter().collect())
}
