//! One line of a ledger.
//!
//! Keeps what is said and draws no conclusion.

use serde::Deserialize;
use serde_json::Value;

/// `{"scope_open":{"scope":"create Ada"}}`: the only key is the event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A process begins to replay.
    Replay {
        /// The fixture's name for itself.
        stack: String,
        /// Its number, as the operating system gives it.
        process: u64,
        /// All scopes that were recorded; said once a file.
        #[serde(default)]
        scopes: Option<Vec<String>>,
    },
    /// A scope opens.
    ScopeOpen {
        /// Its name.
        scope: String,
    },
    /// A scope ends where it was opened.
    ScopeEnd {
        /// Its name.
        scope: String,
    },
    /// What a scope used up to its end.
    Used {
        /// Its name.
        scope: String,
        /// Its SQL texts, each once.
        sql: Vec<String>,
        /// What was taken of it.
        exchanges: Vec<Used>,
    },
    /// What a scope left at its end; of start-up, all that it has, at its beginning.
    Unused {
        /// Its name.
        scope: String,
        /// Those of which something was left.
        exchanges: Vec<Listed>,
    },
    /// An exchange was taken of a scope whose listing had been entered.
    Taken {
        /// The scope's name.
        scope: String,
        /// Its ordinal.
        exchange: u64,
    },
    /// Nothing answered.
    Miss {
        /// Where it was asked.
        scope: String,
        /// For people, of several lines.
        report: String,
    },
    /// A scope committed when it was recorded, and has not now.
    LostCommits {
        /// Its name.
        scope: String,
        /// For people, of several lines.
        report: String,
    },
    /// A scope committed after its end, by a task that outlived it.
    Committed {
        /// Its name.
        scope: String,
    },
    /// The application used what no fixture replays.
    Unsupported {
        /// Where.
        scope: String,
        /// Its name in the driver.
        what: String,
    },
    /// A live value was taken for a recorded one.
    Bound {
        /// Where.
        scope: String,
        /// The text of the recorded one.
        recorded: String,
        /// The text of the live one.
        live: String,
    },
    /// The network was asked for, and refused.
    Denied(Denied),
}

/// The ordinal of an exchange, how often it was taken and how often it was recorded, its
/// operation, and which of the texts it has, if any.
pub type Used = (u64, u64, u64, String, Option<usize>);

/// What was refused: `socket.connect` to `('127.0.0.1', 5432)`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denied {
    /// Python's name of the audit event.
    pub event: String,
    /// As Python shows it.
    pub address: String,
}

/// A recorded exchange that was not, or not often enough, asked for when it was listed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its ordinal in its scope.
    pub exchange: u64,
    /// What was asked of the driver.
    pub operation: String,
    /// None for what has no SQL.
    pub sql: Option<String>,
    /// Tagged values.
    pub parameters: Value,
    /// How often it may still be taken.
    pub left: u64,
    /// How often it was recorded.
    pub times: u64,
}

impl Entry {
    /// Reads a line, without its end.
    pub fn parse(line: &str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }
}
