//! What a recording keeps of what was recorded before.
//!
//! Decides nothing: the [splitter](crate::split) does.

use clap::ValueEnum;
use serde::Deserialize;

/// What is kept of a scope that was recorded again, in the words of VCR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Mode {
    /// The old exchanges: nothing is recorded
    None,
    /// The old ones, unless it asks something else now
    Once,
    /// The old ones; only scopes that were never recorded are added
    NewEpisodes,
    /// The new ones
    All,
    /// The new ones, and nothing of scopes that did not run
    Rewrite,
}
