//! Control's service ports on the simulated account. Requests become what the state machine needs of them; their
//! encoder settings and the like are the wire's business.

mod alarms;
mod cloudfront;
mod compare;
mod inventory;
mod medialive;
mod mediapackage;
mod metrics;
mod secrets;
mod tags;

use super::classify::{refusal, refusal_of_delete};
use super::gate::Lost;
use super::{Inner, Sim};
use crate::world::{AwsError, Ms, Page, Paged, World};
use headend_control::ports::{Created, Creation, Looked};
use headend_domain::action::{Object, Refusal, RefusalKind, Seen};

type Answer<T> = Result<T, AwsError>;

impl Sim {
    async fn aws<T: 'static>(
        &self,
        name: &'static str,
        mutates: bool,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
    ) -> Result<Answer<T>, Refusal> {
        let effect = move |inner: &mut Inner| {
            let now = inner.now;
            effect(&mut inner.world, now)
        };
        let lost = |Lost| Refusal::new(RefusalKind::Unsure, "Timeout", "no answer came");
        self.call(name, mutates, on, effect).await.map_err(lost)
    }

    async fn create<T: 'static>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> (Object, Seen),
    ) -> Created {
        match self.aws(name, true, on, effect).await? {
            Ok(made) => {
                let (object, seen) = seen(&made);
                Ok(Creation::Made(object, seen))
            }
            Err(error) if already_there(&error) => Ok(Creation::AlreadyThere),
            Err(error) => Err(refusal(&error)),
        }
    }

    /// What is read, or `None` when it is not there.
    async fn look<T: 'static, R>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> Option<R>,
    ) -> Result<Option<R>, Refusal> {
        match self.aws(name, false, on, effect).await? {
            Ok(found) => Ok(seen(&found)),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn change<T: 'static>(
        &self,
        name: &'static str,
        on: &str,
        effect: impl FnOnce(&mut World, Ms) -> Answer<T> + 'static,
        seen: fn(&T) -> Option<Seen>,
    ) -> Looked {
        match self.aws(name, true, on, effect).await? {
            Ok(done) => Ok(seen(&done)),
            Err(error) if gone(&error) => Ok(None),
            Err(error) => Err(refusal_of_delete(&error)),
        }
    }
}

fn gone(error: &AwsError) -> bool {
    error.status == 404 || error.code == "ResourceNotFoundException"
}

fn already_there(error: &AwsError) -> bool {
    let words = error.message.to_ascii_lowercase();
    matches!(error.code.as_str(), "DistributionAlreadyExists" | "ResourceExistsException")
        || (error.status == 422
            && error.validation.is_empty()
            && words.contains("exist")
            && !words.contains("not exist"))
}

fn object(id: &str, arn: &str) -> Object {
    Object { id: id.to_owned(), arn: arn.to_owned(), urls: Vec::new(), domain: None }
}

/// All pages of a list.
fn all<T>(mut list: impl FnMut(&Page) -> Answer<Paged<T>>) -> Answer<Vec<T>> {
    let mut page = Page::default();
    let mut items = Vec::new();
    loop {
        let part = list(&page)?;
        items.extend(part.items);
        match part.next_token {
            Some(token) => page.next_token = Some(token),
            None => return Ok(items),
        }
    }
}
