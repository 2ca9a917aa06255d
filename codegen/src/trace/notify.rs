//! Notifications: what `NOTIFY` sends to whoever listens.
//!
//! Who asked for it is another line's business.

use std::borrow::Cow;

use serde::Deserialize;

use super::ids::ExchangeId;

/// A notification that came with an exchange, which stands before it:
/// `{"notify":{"exchange":17,"channel":"jobs","payload":"7","pid":4711,"after":12}}`.
///
/// That exchange is the statement with whose answer it came, or a run of `notifies()`:
///
/// ```jsonl
/// {"exchange":{"id":17,"scope":0,"connection":1,"operation":"notifies","parameters":["jobs"],"results":[{"rowcount":-1,"command_tag":null,"partial":true}],"status":"IDLE"}}
/// {"notify":{"exchange":17,"channel":"jobs","payload":"7","pid":4711,"after":12}}
/// {"rows":{"exchange":17,"rows":[],"complete":true}}
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify<'a> {
    /// What it came with.
    pub exchange: ExchangeId,
    /// As the server has it, folded to lower case unless it was quoted.
    #[serde(borrow)]
    pub channel: Cow<'a, str>,
    /// May be empty.
    #[serde(borrow)]
    pub payload: Cow<'a, str>,
    /// The server's process of the connection that sent it.
    pub pid: i64,
    /// The statement that this connection had begun last by then, if it is another one
    /// of the recorded process. At replay the notification comes no sooner than it.
    #[serde(default)]
    pub after: Option<ExchangeId>,
}
