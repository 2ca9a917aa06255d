//! The expressions of the secret scan, which are those of redaction at record time.
//!
//! They are read from the modules that redact, so that the two cannot differ.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::error::{Error, Result};

const DETECTORS: &str = include_str!("../../../templates/shared/detectors.py");
const CARDS: &str = include_str!("../../../templates/shared/cards.py");

/// Texts without which no expression of a group finds anything.
const ANCHORS: &[(Group, &[&str])] = &[
    (
        Group::Key,
        &[
            "AKIA",
            "ASIA",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "k_live_",
            "k_test_",
            "xoxa-",
            "xoxb-",
            "xoxp-",
            "xoxr-",
            "xoxs-",
            "AIza",
            "eyJ",
            "earer ",
            "PRIVATE KEY-",
        ],
    ),
    (
        Group::Password,
        &[
            "://",
            "assword",
            "ASSWORD",
            "asswd",
            "ASSWD",
            "assphrase",
            "ASSPHRASE",
            "pwd",
            "PWD",
            "Pwd",
            "ecret",
            "ECRET",
            "oken",
            "OKEN",
            "i_key",
            "i-key",
            "ikey",
            "iKey",
            "I_KEY",
            "I-KEY",
            "IKEY",
            "s_key",
            "s-key",
            "skey",
            "sKey",
            "S_KEY",
            "S-KEY",
            "SKEY",
            "e_key",
            "e-key",
            "ekey",
            "eKey",
            "E_KEY",
            "E-KEY",
            "EKEY",
        ],
    ),
    (Group::Description, &["{\"row_description\":"]),
];

/// What to do where an anchor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Look for keys and tokens of services.
    Key,
    /// Look for passwords, by what stands around them.
    Password,
    /// See how columns are named.
    Description,
}

impl Group {
    /// The group of an anchor that was found.
    pub fn of(anchor: &[u8]) -> Self {
        let has = |anchors: &[&str]| anchors.iter().any(|each| each.as_bytes() == anchor);
        let found = ANCHORS.iter().find(|(_, anchors)| has(anchors));
        found.map_or(Self::Key, |(group, _)| *group)
    }
}

/// All of them, compiled.
#[derive(Debug)]
pub struct Patterns {
    /// Any of the texts that make it worth to look closer.
    pub anchors: Regex,
    /// Of keys and tokens.
    pub keys: Vec<Regex>,
    /// Of passwords in URLs and assignments.
    pub passwords: Vec<Regex>,
    /// A member of a document, or a parameter, that is named for a secret.
    pub members: Regex,
    /// The name of such a one, or of a column.
    pub secret_name: Regex,
    /// From its start.
    pub email: Regex,
    /// Digits with separators, or without.
    pub card: Regex,
    /// Of 16 digits.
    pub card_number: Regex,
    /// Of other lengths.
    pub other_card_number: Regex,
}

/// The expressions, compiled when first asked for.
pub fn patterns() -> Result<&'static Patterns> {
    static PATTERNS: LazyLock<std::result::Result<Patterns, String>> = LazyLock::new(|| {
        let words = literals(DETECTORS, "SECRET_NAME")?.remove(0);
        let words = words.strip_suffix('$').ok_or("SECRET_NAME is not anchored")?;
        let member = format!(r#"{words}\\*"\s*:\s*\\*"([!#-\[\]-~]{{10,512}})\\*""#);
        Ok(Patterns {
            anchors: compiled(&anchors())?,
            keys: all(&literals(DETECTORS, "KEYS")?)?,
            passwords: all(&literals(DETECTORS, "PASSWORDS")?)?,
            members: compiled(&member)?,
            secret_name: compiled(&format!("{words}$"))?,
            email: compiled(&format!("^{}", literals(DETECTORS, "EMAIL")?[0]))?,
            card: compiled(&literals(CARDS, "CARD")?[0])?,
            card_number: whole(&literals(CARDS, "NUMBER")?[0])?,
            other_card_number: whole(&literals(CARDS, "OTHER_NUMBER")?[0])?,
        })
    });
    PATTERNS.as_ref().map_err(|what| Error::Defect(what.clone()))
}

fn anchors() -> String {
    let all = ANCHORS.iter().flat_map(|(_, anchors)| anchors.iter());
    all.map(|anchor| regex::escape(anchor)).collect::<Vec<_>>().join("|")
}

fn all(expressions: &[String]) -> std::result::Result<Vec<Regex>, String> {
    expressions.iter().map(|expression| compiled(expression)).collect()
}

fn whole(expression: &str) -> std::result::Result<Regex, String> {
    compiled(&format!("^(?:{expression})$"))
}

fn compiled(expression: &str) -> std::result::Result<Regex, String> {
    // What is looked for is ASCII, whatever stands around it.
    let built = RegexBuilder::new(expression).unicode(false).build();
    built.map_err(|error| format!("{expression}: {error}"))
}

/// The raw literals that a module of ours assigns to a name: one, or a tuple of them.
fn literals(module: &str, name: &str) -> std::result::Result<Vec<String>, String> {
    let start = format!("\n{name} = ");
    let place = module.find(&start).ok_or_else(|| format!("no {name} in a module of ours"))?;
    let assigned = &module[place + start.len()..];
    let lines: Vec<&str> = match assigned.strip_prefix("(\n") {
        Some(tuple) => tuple.lines().take_while(|line| *line != ")").collect(),
        None => assigned.lines().take(1).collect(),
    };
    let literal = |line: &&str| {
        let text = line.trim().trim_end_matches(',').strip_prefix("r\"")?.strip_suffix('"')?;
        Some(text.to_owned())
    };
    let found: Option<Vec<String>> = lines.iter().map(literal).collect();
    match found {
        Some(found) if !found.is_empty() => Ok(found),
        _ => Err(format!("{name} is no raw literal, nor a tuple of them")),
    }
}
