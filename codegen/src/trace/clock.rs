//! The clocks of a deterministic recording.
//!
//! Says when they start; how they tick is the runtime's business.

use serde::Deserialize;

use super::ids::ScopeId;

/// `{"clock":{"scope":1,"starts_at":1764036000000000}}`: what `datetime` said when it was
/// first asked in a scope, and from where it ticked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Whose clock it is.
    pub scope: ScopeId,
    /// When it starts.
    pub starts_at: Moment,
}

/// In microseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Moment(pub u64);

impl TryFrom<u64> for Moment {
    type Error = String;

    fn try_from(microseconds: u64) -> Result<Self, String> {
        /// The end of the year 9999, and of Python's calendar.
        const END: u64 = 253_402_300_800_000_000;
        if microseconds < END {
            return Ok(Self(microseconds));
        }
        Err(format!("{microseconds} is no moment in microseconds before the year 10000"))
    }
}
