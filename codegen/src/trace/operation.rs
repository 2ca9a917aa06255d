//! What was asked of a driver.
//!
//! Knows nothing of what came of it.

use serde::Deserialize;

/// What was asked of the driver, in PEP 249's and psycopg's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// One statement.
    Execute,
    /// One statement with several sequences of parameters.
    Executemany,
    /// A stored procedure by name (PEP 249 `callproc`).
    Callproc,
    /// Rows as they arrive.
    Stream,
    /// A server-side cursor.
    Declare,
    /// `COPY … TO STDOUT`; see [`drivers`](super::drivers#copy).
    CopyOut,
    /// `COPY … FROM STDIN`, likewise.
    CopyIn,
    /// A look-up of a type by name.
    TypeInfo,
    /// A run of `notifies()`; its parameters are the channels listened to, sorted.
    Notifies,
    /// The end of what was sent in pipeline mode, if the server said anything with it.
    Sync,
    /// The begin of a transaction or a savepoint, by the driver itself.
    Begin,
    /// The end of a transaction.
    Commit,
    /// The end of a transaction.
    Rollback,
    /// PEP 249's two-phase commit. The parameters are the identifier of the transaction,
    /// its text or three parts; of the next three the connection's own where the
    /// application gave none.
    TpcBegin,
    /// The end of its first phase.
    TpcPrepare,
    /// The commit of its second phase, or of both at once.
    TpcCommit,
    /// The rollback, likewise.
    TpcRollback,
    /// The transactions that were prepared and not ended.
    TpcRecover,
}

impl Operation {
    /// Whether its rows are blocks of data.
    pub fn copies(self) -> bool {
        matches!(self, Self::CopyOut | Self::CopyIn)
    }

    /// Whether it is a statement, whose text the server runs.
    pub fn states(self) -> bool {
        use Operation as O;
        matches!(
            self,
            O::Execute
                | O::Executemany
                | O::Callproc
                | O::Stream
                | O::Declare
                | O::CopyOut
                | O::CopyIn
        )
    }

    /// As the trace spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Executemany => "executemany",
            Self::Callproc => "callproc",
            Self::Stream => "stream",
            Self::Declare => "declare",
            Self::CopyOut => "copy_out",
            Self::CopyIn => "copy_in",
            Self::TypeInfo => "type_info",
            Self::Notifies => "notifies",
            Self::Sync => "sync",
            Self::Begin => "begin",
            Self::Commit => "commit",
            Self::Rollback => "rollback",
            Self::TpcBegin => "tpc_begin",
            Self::TpcPrepare => "tpc_prepare",
            Self::TpcCommit => "tpc_commit",
            Self::TpcRollback => "tpc_rollback",
            Self::TpcRecover => "tpc_recover",
        }
    }
}
