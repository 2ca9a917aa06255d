//! What each PostgreSQL type is in Python, as psycopg decodes it by default.
//!
//! Decodes nothing; the runtime has a loader for each form.

use crate::pg_type::PgType;

/// A family of loaders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of Python's and PostgreSQL's types")]
pub enum PythonForm {
    Bool,
    Bytes,
    Cidr,
    Date,
    Float,
    Inet,
    Int,
    Interval,
    Json,
    Jsonb,
    Multirange,
    Numeric,
    Range,
    /// No loader: the text as it is, or the bytes as they are.
    Raw,
    Record,
    Text,
    Time,
    Timestamp,
    Timestamptz,
    Timetz,
    Uuid,
}

impl PythonForm {
    /// As the runtime's catalog names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::Cidr => "cidr",
            Self::Date => "date",
            Self::Float => "float",
            Self::Inet => "inet",
            Self::Int => "int",
            Self::Interval => "interval",
            Self::Json => "json",
            Self::Jsonb => "jsonb",
            Self::Multirange => "multirange",
            Self::Numeric => "numeric",
            Self::Range => "range",
            Self::Raw => "raw",
            Self::Record => "record",
            Self::Text => "text",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Timestamptz => "timestamptz",
            Self::Timetz => "timetz",
            Self::Uuid => "uuid",
        }
    }
}

/// The form of a type. There is no wildcard: a type that a newer server adds
/// must be given a form here before this compiles again.
pub const fn python_form(pg_type: PgType) -> PythonForm {
    use PgType as T;
    match pg_type {
        T::Bool => PythonForm::Bool,
        T::Bytea => PythonForm::Bytes,
        T::Int2 | T::Int4 | T::Int8 | T::Oid => PythonForm::Int,
        T::Float4 | T::Float8 => PythonForm::Float,
        T::Numeric => PythonForm::Numeric,
        T::Bpchar | T::Char | T::Name | T::Text | T::Varchar => PythonForm::Text,
        T::Date => PythonForm::Date,
        T::Time => PythonForm::Time,
        T::Timetz => PythonForm::Timetz,
        T::Timestamp => PythonForm::Timestamp,
        T::Timestamptz => PythonForm::Timestamptz,
        T::Interval => PythonForm::Interval,
        T::Uuid => PythonForm::Uuid,
        T::Json => PythonForm::Json,
        T::Jsonb => PythonForm::Jsonb,
        T::Inet => PythonForm::Inet,
        T::Cidr => PythonForm::Cidr,
        T::Record => PythonForm::Record,
        T::Daterange | T::Int4range | T::Int8range | T::Numrange | T::Tsrange | T::Tstzrange => {
            PythonForm::Range
        }
        T::Datemultirange
        | T::Int4multirange
        | T::Int8multirange
        | T::Nummultirange
        | T::Tsmultirange
        | T::Tstzmultirange => PythonForm::Multirange,
        T::Aclitem
        | T::Any
        | T::Anyarray
        | T::Anycompatible
        | T::Anycompatiblearray
        | T::Anycompatiblemultirange
        | T::Anycompatiblenonarray
        | T::Anycompatiblerange
        | T::Anyelement
        | T::Anyenum
        | T::Anymultirange
        | T::Anynonarray
        | T::Anyrange
        | T::Bit
        | T::Box
        | T::Cid
        | T::Circle
        | T::Cstring
        | T::EventTrigger
        | T::FdwHandler
        | T::Gtsvector
        | T::IndexAmHandler
        | T::Int2vector
        | T::Internal
        | T::Jsonpath
        | T::LanguageHandler
        | T::Line
        | T::Lseg
        | T::Macaddr
        | T::Macaddr8
        | T::Money
        | T::Oidvector
        | T::Path
        | T::PgBrinBloomSummary
        | T::PgBrinMinmaxMultiSummary
        | T::PgDdlCommand
        | T::PgDependencies
        | T::PgLsn
        | T::PgMcvList
        | T::PgNdistinct
        | T::PgNodeTree
        | T::PgSnapshot
        | T::Point
        | T::Polygon
        | T::Refcursor
        | T::Regclass
        | T::Regcollation
        | T::Regconfig
        | T::Regdictionary
        | T::Regnamespace
        | T::Regoper
        | T::Regoperator
        | T::Regproc
        | T::Regprocedure
        | T::Regrole
        | T::Regtype
        | T::TableAmHandler
        | T::Tid
        | T::Trigger
        | T::TsmHandler
        | T::Tsquery
        | T::Tsvector
        | T::TxidSnapshot
        | T::Unknown
        | T::Varbit
        | T::Void
        | T::Xid
        | T::Xid8
        | T::Xml => PythonForm::Raw,
    }
}
