//! What the stack's file declares as volatile, or forbids to be.
//!
//! Infers nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use regex::Regex;
use serde_json::Value;

use crate::error::{Error, Finding, Result, Warning};
use crate::glob::{self, Step};
use crate::recording::ExchangeRecord;
use crate::stack_file::{StackFile, VolatileRule};
use crate::trace::Operation;

use super::form::pattern_of;
use super::place::{Part, Places, What, pointer};
use super::tree::Tree;
use crate::kind::Kind;

/// The rules of a stack, and whether each has named anything yet.
#[derive(Debug)]
pub struct Rules<'s> {
    stack: &'s StackFile,
    rules: Vec<Rule<'s>>,
}

/// What the rules say of one exchange.
#[derive(Debug, Default)]
pub struct Ruled {
    /// May differ.
    pub declared: Places,
    /// Must not.
    pub forbidden: Places,
}

#[derive(Debug)]
struct Rule<'s> {
    declared: &'s VolatileRule,
    statement: Regex,
    /// Of the volatile parts of the statement.
    kinds: Vec<Kind>,
    /// Scopes are planned side by side.
    is_used: AtomicBool,
}

impl<'s> Rules<'s> {
    /// The rules of a stack's file.
    pub fn of(stack: &'s StackFile) -> Result<Self> {
        let rules: Result<Vec<_>> = stack.volatile.iter().map(Rule::of).collect();
        Ok(Self { stack, rules: rules? })
    }

    /// What they say of an exchange.
    pub fn of_exchange(&self, exchange: &ExchangeRecord<'_>) -> Result<Ruled> {
        let mut said = Ruled::default();
        let sql = exchange.sql.as_deref().unwrap_or(exchange.operation.as_str());
        let rules: Vec<&Rule<'_>> =
            self.rules.iter().filter(|rule| rule.statement.is_match(sql)).collect();
        if rules.is_empty() {
            return Ok(said);
        }
        let sets = sets_of(exchange)?;
        for rule in rules {
            let places =
                if rule.declared.forbidden { &mut said.forbidden } else { &mut said.declared };
            rule.parts_of(sql, places);
            for set in &sets {
                rule.places_of(set, exchange.lossy.is_empty(), places);
            }
            if places.is_asked() {
                rule.is_used.store(true, Ordering::Relaxed);
            }
        }
        said.declared.sql.sort();
        Ok(said)
    }

    /// A rule that names nothing is most likely misspelled.
    pub fn report_unused(&self, warnings: &mut Vec<Warning>) {
        for rule in self.rules.iter().filter(|rule| !rule.is_used.load(Ordering::Relaxed)) {
            let statement = &rule.declared.statement;
            let kind = rule.declared.kind.map(|kind| format!(" of kind {}", kind.as_str()));
            warnings.push(Warning(Finding {
                path: self.stack.path.clone(),
                what: format!(
                    "the volatile rule for `{}` names no recorded parameter{}",
                    statement.get_ref(),
                    kind.unwrap_or_default()
                ),
                hint: "compare it with the statements of the trace, or remove it".to_owned(),
                ..self.stack.place(statement.span().start)
            }));
        }
    }
}

impl<'s> Rule<'s> {
    fn of(rule: &'s VolatileRule) -> Result<Self> {
        let mut pattern = String::from("^");
        let mut kinds = Vec::new();
        for step in glob::steps(rule.statement.get_ref()) {
            match step {
                Step::Text(text) => pattern += &regex::escape(text),
                Step::Any => pattern += r"(?s:.*?)",
                Step::Kind(kind) => {
                    pattern.extend(["(", pattern_of(kind), ")"]);
                    kinds.push(kind);
                }
            }
        }
        pattern.push('$');
        let statement = Regex::new(&pattern).map_err(|error| {
            Error::Defect(format!("the pattern of a statement cannot be compiled: {error}"))
        })?;
        Ok(Self { declared: rule, statement, kinds, is_used: AtomicBool::new(false) })
    }

    /// The parts of a statement that are named in it by their kinds.
    fn parts_of(&self, sql: &str, places: &mut Places) {
        let Some(found) = self.statement.captures(sql) else { return };
        for (part, kind) in found.iter().skip(1).flatten().zip(&self.kinds) {
            let start = sql[..part.start()].chars().count();
            let part = Part { start, text: part.as_str().to_owned(), kind: *kind };
            if !places.sql.iter().any(|known| known.overlaps(&part)) {
                places.sql.push(part);
            }
        }
    }

    /// The places of a set of parameters that it names; only whole parameters of what
    /// another recorder has changed.
    fn places_of(&self, set: &Tree, enters: bool, places: &mut Places) {
        let Tree::Branch(set) = set else { return };
        for (name, tree) in &set.items {
            self.walk(&pointer("", name), tree, enters, places);
        }
    }

    fn walk(&self, at: &str, tree: &Tree, enters: bool, places: &mut Places) {
        let kind = self.declared.kind.unwrap_or(Kind::Value);
        let is_named = self.declared.parameters.iter().any(|glob| glob::matches(glob, &at[1..]));
        if is_named && tree.is_of(kind) {
            places.add(at.to_owned(), What::Whole(kind));
        } else if let (Tree::Branch(branch), true) = (tree, enters) {
            for (name, item) in &branch.items {
                self.walk(&pointer(at, name), item, enters, places);
            }
        }
    }
}

/// The sets of parameters of an exchange: one, or those of `executemany`.
pub fn sets_of(exchange: &ExchangeRecord<'_>) -> Result<Vec<Tree>> {
    let Some(parameters) = exchange.parameters else { return Ok(Vec::new()) };
    let parameters: Value = serde_json::from_str(parameters.get())
        .map_err(|error| Error::Defect(format!("parameters passed their check but: {error}")))?;
    Ok(match parameters {
        Value::Array(sets) if exchange.operation == Operation::Executemany => {
            sets.iter().filter_map(Tree::of_parameters).collect()
        }
        parameters => Tree::of_parameters(&parameters).into_iter().collect(),
    })
}
