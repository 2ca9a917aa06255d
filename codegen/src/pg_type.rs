//! PostgreSQL's built-in types, from the server's own catalog.
//!
//! Says nothing about Python; see [`python_form`](crate::python_form).

/// What a type is made of, `pg_type.typtype`. Domains, enums and composites are
/// made by users, so no built-in type is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeKind {
    /// With functions of its own.
    Base,
    /// Of ranges.
    Multirange,
    /// Only for functions.
    Pseudo,
    /// Of another type.
    Range,
}

#[rustfmt::skip]
#[allow(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "a table lists its rows one by one"
)]
#[path = "../../generated/rust/pg_type.rs"]
mod generated;

pub use generated::PgType;
