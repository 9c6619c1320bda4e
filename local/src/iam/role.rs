//! A function's role: judges whether its grants allow an action, as IAM does. Everything is denied that no grant allows,
//! and a denial wins over every grant.

use iam_rs::{Arn, Context, Decision, IAMRequest, Principal, PrincipalId};

use super::asks::Ask;
use super::policy::Grant;

/// A role, with everything that its policies say.
#[derive(Debug, Clone)]
pub struct Role {
    /// The function's short name.
    pub function: String,
    /// Who calls, as a refusal names it: `arn:aws:sts::111122223333:assumed-role/ROLE/FUNCTION`.
    pub session_arn: String,
    pub grants: Vec<Grant>,
}

/// What a role's policies say of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// By the grants with these numbers.
    Allowed(Vec<usize>),
    /// Nothing allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

impl Role {
    pub fn judge(&self, ask: &Ask) -> Verdict {
        let by: Vec<usize> = (0..self.grants.len()).filter(|index| self.covers(&self.grants[*index], ask)).collect();
        if by.iter().any(|index| !self.grants[*index].allows) {
            return Verdict::Denied;
        }
        match by.is_empty() {
            true => Verdict::NotAllowed,
            false => Verdict::Allowed(by),
        }
    }

    /// Why an action is refused, in AWS's words.
    pub fn refusal(&self, ask: &Ask, verdict: &Verdict) -> String {
        let (who, action) = (&self.session_arn, &ask.action);
        let on = ask.resource.as_deref().unwrap_or("*");
        let why = match verdict {
            Verdict::Denied => "with an explicit deny in an identity-based policy".to_owned(),
            Verdict::NotAllowed | Verdict::Allowed(_) => {
                format!("because no identity-based policy allows the {action} action")
            }
        };
        format!("User: {who} is not authorized to perform: {action} on resource: {on} {why}")
    }

    fn covers(&self, grant: &Grant, ask: &Ask) -> bool {
        // Most grants are of another action: the evaluator is asked about the few that remain.
        if !grant.action.eq_ignore_ascii_case(&ask.action) {
            return false;
        }
        // An action without a resource is one on everything, which only `*` covers.
        let Some(resource) = &ask.resource else { return grant.resource == "*" && self.decides(grant, ask, ANYTHING) };
        self.decides(grant, ask, resource)
    }

    fn decides(&self, grant: &Grant, ask: &Ask, resource: &str) -> bool {
        let Ok(resource) = Arn::parse(resource) else { return false };
        let mut context = Context::new().with_string("aws:SecureTransport", "true");
        for (key, value) in &ask.context {
            context = context.with_string(*key, value);
        }
        let principal = Principal::Aws(PrincipalId::String(self.session_arn.clone()));
        let request = IAMRequest::new_with_context(principal, &ask.action, resource, context);
        let decided = grant.evaluator().evaluate(&request).map(|result| result.decision);
        match decided {
            Ok(Decision::Allow | Decision::Deny) => true,
            Ok(Decision::NotApplicable) => false,
            Err(error) => {
                tracing::error!(?error, action = ask.action, "a policy could not be evaluated");
                false
            }
        }
    }
}

/// Stands in for the resource of an action that has none.
const ANYTHING: &str = "arn:aws:none:::*";
