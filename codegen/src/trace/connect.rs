//! That a connection was asked for.
//!
//! What its server said by then; what it says later stands with the exchanges.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::event::Status;
use super::ids::{ConnectionId, ScopeId};

/// `{"connect":{"id":1,"scope":0,"backend_pid":4711,"server_parameters":{"server_version":"18.6"},"status":"IDLE"}}`,
/// or with `"error"` in the place of `"server_parameters"` if it was refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect<'a> {
    /// Referred to by exchanges.
    pub id: ConnectionId,
    /// The scope in which it was asked for; start-up for one that came about, unless
    /// its place had been refused.
    pub scope: ScopeId,
    /// The connection parameters that shape the session (`options`,
    /// `application_name` …), by name; absent if none was given.
    #[serde(borrow, default)]
    pub settings: Option<&'a RawValue>,
    /// What the server reported, by name.
    #[serde(borrow, default)]
    pub server_parameters: Option<&'a RawValue>,
    /// The server's process, which notifications name; absent in older traces.
    #[serde(default)]
    pub backend_pid: Option<i64>,
    /// An [`ErrorRecord`](super::ErrorRecord).
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    /// Absent if it was refused.
    #[serde(default)]
    pub status: Option<Status>,
    /// The connection parameters of a place that was refused (`host`, `port`, `user`,
    /// `dbname`), as far as no connection that had been made had them.
    #[serde(borrow, default)]
    pub place: Option<&'a RawValue>,
    /// Of one that was refused without such a place: how many the scope had been given.
    #[serde(default)]
    pub after: usize,
}
