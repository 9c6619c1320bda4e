//! What inputs have to be: the fields of their type and no others, sources for every pipeline, addresses that
//! MediaLive may be sent to, and pairs that can take over from each other (aws-facts 1.5, 1.6, 1.8).

use super::reader::Problems;
use super::{ChannelClass, InputKind, InputSpec, Spec, SrtDecryption, SrtSpec};
use super::{address, fields};
use std::collections::BTreeSet;

/// A channel takes two push inputs (aws-facts 1.5).
const PUSH_INPUTS_MOST: usize = 2;
/// No network that anybody contributes from is larger than a /8.
const WIDEST_PREFIX: u8 = 8;
/// Rules of one security group (aws-facts 1.5).
const RULES_MOST: usize = 10;
/// Twenty inputs of the longest texts have to fit the record.
const URL_MOST: usize = 512;
const ARN_MOST: usize = 256;
const PARAMETER_MOST: usize = 128;
const USERNAME_MOST: usize = 64;
const ADDRESS_MOST: usize = 128;
const STREAM_ID_MOST: usize = 128;

pub fn check(spec: &Spec, problems: &Problems) {
    let mut names = BTreeSet::new();
    let mut pushing = 0;
    for (index, input) in spec.inputs.iter().enumerate() {
        let one = One { spec, input, path: format!("/inputs/{index}"), problems };
        if !names.insert(&input.name) {
            one.problem("name", format!("{:?} is the name of an earlier input", input.name));
        }
        if input.kind.is_push() {
            pushing += 1;
            if pushing == PUSH_INPUTS_MOST + 1 {
                let why = format!("MediaLive takes at most {PUSH_INPUTS_MOST} push inputs in a channel");
                problems.add(&one.path, why);
            }
        }
        one.foreign();
        one.allowed();
        one.sources();
        one.login();
        one.failover();
    }
}

/// One input, and where in the document it stands.
struct One<'a> {
    spec: &'a Spec,
    input: &'a InputSpec,
    path: String,
    problems: &'a Problems,
}

impl One<'_> {
    fn problem(&self, field: &str, why: impl Into<String>) {
        self.problems.add(format!("{}/{field}", self.path), why);
    }

    fn too_long(&self, field: &str, text: &str, most: usize) {
        if text.is_empty() || text.len() > most {
            self.problem(field, format!("must have 1 to {most} characters"));
        }
    }

    /// Fields of other types. An empty list says as little as none.
    fn foreign(&self) {
        let InputSpec { kind, allow_from, allow_anywhere, urls, flows, srt, loops, .. } = self.input;
        if !kind.is_push() && (!allow_from.is_empty() || *allow_anywhere) {
            self.problem("allowFrom", "a pull input has no allow-list; MediaLive goes to the source");
        }
        if kind.schemes().is_empty() && !urls.is_empty() {
            let why = match kind {
                InputKind::MediaConnect => "a MEDIACONNECT input has no urls; name its flows",
                InputKind::SrtCaller => "an SRT_CALLER input has no urls; give srt.sources",
                InputKind::RtmpPush
                | InputKind::RtpPush
                | InputKind::SrtListener
                | InputKind::UrlPull
                | InputKind::RtmpPull
                | InputKind::Mp4File => "a push input has no sources; the encoder comes to it",
            };
            self.problem("urls", why);
        }
        if *kind != InputKind::MediaConnect && !flows.is_empty() {
            self.problem("flows", "goes with type MEDIACONNECT only");
        }
        if !matches!(kind, InputKind::SrtCaller | InputKind::SrtListener) && srt.is_some() {
            self.problem("srt", "goes with the types SRT_CALLER and SRT_LISTENER only");
        }
        if *kind != InputKind::Mp4File && *loops {
            self.problem("loop", "only a file can begin again; it goes with type MP4_FILE");
        }
    }

    fn allowed(&self) {
        for (index, entry) in self.input.allow_from.iter().enumerate().filter(|_| self.input.kind.is_push()) {
            let blocks = match self.spec.allow_lists.get(entry) {
                Some(list) => Ok(list.clone()),
                None => fields::cidr(entry).map(|block| vec![block]),
            };
            let problem = match blocks {
                Err(why) => Some(why),
                Ok(blocks) => blocks
                    .iter()
                    .find(|block| block.prefix_len() < WIDEST_PREFIX && !self.input.allow_anywhere)
                    .map(|block| format!("{block} lets half the world push; set allowAnywhere: true if you mean it")),
            };
            if let Some(why) = problem {
                self.problem(&format!("allowFrom/{index}"), why);
            }
        }
        let blocks = self.spec.allowed(self.input);
        if blocks.len() > RULES_MOST && self.input.kind.is_push() {
            let why = format!("comes to {} CIDR blocks; an input security group takes {RULES_MOST}", blocks.len());
            self.problem("allowFrom", why);
        }
    }

    fn sources(&self) {
        match self.input.kind {
            InputKind::RtmpPush | InputKind::RtpPush => {}
            InputKind::SrtListener => self.listener(),
            InputKind::UrlPull | InputKind::RtmpPull | InputKind::Mp4File => {
                self.two_ways("urls");
                for (index, url) in self.input.urls.iter().enumerate() {
                    let field = format!("urls/{index}");
                    if let Some(why) = address::url_problem(url, self.input.kind.schemes()) {
                        self.problem(&field, why);
                    }
                    self.too_long(&field, url, URL_MOST);
                }
            }
            InputKind::SrtCaller => self.caller(),
            InputKind::MediaConnect => self.flows(),
        }
    }

    /// A source for each pipeline, all of them different.
    fn two_ways(&self, field: &str) {
        let wanted = match self.spec.channel_class {
            ChannelClass::Standard => 2..=2,
            ChannelClass::Single => 1..=2,
        };
        if wanted.contains(&self.input.ways()) {
            return;
        }
        let how = match self.spec.channel_class {
            ChannelClass::Standard => "a standard channel pulls two sources, one per pipeline",
            ChannelClass::Single => "give one source, or two to be able to change to class standard",
        };
        self.problem(field, how);
    }

    fn flows(&self) {
        self.two_ways("flows");
        for (index, arn) in self.input.flows.iter().enumerate() {
            let field = format!("flows/{index}");
            if !is_arn(arn, "mediaconnect", "flow:") {
                let example = "arn:aws:mediaconnect:eu-west-1:111122223333:flow:1-abc:name";
                self.problem(&field, format!("is not the ARN of a MediaConnect flow, like {example}"));
            }
            self.too_long(&field, arn, ARN_MOST);
            if self.input.flows[..index].contains(arn) {
                self.problem(&field, "is the other pipeline's flow; give one in another availability zone");
            }
        }
    }

    fn caller(&self) {
        let empty = SrtSpec { sources: Vec::new(), minimum_latency_ms: None, stream_id: None, decryption: None };
        let srt = self.input.srt.as_ref().unwrap_or(&empty);
        self.two_ways("srt/sources");
        for (field, given) in [
            ("srt/minimumLatencyMs", srt.minimum_latency_ms.is_some()),
            ("srt/streamId", srt.stream_id.is_some()),
            ("srt/decryption", srt.decryption.is_some()),
        ] {
            if given {
                self.problem(field, "is said of each source of an SRT_CALLER input; move it into srt.sources");
            }
        }
        for (index, source) in srt.sources.iter().enumerate() {
            let path = format!("srt/sources/{index}");
            let address = format!("{path}/address");
            if !source.address.is_empty() {
                if let Some(why) = address::caller_problem(&source.address) {
                    self.problem(&address, why);
                }
                self.too_long(&address, &source.address, ADDRESS_MOST);
            }
            self.srt_words(&path, source.stream_id.as_deref(), source.decryption.as_ref());
        }
    }

    /// MediaLive listens to encrypted SRT only: latency and decryption are required (aws-facts 1.8).
    fn listener(&self) {
        let Some(srt) = &self.input.srt else {
            let why =
                "is required: {\"minimumLatencyMs\": 2000, \"decryption\": {\"algorithm\", \"passphraseSecretArn\"}}";
            return self.problem("srt", why);
        };
        if !srt.sources.is_empty() {
            self.problem("srt/sources", "an SRT_LISTENER input is called; sources go with type SRT_CALLER");
        }
        if srt.minimum_latency_ms.is_none() {
            self.problem("srt/minimumLatencyMs", "is required: four times the round trip to the encoder, at least 120");
        }
        if srt.decryption.is_none() {
            let why = "is required: MediaLive listens to encrypted SRT only; give algorithm and passphraseSecretArn";
            self.problem("srt/decryption", why);
        }
        self.srt_words("srt", srt.stream_id.as_deref(), srt.decryption.as_ref());
    }

    fn srt_words(&self, path: &str, stream_id: Option<&str>, decryption: Option<&SrtDecryption>) {
        if let Some(id) = stream_id {
            self.too_long(&format!("{path}/streamId"), id, STREAM_ID_MOST);
        }
        let Some(arn) = decryption.map(|it| &it.passphrase_secret_arn) else { return };
        let field = format!("{path}/decryption/passphraseSecretArn");
        if !is_arn(arn, "secretsmanager", "secret:") {
            self.problem(&field, "is not the ARN of a secret; the passphrase itself is never given here");
        }
        self.too_long(&field, arn, ARN_MOST);
    }

    /// The password stays in Parameter Store (aws-facts 1.8).
    fn login(&self) {
        let InputSpec { kind, username, password_parameter, urls, .. } = self.input;
        let field = if username.is_some() { "username" } else { "passwordParameter" };
        if username.is_none() && password_parameter.is_none() {
            return;
        }
        if kind.schemes().is_empty() {
            return self.problem(field, "goes with the types URL_PULL, RTMP_PULL and MP4_FILE only");
        }
        if urls.iter().any(|url| url.starts_with("s3ssl:")) {
            self.problem(field, "a bucket asks for MediaLive's role, not for a password; leave it out");
        }
        match (username, password_parameter) {
            (Some(_), None) => {
                self.problem(
                    "passwordParameter",
                    "is required with username: the name of a parameter in Parameter Store",
                );
            }
            (None, Some(_)) => self.problem("username", "is required with passwordParameter"),
            _ => {}
        }
        if let Some(name) = username {
            self.too_long("username", name, USERNAME_MOST);
        }
        if let Some(name) = password_parameter {
            self.too_long("passwordParameter", name, PARAMETER_MOST);
            let legal = |b: u8| b.is_ascii_alphanumeric() || b"_.-/".contains(&b);
            if !name.bytes().all(legal) {
                let why =
                    "is the name of a parameter in Parameter Store, like /headend/studio; never the password itself";
                self.problem("passwordParameter", why);
            }
        }
    }

    /// aws-facts 1.8, automatic input failover: push or MediaConnect, same type and class, a second input that is
    /// attached and belongs to one pair.
    fn failover(&self) {
        let Some(failover) = &self.input.failover else { return };
        if !self.input.kind.can_fail_over() {
            let why = "MediaLive fails over between push inputs and between MediaConnect flows; \
                       give a second source instead, or use another type";
            return self.problem("failover", why);
        }
        let add = |why: String| self.problem("failover/input", why);
        if failover.input == self.input.name {
            return add("is this input itself; name another".to_owned());
        }
        let Some(second) = self.spec.input(&failover.input) else {
            return add(format!("no input of this platform is called {:?}", failover.input));
        };
        if second.kind != self.input.kind {
            add(format!("{:?} is of another type; both inputs of a pair are of one type", second.name));
        } else if second.ways() != self.input.ways() {
            add(format!("{:?} is of another class; give both inputs as many sources", second.name));
        }
        if second.failover.is_some() {
            add(format!("{:?} has a failover of its own; the second input of a pair has none", second.name));
        }
        let takers = |input: &&InputSpec| input.failover.as_ref().is_some_and(|it| it.input == failover.input);
        if self.spec.inputs.iter().find(takers).is_some_and(|first| first.name != self.input.name) {
            add(format!("{:?} takes over from another input already; it can belong to one pair", second.name));
        }
    }
}

/// `arn:<partition>:<service>:<region>:<account>:<resource>...`
fn is_arn(text: &str, service: &str, resource: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, found, region, account, rest] = parts[..] else { return false };
    let named = rest.strip_prefix(resource).is_some_and(|name| !name.is_empty());
    let legal = text.bytes().all(|b| b.is_ascii_graphic());
    arn == "arn"
        && partition.starts_with("aws")
        && found == service
        && !region.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && named
        && legal
}
