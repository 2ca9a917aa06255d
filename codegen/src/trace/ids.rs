//! Ids of a trace, one type each, so that none can be used for another.
//!
//! Says nothing about what an id refers to; the reader checks that.

use serde::Deserialize;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Of a SQL text.
    TextId
}
id! {
    /// Of a row description.
    RowDescriptionId
}
id! {
    /// Of a scope; 0 is always start-up.
    ScopeId
}
id! {
    /// Of a connection.
    ConnectionId
}
id! {
    /// Of an exchange.
    ExchangeId
}

impl ScopeId {
    /// What belongs to no request and no test.
    pub const START_UP: Self = Self(0);
}
