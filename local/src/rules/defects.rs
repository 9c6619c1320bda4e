//! Collects what is wrong with a request and says it as the service does.

use crate::rules::Node;
use crate::world::AwsError;

/// How bad a defect is for the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request does not fit the interface: unknown member, wrong type, not an enum value.
    Unreadable,
    /// It fits and is refused.
    Invalid,
    /// It is refused with an error of its own.
    Named(u16, &'static str),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    pub path: String,
    pub message: String,
    pub fault: Fault,
}

/// Everything that is wrong with a request.
#[derive(Debug, Default)]
pub struct Defects {
    found: Vec<Defect>,
}

impl Defects {
    pub fn invalid(&mut self, at: &Node<'_>, message: impl Into<String>) {
        self.add(at, Fault::Invalid, message);
    }

    pub fn named(&mut self, at: &Node<'_>, status: u16, code: &'static str, message: impl Into<String>) {
        self.add(at, Fault::Named(status, code), message);
    }

    pub fn add(&mut self, at: &Node<'_>, fault: Fault, message: impl Into<String>) {
        self.found.push(Defect { path: at.path.clone(), message: message.into(), fault });
    }

    /// A member that must be there.
    pub fn require(&mut self, at: &Node<'_>) {
        if !at.exists() {
            self.invalid(at, format!("{} is required", last(&at.path)));
        }
    }

    /// Whether the request could not even be read, so that rules about its meaning make no sense.
    pub fn unreadable(&self) -> bool {
        self.found.iter().any(|d| d.fault == Fault::Unreadable)
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Forgets all but the first, as a service does that stops at it.
    pub fn keep_first(&mut self) {
        self.found.truncate(1);
    }

    /// The service's answer: nothing when all is well.
    pub fn into_result(self, service: &str, operation: &str) -> Result<(), AwsError> {
        if self.found.is_empty() {
            return Ok(());
        }
        Err(match service {
            "medialive" => self.medialive(operation),
            // aws-facts 2.1: there is no 400 and no conflict, 422 is for everything.
            "mediapackage" => AwsError::unprocessable(self.sentence(|_| true)),
            "cloudfront" => self.first(400, "InvalidArgument", "MalformedInput"),
            "secretsmanager" => self.first(400, "InvalidParameterException", "ValidationException"),
            _ => self.first(400, "InvalidParameterValue", "ValidationError"),
        })
    }

    /// MediaLive: what cannot be read, and what has a 400 of its own, is a BadRequestException; an invalid channel is one 422
    /// with every defect (aws-facts 1.1); the other operations declare no 422.
    fn medialive(&self, operation: &str) -> AwsError {
        if self.found.iter().any(|d| d.fault != Fault::Invalid) {
            return AwsError::bad_request(self.sentence(|d| d.fault != Fault::Invalid));
        }
        if !matches!(operation, "CreateChannel" | "UpdateChannel" | "UpdateChannelClass" | "BatchUpdateSchedule") {
            return AwsError::bad_request(self.sentence(|_| true));
        }
        let mut defects: Vec<_> =
            self.found.iter().map(|d| (element_path(&d.path).to_owned(), d.message.clone())).collect();
        defects.dedup();
        AwsError::invalid_elements(defects)
    }

    /// Services that answer with one error: the first one's code, with all messages of that code.
    fn first(&self, status: u16, invalid: &str, unreadable: &str) -> AwsError {
        let named = self.found.iter().find(|d| matches!(d.fault, Fault::Named(..)));
        let Some(first) = named.or(self.found.first()) else {
            return AwsError::new(status, invalid, "");
        };
        let (status, code) = match first.fault {
            Fault::Unreadable => (status, unreadable),
            Fault::Invalid => (status, invalid),
            Fault::Named(status, code) => (status, code),
        };
        AwsError::new(status, code, self.sentence(|d| d.fault == first.fault))
    }

    fn sentence(&self, which: impl Fn(&Defect) -> bool) -> String {
        let parts: Vec<_> = self.found.iter().filter(|d| which(d)).map(words).collect();
        parts.join("; ")
    }
}

fn words(defect: &Defect) -> String {
    if defect.path.is_empty() { defect.message.clone() } else { format!("{}: {}", defect.path, defect.message) }
}

/// MediaLive roots its paths at the encoder settings (aws-facts 1.1).
fn element_path(path: &str) -> &str {
    path.strip_prefix("encoderSettings.").unwrap_or(path)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
