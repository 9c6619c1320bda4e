//! Least privilege, by the policies alone: what each function's role must not be able to do, and what the document says.
//!
//! That each function can do what it has to, and has nothing that it does not use, the end of `cargo xtask test` shows from
//! the recordings of the whole suite.

use headend_local::deploy::StackConfig;
use headend_local::deploy::plan::{Plan, plan};
use headend_local::iam::asks::Site;
use headend_local::iam::privileges::Privileges;
use headend_local::iam::{Ask, Role, Verdict, facts};
use headend_local::world::{World, WorldConfig};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn the_plan() -> Plan {
    plan(&StackConfig { template: root().join("template.yaml"), ..StackConfig::default() }).unwrap()
}

fn allows(role: &Role, ask: &Ask) -> bool {
    matches!(role.judge(ask), Verdict::Allowed(_))
}

/// The one tag that policies ask for.
const STACK_TAG: &str = "aws:ResourceTag/headend:stack";

/// A condition that holds wherever one is asked for, so that nothing is denied for want of it.
fn asked(action: &str, resource: Option<String>, passed_to: &str) -> Ask {
    let mut ask = Ask::new(action, resource);
    ask.context.push(("iam:PassedToService", passed_to.to_owned()));
    ask.context.push((STACK_TAG, "headend".to_owned()));
    ask
}

/// Denials that were checked, and what was allowed and must not be.
#[derive(Default)]
struct Denials {
    checked: usize,
    allowed: Vec<String>,
}

impl Denials {
    fn must_be_denied(&mut self, role: &Role, ask: &Ask) {
        self.checked += 1;
        if allows(role, ask) {
            self.allowed.push(format!("{} may {} on {:?}", role.function, ask.action, ask.resource));
        }
    }
}

#[test]
fn no_function_may_do_what_its_policy_does_not_name() {
    let plan = the_plan();
    let world = World::new(WorldConfig::default());
    let site = Site { region: "eu-west-1", world: &world };
    let mut denials = Denials::default();
    for role in &plan.roles {
        let named = |action: &str| role.grants.iter().any(|grant| grant.action == action);
        for (action, types) in facts::all_actions().filter(|(action, _)| !named(action)) {
            let (service, _) = action.split_once(':').unwrap();
            denials.must_be_denied(role, &Ask::new(action.as_str(), None));
            for kind in types {
                let resource = site.arn(service, kind, &["hl-p-1"]);
                denials.must_be_denied(role, &Ask::new(action.as_str(), Some(resource)));
            }
        }
    }
    assert_eq!(denials.allowed, Vec::<String>::new());
    assert!(denials.checked >= 2_000, "{} checks", denials.checked);
    println!("{} denials of actions", denials.checked);
}

/// The ARN with one of its parts changed.
fn with(arn: &str, part: usize, value: &str) -> String {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    parts[part] = value;
    parts.join(":")
}

/// What a pattern allows, as one ARN.
fn example(pattern: &str) -> String {
    pattern.replace('*', "x1")
}

#[test]
fn no_function_may_touch_what_belongs_to_another_account_region_stack_or_service() {
    let plan = the_plan();
    let mut denials = Denials::default();
    for role in &plan.roles {
        for grant in role.grants.iter().filter(|grant| grant.resource != "*") {
            let service = if grant.resource.contains("MediaPackage") { "mediapackage" } else { "medialive" };
            let passed_to = format!("{service}.amazonaws.com");
            let own = example(&grant.resource);
            assert!(allows(role, &asked(&grant.action, Some(own.clone()), &passed_to)), "{} on {own}", grant.action);
            let mut others = vec![with(&own, 4, "999999999999"), with(&own, 1, "aws-cn")];
            if !own.split(':').nth(3).unwrap_or_default().is_empty() {
                others.push(with(&own, 3, "ap-southeast-2"));
            }
            // Where the name says whose it is, another's is denied; MediaLive and MediaPackage number what they make.
            let rest = own.splitn(6, ':').nth(5).unwrap();
            if !grant.resource.contains(":medialive:")
                && !grant.resource.ends_with("s/*")
                && !rest.starts_with("distribution")
            {
                let (kind, name) =
                    rest.split_once(['/', ':']).map_or(("", rest), |(kind, name)| (&rest[..=kind.len()], name));
                if grant.action != "cloudwatch:DescribeAlarms" {
                    others.push(with(&own, 5, &format!("{kind}other-{name}")));
                }
            }
            for other in others {
                denials.must_be_denied(role, &asked(&grant.action, Some(other), &passed_to));
            }
            if grant.action == "iam:PassRole" {
                for service in
                    ["ec2", "lambda", "mediaconvert", if service == "medialive" { "mediapackage" } else { "medialive" }]
                {
                    let ask = asked(&grant.action, Some(own.clone()), &format!("{service}.amazonaws.com"));
                    denials.must_be_denied(role, &ask);
                }
                denials.must_be_denied(role, &Ask::new(grant.action.as_str(), Some(own.clone())));
            }
        }
    }
    assert_eq!(denials.allowed, Vec::<String>::new());
    assert!(denials.checked >= 250, "{} checks", denials.checked);
    println!("{} denials of resources", denials.checked);
}

#[test]
fn orphans_may_touch_nothing_that_bears_another_stacks_tag() {
    let plan = the_plan();
    let role = plan.roles.iter().find(|role| role.function == "orphans").unwrap();
    let mut denials = Denials::default();
    let numbered =
        |resource: &str| [":medialive:", ":mediapackage:", ":distribution/"].iter().any(|it| resource.contains(it));
    let reads = ["cloudfront:ListTagsForResource"];
    let grants = role.grants.iter().filter(|it| numbered(&it.resource) && !reads.contains(&it.action.as_str()));
    for grant in grants {
        for stack in [Some("headend-2"), None] {
            let mut ask = Ask::new(grant.action.as_str(), Some(example(&grant.resource)));
            ask.context.extend(stack.map(|stack| (STACK_TAG, stack.to_owned())));
            denials.must_be_denied(role, &ask);
        }
    }
    assert_eq!(denials.allowed, Vec::<String>::new());
    assert!(denials.checked >= 18, "{} checks", denials.checked);
}

#[test]
fn what_is_granted_on_everything_has_no_resource_at_aws() {
    let mut wide = Vec::new();
    for role in the_plan().roles {
        for grant in role.grants.iter().filter(|grant| !grant.managed) {
            assert!(!grant.action.contains('*'), "{} is granted {}", role.function, grant.action);
            if grant.resource == "*" && facts::types(&grant.action).is_none_or(|types| !types.is_empty()) {
                wide.push(format!("{}: {}", role.function, grant.action));
            }
        }
    }
    assert_eq!(wide, Vec::<String>::new());
}

const BEGIN: &str = "<!-- the policies, as the template grants them -->\n";

#[test]
fn the_document_lists_what_the_template_grants() {
    let table = Privileges::of(&the_plan()).table();
    let path = root().join("docs/least-privilege.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once(BEGIN).expect("the document says where the tables begin");
    if std::env::var_os("HEADEND_KEEP").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}\n{table}")).unwrap();
    } else {
        assert_eq!(after.trim(), table.trim(), "HEADEND_KEEP=1 keeps the new tables");
    }
}
