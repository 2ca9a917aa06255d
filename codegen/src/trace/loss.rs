//! What a recorder did not keep of an exchange.
//!
//! Our own recorder loses nothing; other recorders do, and say so here.

use serde::{Deserialize, Serialize};

/// One kind of what was lost, which decides how the exchange is matched at replay:
///
/// | loss | what that means |
/// |---|---|
/// | `white_space` | the text has lost white space at its ends; so has the one asked |
/// | `bind_names` | placeholders stand in the text as `%(__td_param__)s`, and parameters by folded name, each an array of values: known values must be equal as multisets, and of several the exchange is taken in its turn |
/// | `parameters` | some values are `{"lost":null}`, or all are unknown; the exchange is taken in its turn |
/// | `types` | a text among the parameters may have been another type of that text |
/// | `description` | columns were taken from another exchange of the same text |
/// | `command_tag` | null where the server sent one |
/// | `diagnostics` | an error has its class, SQLSTATE and message only |
/// | `status` | the transaction status follows from the client's state |
/// | `outcome` | asking for the exchange is a miss; those behind it answer from then on |
///
/// In its turn: if it is the first that is left of its text in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the table above says what each is")]
pub enum Loss {
    WhiteSpace,
    BindNames,
    Parameters,
    Types,
    Description,
    CommandTag,
    Diagnostics,
    Status,
    Outcome,
}
