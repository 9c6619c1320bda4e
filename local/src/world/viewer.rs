//! A viewer's GET through the simulated CloudFront to the simulated MediaPackage, at its worst. Not an AWS call.
//!
//! Where AWS does not say which of several things a viewer meets, this one meets the worst of them: the edge that has not
//! heard of the last update yet, the packager that read the secret just before it changed. Nothing is cached on the way, so
//! that a poll shows every moment. Whoever sees no 403 here can promise that no viewer sees one.

use super::cloudfront::{Behavior, Distribution, DistributionConfig, Origin};
use super::mediapackage::OriginEndpoint;
use super::{Ms, World};

/// What the viewer is answered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ViewerAnswer {
    pub status: u16,
    /// Who decided so, and by what.
    pub why: String,
}

impl ViewerAnswer {
    pub(in crate::world) fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }

    /// A 404 passes when a stream begins; of everything else the higher class is worse, and a refusal is the worst.
    fn badness(&self) -> (bool, bool, u16) {
        (self.status == 403, self.status != 404 && self.status != 200, self.status)
    }
}

impl World {
    /// Asks a distribution, named by id, domain or alias, for `path`. The origin is looked for in `region`.
    pub fn view(&mut self, region: &str, now: Ms, distribution: &str, path: &str) -> ViewerAnswer {
        self.advance(now);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let Some(distribution) = self.named_distribution(distribution) else {
            return ViewerAnswer::new(
                404,
                format!("there is no distribution {distribution}: the name does not resolve"),
            );
        };
        // Until Deployed some edges still have what was before (aws-facts 3.6).
        let (config, id, before) = (distribution.config, distribution.id, distribution.superseded);
        let edges = before.into_iter().chain([Some(config)]);
        let answers = edges.map(|edge| match edge {
            None => ViewerAnswer::new(404, format!("an edge does not know {id} yet: it is being deployed")),
            Some(config) => self.answer_of_edge(region, now, &id, &config, path),
        });
        answers.max_by_key(ViewerAnswer::badness).expect("BUG: a distribution has a configuration")
    }

    fn named_distribution(&self, name: &str) -> Option<Distribution> {
        let named =
            |it: &&Distribution| it.id == name || it.domain_name == name || it.config.aliases.iter().any(|a| a == name);
        self.cloudfront.distributions.values().find(named).cloned()
    }

    fn answer_of_edge(
        &mut self,
        region: &str,
        now: Ms,
        id: &str,
        config: &DistributionConfig,
        path: &str,
    ) -> ViewerAnswer {
        if !config.enabled {
            return ViewerAnswer::new(403, format!("an edge refuses: {id} is disabled"));
        }
        let Some(behavior) = config.behaviors.iter().find(|behavior| fits(behavior, path)) else {
            return ViewerAnswer::new(404, format!("no behaviour of {id} has a pattern for {path}"));
        };
        let Some(origin) = config.origins.iter().find(|origin| origin.id == behavior.target_origin) else {
            return ViewerAnswer::new(502, format!("{id} has no origin {}", behavior.target_origin));
        };
        self.answer_of_packager(region, now, origin, &format!("{}{path}", origin.path))
    }

    fn answer_of_packager(&mut self, region: &str, now: Ms, origin: &Origin, path: &str) -> ViewerAnswer {
        let header = origin.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("X-MediaPackage-CDNIdentifier"));
        self.answer_egress(region, now, &origin.domain, path, header.map(|(_, value)| value.as_str()))
    }
}

/// The way of a request through a distribution.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its id.
    pub distribution: String,
    pub behavior: Behavior,
    pub origin: Origin,
    /// For how many seconds an error is kept, by its status.
    pub error_ttl: std::collections::BTreeMap<u16, u64>,
}

/// What an origin says to a request for media.
#[derive(Clone, Debug)]
pub enum Delivered {
    Endpoint(Box<OriginEndpoint>),
    Refused(ViewerAnswer),
}

impl World {
    /// Where the edge that knows the newest configuration sends a viewer.
    ///
    /// # Errors
    /// What the viewer is answered instead.
    pub fn route_viewer(&self, host: &str, path: &str) -> Result<Route, ViewerAnswer> {
        let Some(found) = self.named_distribution(host) else {
            return Err(ViewerAnswer::new(404, format!("there is no distribution {host}: the name does not resolve")));
        };
        let (id, config) = (found.id, found.config);
        if !config.enabled {
            return Err(ViewerAnswer::new(403, format!("{id} is disabled")));
        }
        let Some(behavior) = config.behaviors.iter().find(|behavior| fits(behavior, path)) else {
            return Err(ViewerAnswer::new(404, format!("no behaviour of {id} has a pattern for {path}")));
        };
        let Some(origin) = config.origins.iter().find(|origin| origin.id == behavior.target_origin) else {
            return Err(ViewerAnswer::new(502, format!("{id} has no origin {}", behavior.target_origin)));
        };
        let (behavior, origin) = (behavior.clone(), origin.clone());
        Ok(Route { distribution: id, behavior, origin, error_ttl: config.error_ttl })
    }

    /// Asks an origin for `path`, as the edge does it. The packaging hosts have their region in the name.
    pub fn deliver(&mut self, now: Ms, origin: &Origin, path: &str) -> Delivered {
        self.advance(now);
        let region = origin.domain.split('.').nth(2).unwrap_or_default().to_owned();
        let path = format!("{}{path}", origin.path);
        let answer = self.answer_of_packager(&region, now, origin, &path);
        if answer.status != 200 {
            return Delivered::Refused(answer);
        }
        match self.endpoint_at(&region, &path) {
            Some(endpoint) => Delivered::Endpoint(Box::new(endpoint.clone())),
            None => Delivered::Refused(ViewerAnswer::new(404, "the endpoint is gone")),
        }
    }

    /// Counts a request that an edge made of a packaging host, answered with a status of `range`. Not an AWS call.
    pub fn count_egress(&mut self, now: Ms, host: &str, path: &str, range: &str) {
        let region = host.split('.').nth(2).unwrap_or_default().to_owned();
        if let Some(id) = self.endpoint_at(&region, path).map(|endpoint| endpoint.id.clone()) {
            let counted = self.record_egress(&region, now, &id, range, 1);
            debug_assert!(counted.is_ok(), "the endpoint was just found");
        }
    }

    fn endpoint_at(&mut self, region: &str, path: &str) -> Option<&OriginEndpoint> {
        let guid = path.strip_prefix("/out/v1/")?.split('/').next()?;
        self.region(region).mediapackage.endpoints.values().find(|endpoint| endpoint.guid == guid)
    }
}

/// The first behaviour whose pattern fits is taken; the default one has none (aws-facts 3.2).
fn fits(behavior: &Behavior, path: &str) -> bool {
    behavior.path_pattern.as_ref().is_none_or(|pattern| path_fits(pattern, path))
}

/// Whether a behaviour's pattern fits a path; a slash before either says nothing (aws-facts 3.2).
pub fn path_fits(pattern: &str, path: &str) -> bool {
    let bare = |text: &str| text.strip_prefix('/').unwrap_or(text).as_bytes().to_vec();
    matches(&bare(pattern), &bare(path))
}

/// `*` is any run of characters, `?` one; everything else is itself (aws-facts 3.2).
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    // Where to go on when the last star has to take one character more: behind the star, and in the path.
    let (mut at, mut here, mut star) = (0, 0, None);
    while here < path.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, here));
            }
            Some(sign) if *sign == b'?' || *sign == path[here] => (at, here) = (at + 1, here + 1),
            Some(_) | None => match star {
                None => return false,
                Some((behind, taken)) => {
                    star = Some((behind, taken + 1));
                    (at, here) = (behind, taken + 1);
                }
            },
        }
    }
    pattern[at..].iter().all(|sign| *sign == b'*')
}
