//! From traces of database traffic to the Python packages that replay them.
//!
//! The way of the data, one type a stage:
//! [`Source`](trace::Source) → [`Recording`](recording::Recording) →
//! [`Plan`](plan::Plan) → [context](python::context) → files of a
//! [`Sink`](sink::Sink). A trace is read twice: once for what stands where, and
//! once scope by scope.
//!
//! Starts no process and opens no socket.

pub mod error;
#[cfg(feature = "generated")]
pub mod generate;
mod glob;
#[cfg(feature = "generated")]
pub mod keep;
pub mod ledger_report;
pub mod paths;
#[cfg(feature = "generated")]
pub mod pg_type;
#[cfg(feature = "generated")]
pub mod plan;
pub mod profile;
pub mod project;
#[cfg(feature = "generated")]
pub mod python;
#[cfg(feature = "generated")]
pub mod python_form;
#[cfg(feature = "generated")]
pub mod recording;
pub mod report;
#[cfg(feature = "generated")]
pub mod secrets;
pub mod sink;
#[cfg(feature = "generated")]
pub mod split;
#[cfg(feature = "generated")]
pub mod sqlstate;
pub mod stack_file;
pub mod stacks;
pub mod tables;
pub mod trace;
#[cfg(feature = "generated")]
pub mod tusk;
#[cfg(feature = "generated")]
mod workers;
