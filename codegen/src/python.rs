//! The Python that is emitted: the varying modules of a fixture from templates,
//! the constant ones as they are.
//!
//! Reads no trace; everything comes from the plan.

pub mod bulk;
pub mod catalog;
pub mod constant;
pub mod context;
pub mod fixture;
mod lines;
mod literal;
pub mod literal_module;
pub mod sync;
pub mod template;
mod tokens;

pub use constant::{launcher, runtime};
pub use fixture::{Origin, package, scope};
