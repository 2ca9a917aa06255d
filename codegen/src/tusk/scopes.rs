//! Which scope each statement belongs to.
//!
//! A statement belongs to the request that is its parent, or has its trace, or, if the
//! recorder lost both, is the only one that it ran within. Never to one of several.

use std::collections::BTreeMap;

use super::json::Fault;
use super::request::scope_name;
use super::span::{Span, SpanKind};
use crate::error::Warning;

/// Scopes by their number; 0 is start-up.
#[derive(Debug)]
pub struct Scopes {
    /// The names of requests in the order in which they came, for scopes 1 and on.
    pub names: Vec<String>,
    by_span: BTreeMap<String, usize>,
    by_trace: BTreeMap<String, Vec<usize>>,
    times: Vec<(i128, i128)>,
    /// Parents by span: a statement may be the child of another.
    parents: BTreeMap<String, String>,
}

impl Scopes {
    /// The scopes of all requests; one that has no name is reported and has none.
    pub fn of(spans: &[Span<'_>], warnings: &mut Vec<Warning>) -> Self {
        let mut ordinals: BTreeMap<String, usize> = BTreeMap::new();
        let mut scopes = Self {
            names: Vec::new(),
            by_span: BTreeMap::new(),
            by_trace: BTreeMap::new(),
            times: Vec::new(),
            parents: BTreeMap::new(),
        };
        for span in spans {
            scopes.parents.insert(span.id.clone(), span.parent.clone());
            if span.kind != SpanKind::Request {
                continue;
            }
            let name = match scope_name(span) {
                Ok(name) => name,
                Err(fault) => {
                    let hint = "its statements are taken for those of start-up";
                    warnings.push(span.warning(&fault, hint));
                    continue;
                }
            };
            let ordinal = ordinals.entry(name.clone()).or_default();
            *ordinal += 1;
            scopes.names.push(if *ordinal == 1 { name } else { format!("{name} ({ordinal})") });
            let number = scopes.names.len();
            scopes.by_span.insert(span.id.clone(), number);
            scopes.by_trace.entry(span.trace_id.clone()).or_default().push(number);
            scopes.times.push((span.start, span.end));
        }
        scopes
    }

    /// The name of a request's scope.
    pub fn name_of(&self, span: &Span<'_>) -> Option<&str> {
        let number = self.by_span.get(&span.id)?;
        Some(&self.names[number - 1])
    }

    /// The scope of a statement; a fault if it may belong to several.
    pub fn scope_of(&self, span: &Span<'_>, warnings: &mut Vec<Warning>) -> Result<usize, Fault> {
        if let Some(scope) = self.ancestor(span) {
            return Ok(scope);
        }
        if let Some([only]) = self.by_trace.get(&span.trace_id).map(Vec::as_slice) {
            return Ok(*only);
        }
        if span.is_start_up {
            return Ok(0);
        }
        let within = |(start, end): &(i128, i128)| *start <= span.start && span.end <= *end;
        let around: Vec<usize> =
            (1..=self.times.len()).filter(|number| within(&self.times[number - 1])).collect();
        match around.as_slice() {
            [only] => Ok(*only),
            [] => {
                let what = "a statement of no request, taken for one of start-up".to_owned();
                let fault = Fault { at: 0, what, at_end: false };
                let hint = "statements of background tasks have no scope of their own here";
                warnings.push(span.warning(&fault, hint));
                Ok(0)
            }
            several => {
                let names: Vec<&str> =
                    several.iter().map(|number| self.names[number - 1].as_str()).collect();
                let names = names.join("`, `");
                let what = format!("a statement that may belong to any of `{names}`");
                Err(Fault { at: 0, what, at_end: false })
            }
        }
    }

    fn ancestor(&self, span: &Span<'_>) -> Option<usize> {
        let mut id = &span.parent;
        // As many steps as there are spans: parents may lead in a circle.
        for _ in 0..=self.parents.len() {
            if let Some(&scope) = self.by_span.get(id) {
                return Some(scope);
            }
            id = self.parents.get(id)?;
        }
        None
    }
}
