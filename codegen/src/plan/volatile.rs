//! Which parameters of an exchange were declared as volatile.
//!
//! Infers nothing: a parameter that no rule names is compared exactly, but for the
//! identifiers that SQLAlchemy makes of two-phase transactions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::{Error, Finding, Result, Warning};
use crate::glob::matches;
use crate::recording::ExchangeRecord;
use crate::stack_file::{StackFile, VolatileRule};
use crate::trace::Operation;

/// A top-level parameter, by name or by position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum VolatileName {
    /// Of a sequence, counted from 0.
    Position(usize),
    /// Of a mapping.
    Name(String),
}

/// The rules of a stack, and whether each has named a parameter yet.
#[derive(Debug)]
pub struct Rules<'s> {
    stack: &'s StackFile,
    /// Scopes are planned side by side.
    used: Vec<AtomicBool>,
}

impl<'s> Rules<'s> {
    /// The rules of a stack's file.
    pub fn new(stack: &'s StackFile) -> Self {
        Self { stack, used: stack.volatile.iter().map(|_| AtomicBool::new(false)).collect() }
    }

    /// The exchange's parameters that a rule names, sorted.
    pub fn volatile_of(&self, exchange: &ExchangeRecord<'_>) -> Result<Vec<VolatileName>> {
        let Some(parameters) = exchange.parameters else { return Ok(Vec::new()) };
        let statement = exchange.sql.as_deref().unwrap_or(exchange.operation.as_str());
        let mut volatile = Vec::new();
        if exchange.operation == Operation::TpcBegin && is_random(parameters) {
            volatile.push(VolatileName::Position(0));
        }
        let rules: Vec<(usize, &VolatileRule)> = self
            .stack
            .volatile
            .iter()
            .enumerate()
            .filter(|(_, rule)| matches(rule.statement.get_ref(), statement))
            .collect();
        if rules.is_empty() {
            return Ok(volatile);
        }
        for name in names(exchange.operation, parameters)? {
            let spelled = match &name {
                VolatileName::Position(position) => position.to_string(),
                VolatileName::Name(name) => name.clone(),
            };
            for (index, rule) in &rules {
                if rule.parameters.iter().any(|glob| matches(glob, &spelled)) {
                    self.used[*index].store(true, Ordering::Relaxed);
                    volatile.push(name.clone());
                }
            }
        }
        volatile.sort();
        volatile.dedup();
        Ok(volatile)
    }

    /// A rule that names nothing is most likely misspelled.
    pub fn report_unused(&self, warnings: &mut Vec<Warning>) {
        for (rule, used) in self.stack.volatile.iter().zip(&self.used) {
            if !used.load(Ordering::Relaxed) {
                let statement = rule.statement.get_ref();
                warnings.push(Warning(Finding {
                    path: self.stack.path.clone(),
                    what: format!(
                        "the volatile rule for `{statement}` names no recorded parameter"
                    ),
                    hint: "compare it with the statements of the trace, or remove it".to_owned(),
                    ..self.stack.place(rule.statement.span().start)
                }));
            }
        }
    }
}

/// Whether it is an identifier of a two-phase transaction that SQLAlchemy made: 128 random
/// bits, by which nobody could ask for the same again.
fn is_random(parameters: &RawValue) -> bool {
    let text = parameters.get().strip_prefix("[\"_sa_").and_then(|rest| rest.strip_suffix("\"]"));
    text.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(is_lower_hex))
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The top-level names of parameters; of `executemany` those of any row.
fn names(operation: Operation, parameters: &RawValue) -> Result<Vec<VolatileName>> {
    let json = parameters.get();
    let broken = |error| Error::Defect(format!("parameters passed their check but: {error}"));
    if operation == Operation::Executemany {
        let rows: Vec<&RawValue> = serde_json::from_str(json).map_err(broken)?;
        let mut all = Vec::new();
        for row in rows {
            all.extend(names(Operation::Execute, row)?);
        }
        all.sort();
        all.dedup();
        return Ok(all);
    }
    if json.starts_with('{') {
        let map: BTreeMap<String, &RawValue> = serde_json::from_str(json).map_err(broken)?;
        Ok(map.into_keys().map(VolatileName::Name).collect())
    } else if json.starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(json).map_err(broken)?;
        Ok((0..list.len()).map(VolatileName::Position).collect())
    } else {
        Ok(Vec::new())
    }
}
