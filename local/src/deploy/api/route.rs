//! Chooses the route of a request as API Gateway's HTTP APIs do: a path without variables before one with them, a
//! method before ANY, and `$default` last.

use std::collections::BTreeMap;

use super::authorizer::Access;

/// A route of the API and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET /platforms/{id}`, `ANY /x`, or `$default`.
    pub key: String,
    /// The short name of the function.
    pub function: String,
    pub access: Access,
    /// Absent for ANY and `$default`.
    method: Option<String>,
    /// Absent for `$default`.
    segments: Option<Vec<Segment>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Text(String),
    Variable(String),
    /// `{name+}`: the rest of the path.
    Greedy(String),
}

/// A route that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error("`{0}` is not a method of an HTTP API")]
    Method(String),
    #[error("the path `{0}` must begin with / and have a greedy variable at its end only")]
    Path(String),
    #[error("the route `{0}` is there twice")]
    Twice(String),
}

/// The routes of one API.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    routes: Vec<Route>,
}

/// What a request matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    pub route: &'a Route,
    pub parameters: BTreeMap<String, String>,
}

impl Routes {
    /// Adds a route, open to everybody; without method and path the `$default` route.
    pub fn add(&mut self, method: Option<&str>, path: Option<&str>, function: &str) -> Result<&mut Route, RouteError> {
        let route = match (method, path) {
            (None, None) => Route {
                key: "$default".to_owned(),
                function: function.to_owned(),
                access: Access::Open,
                method: None,
                segments: None,
            },
            (method, path) => explicit(method.unwrap_or("ANY"), path.unwrap_or_default(), function)?,
        };
        if self.routes.iter().any(|other| other.key == route.key) {
            return Err(RouteError::Twice(route.key));
        }
        let at = self.routes.len();
        self.routes.push(route);
        Ok(&mut self.routes[at])
    }

    /// The route for a request, if there is one.
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_>> {
        let parts = path.strip_prefix('/').unwrap_or(path).split('/').collect::<Vec<_>>();
        let fits = |route: &&Route| route.method.as_deref().is_none_or(|own| own == method);
        let matches = self.routes.iter().filter(fits).filter_map(|route| {
            let parameters = route.matches(&parts)?;
            Some((route.rank(), Found { route, parameters }))
        });
        matches.min_by(|(left, _), (right, _)| left.cmp(right)).map(|(_, found)| found)
    }

    pub fn all(&self) -> &[Route] {
        &self.routes
    }
}

impl Route {
    /// Lower is more specific: kinds of segments from the left, then a method before ANY.
    fn rank(&self) -> (bool, Vec<u8>, bool) {
        let kinds = self.segments.iter().flatten().map(|segment| match segment {
            Segment::Text(_) => 0,
            Segment::Variable(_) => 1,
            Segment::Greedy(_) => 2,
        });
        (self.segments.is_none(), kinds.collect(), self.method.is_none())
    }

    fn matches(&self, parts: &[&str]) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        let Some(segments) = &self.segments else {
            return Some(parameters);
        };
        let mut rest = parts;
        for segment in segments {
            let (first, others) = rest.split_first()?;
            match segment {
                Segment::Text(text) if text == first => {}
                Segment::Text(_) => return None,
                Segment::Variable(_) | Segment::Greedy(_) if first.is_empty() => return None,
                Segment::Variable(name) => {
                    parameters.insert(name.clone(), percent_decoded(first));
                }
                Segment::Greedy(name) => {
                    parameters.insert(name.clone(), percent_decoded(&rest.join("/")));
                    return Some(parameters);
                }
            }
            rest = others;
        }
        rest.is_empty().then_some(parameters)
    }
}

fn explicit(method: &str, path: &str, function: &str) -> Result<Route, RouteError> {
    let method = method.to_uppercase();
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];
    if !known.contains(&method.as_str()) {
        return Err(RouteError::Method(method));
    }
    let wrong = || RouteError::Path(path.to_owned());
    let rest = path.strip_prefix('/').ok_or_else(wrong)?;
    let segments = rest.split('/').map(segment).collect::<Vec<_>>();
    let greedy_before_end = segments.iter().rev().skip(1).any(|segment| matches!(segment, Segment::Greedy(_)));
    if greedy_before_end {
        return Err(wrong());
    }
    Ok(Route {
        key: format!("{method} {path}"),
        function: function.to_owned(),
        access: Access::Open,
        method: (method != "ANY").then_some(method),
        segments: Some(segments),
    })
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.to_owned()),
            None => Segment::Variable(name.to_owned()),
        },
        None => Segment::Text(text.to_owned()),
    }
}

/// Decodes `%41`; a broken escape stays as it is.
pub fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escape = (bytes[index] == b'%').then(|| bytes.get(index + 1..index + 3)).flatten();
        let value = escape.and_then(|digits| std::str::from_utf8(digits).ok());
        match value.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                index += 3;
            }
            None => {
                out.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
