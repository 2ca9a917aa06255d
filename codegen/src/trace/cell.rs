//! The form of a cell.
//!
//! Never decodes one: a cell is decoded at replay, when it is fetched.

use serde::Deserialize;

/// How the cells of a column are written.
///
/// A cell is *format + bytes + type*: the bytes that the server sent, with the
/// column's type beside them, because values lose what text keeps (an interval's
/// months, an array's lower bounds, the spelling of JSON). Where a driver shows
/// no wire form, the cell is a [tagged value](super::drivers#tagged-values).
///
/// | format | cell |
/// |---|---|
/// | any | `null` for SQL NULL |
/// | `text` | `"1.50"`, the server's text; `{"bytes":"<base64>"}` if the client encoding cannot decode it |
/// | `binary` | `"AAAAAQ=="`, base64 |
/// | `python` | a tagged value |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellFormat {
    /// The server's text.
    Text,
    /// The server's bytes.
    Binary,
    /// What the driver handed to the application.
    Python,
}

impl CellFormat {
    /// As the trace spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Python => "python",
        }
    }
}
