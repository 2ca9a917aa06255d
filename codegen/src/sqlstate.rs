//! SQLSTATEs and the exceptions that stand for them, from the server's own list.
//!
//! Knows no messages; those come from the server.

/// An error that the server can raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Five characters.
    pub sqlstate: &'static str,
    /// PL/pgSQL's name of it.
    pub name: &'static str,
    /// psycopg's class of it, in `psycopg.errors`.
    pub class: &'static str,
    /// What that class derives from.
    pub base: Pep249,
}

/// The exceptions of PEP 249 that a database error can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::enum_variant_names, reason = "PEP 249 names them so")]
#[allow(missing_docs, reason = "PEP 249 says what each is for")]
pub enum Pep249 {
    DatabaseError,
    DataError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
}

impl Pep249 {
    /// PEP 249's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DatabaseError => "DatabaseError",
            Self::DataError => "DataError",
            Self::IntegrityError => "IntegrityError",
            Self::InternalError => "InternalError",
            Self::NotSupportedError => "NotSupportedError",
            Self::OperationalError => "OperationalError",
            Self::ProgrammingError => "ProgrammingError",
        }
    }
}

#[rustfmt::skip]
#[allow(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "a table lists its rows one by one"
)]
#[path = "../../generated/rust/sqlstate.rs"]
mod generated;

pub use generated::CONDITIONS;
