//! The ledger of replays: its lines, what they come to, and reports of that.
//!
//! A process that replays a fixture appends a line to the file that
//! `MOCK_CURSOR_LEDGER` names as things happen. Several processes may share a file,
//! or have one each: a [`Summary`] takes the lines of all, in any order, and merges
//! them by scope.
//!
//! Opens no file; whoever reads one knows where it lies and whether it still grows.

mod entry;
mod json;
mod junit;
mod summary;
mod text;
mod xml;

pub use entry::{Denied, Entry, Listed, Used};
pub use json::json;
pub use junit::junit;
pub use summary::{Exchange, Scope, Summary};
pub use text::text;
