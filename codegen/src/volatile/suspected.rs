//! What is suspected to be volatile as its form tells, where it was recorded once.
//!
//! Whoever suspects is asked to say so: suspicions are reported, once a statement.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::error::{Finding, Result, Warning};
use crate::kind::Kind;
use crate::recording::{ExchangeNumber, ExchangeRecord, Recording, Window};

use super::declared::sets_of;
use super::inferred::shortened;
use super::origin::plain_moment;
use super::parts::{is_suspect, what_is_suspected};
use super::place::{Places, What, pointer};
use super::sql;
use super::tree::{Leaf, Tree};

/// More statements than this are counted.
const LISTED: usize = 20;

/// A date, which may have its time behind a space.
const SHORTEST: usize = 10;

/// What is suspected of a recording.
#[derive(Debug, Default)]
pub struct Suspicions {
    windows: Vec<Option<Window>>,
    /// By the beginning of the statement. Scopes are planned side by side.
    found: Mutex<BTreeMap<String, Suspicion>>,
}

/// The places of a statement that are suspected in one exchange or more.
#[derive(Debug)]
struct Suspicion {
    places: BTreeSet<String>,
    first: (ExchangeNumber, usize),
}

/// A value that is suspected, and its place.
struct Suspect {
    pointer: String,
    what: What,
    text: String,
    is_clock: bool,
}

impl Suspicions {
    /// Of a recording each of whose files was made within a window of time.
    pub fn within(windows: Vec<Option<Window>>) -> Self {
        Self { windows, found: Mutex::default() }
    }

    /// What is suspected of the exchanges of a scope, if they may be.
    ///
    /// What an earlier answer of the scope held, the application has again at replay; and
    /// what it sent earlier is bound, unless it is a clock's. Neither needs suspicion.
    pub fn of_scope(
        &self,
        exchanges: &[ExchangeRecord<'_>],
        may_be: impl Fn(&ExchangeRecord<'_>) -> bool,
    ) -> Result<Vec<Places>> {
        let mut all = Vec::with_capacity(exchanges.len());
        let mut suspects = Vec::with_capacity(exchanges.len());
        for exchange in exchanges {
            let mut places = Places::default();
            let mut of_exchange = Vec::new();
            let is_exact = exchange.sets_up || exchange.operation.ends_two_phase();
            if may_be(exchange) && !is_exact && exchange.lossy.is_empty() {
                let window = self.windows.get(exchange.number.0).copied().flatten();
                if let Some(sql) = exchange.sql.as_deref() {
                    places.sql = sql::suspected(sql, window);
                }
                if exchange.parameters.is_some_and(|raw| may_hold_any(raw.get())) {
                    for set in sets_of(exchange)? {
                        walk("", &set, window, &mut of_exchange);
                    }
                }
            }
            all.push(places);
            suspects.push(of_exchange);
        }
        let texts = suspects.iter().flatten().map(|suspect| suspect.text.clone());
        let texts: HashSet<String> = texts.collect();
        if texts.is_empty() {
            return Ok(all);
        }
        let mut known = HashSet::new();
        for ((exchange, suspects), places) in exchanges.iter().zip(suspects).zip(&mut all) {
            let mut sent = Vec::new();
            for Suspect { pointer, what, text, is_clock } in suspects {
                if !known.contains(&text) {
                    places.add(pointer, what);
                }
                if !is_clock {
                    sent.push(text);
                }
            }
            known.extend(sent);
            let rows = exchange.results.iter().flat_map(|result| &result.rows);
            known.extend(rows.flat_map(|row| texts_in(row, &texts)));
        }
        Ok(all)
    }

    /// Keeps what was found for the report.
    pub fn note(&self, exchange: &ExchangeRecord<'_>, suspected: &Places) {
        if !suspected.is_asked() {
            return;
        }
        let parts = suspected.sql.iter().map(|part| format!("its text ({})", part.kind.as_str()));
        let parameters = suspected.parameters.iter().map(|(pointer, what)| {
            let kind = match what {
                What::Whole(kind) => kind.as_str(),
                What::Pieces(_) => "in parts",
            };
            format!("{} ({kind})", folded(&pointer[1..]))
        });
        let sql = shortened(exchange.sql.as_deref().unwrap_or_default());
        let at = (exchange.number, exchange.line);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let suspicion =
            found.entry(sql).or_insert_with(|| Suspicion { places: BTreeSet::new(), first: at });
        suspicion.first = suspicion.first.min(at);
        suspicion.places.extend(parts.chain(parameters));
    }

    /// One line a statement, in recorded order, and what to do about them below the last.
    pub fn report(&self, recording: &Recording, warnings: &mut Vec<Warning>) {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<_> = found.iter().collect();
        found.sort_by_key(|(_, suspicion)| suspicion.first);
        for (sql, Suspicion { places, first }) in found.iter().take(LISTED) {
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            warnings.push(Warning(Finding {
                path: recording.path(first.0.0).to_path_buf(),
                line: first.1,
                column: 1,
                what: format!("suspected to be volatile in `{sql}`: {}", places.join(", ")),
                hint: String::new(),
            }));
        }
        if found.len() > LISTED {
            warnings.push(Warning(Finding {
                path: recording.path(0).to_path_buf(),
                line: 1,
                column: 1,
                what: format!("suspected in {} more statements", found.len() - LISTED),
                hint: String::new(),
            }));
        }
        if let (Some(Warning(last)), false) = (warnings.last_mut(), found.is_empty()) {
            "other values are accepted there in recorded order only; record once more with \
             `--again`, or declare or forbid them in stack.toml"
                .clone_into(&mut last.hint);
        }
    }
}

fn walk(at: &str, tree: &Tree, window: Option<Window>, suspects: &mut Vec<Suspect>) {
    match tree {
        Tree::Branch(branch) => {
            for (name, item) in &branch.items {
                walk(&pointer(at, name), item, window, suspects);
            }
        }
        Tree::Leaf(leaf) => {
            if let Some(what) = what_of(leaf, window) {
                let text = plain_moment(&leaf.text);
                let is_clock = what == What::Whole(Kind::Timestamp);
                suspects.push(Suspect { pointer: at.to_owned(), what, text, is_clock });
            }
        }
    }
}

fn what_of(leaf: &Leaf, window: Option<Window>) -> Option<What> {
    let kind = match leaf.tag.as_str() {
        "str" => return what_is_suspected(&leaf.text, window),
        "uuid" => Kind::Uuid,
        "datetime" | "datetime with time zone" => Kind::Timestamp,
        _ => return None,
    };
    is_suspect(kind, &leaf.text, window).then_some(What::Whole(kind))
}

/// Whether parameters hold a run that is long enough to tell itself: most have none,
/// and need not be parsed.
fn may_hold_any(json: &str) -> bool {
    let is_run = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=.:$".contains(&byte);
    let mut runs = json.as_bytes().split(|byte| !is_run(*byte));
    runs.any(|run| run.len() >= SHORTEST && run.iter().any(u8::is_ascii_digit))
}

/// Those of the texts that stand in a row, in its cells or in what arrays and documents
/// among them hold.
fn texts_in<'r>(row: &'r str, texts: &'r HashSet<String>) -> impl Iterator<Item = String> + 'r {
    let pieces = row.split(['"', ',', '{', '}', '\\']).filter(|piece| piece.len() >= SHORTEST);
    pieces.map(plain_moment).filter(|piece| texts.contains(piece))
}

/// A place with `*` for the number that a name ends with: the rows of a statement are many.
fn folded(place: &str) -> String {
    let name = place.trim_end_matches(|character: char| character.is_ascii_digit());
    let is_numbered = name.len() < place.len() && !name.is_empty();
    if is_numbered { format!("{name}*") } else { place.to_owned() }
}
