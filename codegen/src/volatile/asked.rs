//! What an exchange asks, as text without what may differ of it.
//!
//! Tells whether two recordings ask the same, and pairs none of their exchanges.

use std::fmt::Write as _;

use crate::error::Result;
use crate::recording::ExchangeRecord;

use super::declared::sets_of;
use super::place::{Places, Volatile, pointer};
use super::tree::Tree;

/// Its operation, SQL text and parameters, the sets of these in no order. The values at
/// places that may differ go to `differing`, and leave the places alone.
pub fn asked(
    exchange: &ExchangeRecord<'_>,
    volatile: &Volatile,
    differing: &mut Vec<String>,
) -> Result<String> {
    let sources = volatile.sources().map(|(_, places)| places);
    let mut sets = Vec::new();
    for set in sets_of(exchange)? {
        let mut text = String::new();
        write(&mut text, "", &set, &sources, differing);
        sets.push(text);
    }
    sets.sort();
    let mut sql = String::new();
    let mut rest = exchange.sql.as_deref().unwrap_or_default().chars();
    let mut at = 0;
    let mut parts: Vec<_> = sources.iter().flat_map(|places| &places.sql).collect();
    parts.sort();
    for part in parts {
        sql.extend(rest.by_ref().take(part.start - at));
        at = part.start + rest.by_ref().take(part.text.chars().count()).count();
        sql.push_str(part.kind.as_str());
        differing.push(part.text.clone());
    }
    sql.extend(rest);
    let (operation, sets) = (exchange.operation.as_str(), sets.join("\n"));
    let mode = exchange.transaction.as_deref().unwrap_or_default();
    Ok(format!("{operation}\0{mode}\0{sql}\0{sets}"))
}

fn write(
    text: &mut String,
    at: &str,
    tree: &Tree,
    sources: &[&Places],
    differing: &mut Vec<String>,
) {
    let differs = sources.iter().any(|places| places.parameters.contains_key(at));
    // Writing into a String cannot fail.
    let _ = match tree {
        Tree::Leaf(_) if differs => writeln!(text, "{at} differs"),
        Tree::Leaf(leaf) => writeln!(text, "{at} {} {:?}", leaf.tag, leaf.text),
        Tree::Branch(branch) if differs => writeln!(text, "{at} {} differs", branch.label),
        Tree::Branch(branch) => writeln!(text, "{at} {}", branch.label),
    };
    match tree {
        Tree::Leaf(leaf) if differs => differing.push(leaf.text.clone()),
        Tree::Leaf(_) => {}
        Tree::Branch(branch) => {
            let inner = if differs { &mut String::new() } else { text };
            for (name, item) in &branch.items {
                write(inner, &pointer(at, name), item, sources, differing);
            }
        }
    }
}
