//! What a trace says of an error and of a notice.
//!
//! Does not know which classes exist; the runtime raises what is named.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tagged::Tagged;
use super::unique::{Unique, members};

/// An exception as the application saw it.
///
/// ```json
/// {"class":"psycopg.errors.UniqueViolation","sqlstate":"23505","message":"duplicate key …","diagnostics":{"severity":"ERROR"}}
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRecord {
    /// Module and qualified name.
    pub class: ClassName,
    /// Null for errors that the client raised.
    pub sqlstate: Option<Sqlstate>,
    /// `str()` of the exception.
    pub message: String,
    /// What the server said, field by field.
    #[serde(default)]
    pub diagnostics: Diagnostics,
    /// `args` of the exception, for drivers whose applications read them
    /// (`pymysql`, `pyodbc`).
    #[serde(default)]
    pub arguments: Option<Vec<Tagged>>,
}

/// The fields of an error or a notice that are not null, by the names of
/// psycopg's `Diagnostic`.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Diagnostics(
    #[serde(deserialize_with = "members")] pub BTreeMap<DiagnosticField, String>,
);

/// A dotted Python name.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct ClassName(pub String);

impl TryFrom<String> for ClassName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let valid = name.contains('.')
            && name.split('.').all(|part| {
                !part.is_empty()
                    && !part.starts_with(|c: char| c.is_ascii_digit())
                    && part.chars().all(|c| c == '_' || c.is_alphanumeric())
            });
        if valid {
            Ok(Self(name))
        } else {
            Err(format!("`{name}` is not a class's module and qualified name"))
        }
    }
}

/// Five characters, digits and upper-case letters (SQL standard, part 2, 24.1).
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Sqlstate(pub String);

impl TryFrom<String> for Sqlstate {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        let valid = code.len() == 5
            && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        if valid { Ok(Self(code)) } else { Err(format!("`{code}` is not a SQLSTATE")) }
    }
}

/// A field of a diagnostic, by psycopg's name of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of the protocol's error fields")]
pub enum DiagnosticField {
    Severity,
    SeverityNonlocalized,
    Sqlstate,
    MessagePrimary,
    MessageDetail,
    MessageHint,
    StatementPosition,
    InternalPosition,
    InternalQuery,
    Context,
    SchemaName,
    TableName,
    ColumnName,
    DatatypeName,
    ConstraintName,
    SourceFile,
    SourceLine,
    SourceFunction,
    Encoding,
}

/// The notices of an exchange.
pub type Notices = Vec<Diagnostics>;

/// Names and texts, such as server parameters.
pub type Texts = Unique<String, String>;
