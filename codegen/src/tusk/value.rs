//! A cell of a span → the server's text of it, by the OID of its column.
//!
//! Guesses no type from the look of a text: the OID says what a text stands for. What
//! does not fit its type is a fault, and never written some other way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::json::{Fault, Json, Value};
use super::nested::{array, quoted_in_range, range, record};
use super::{moment, number};
use crate::pg_type::PgType;
use crate::python_form::{PythonForm, python_form};
use crate::recording::text_form;

/// The type of a column, as far as its OID says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// A type of the server's own.
    BuiltIn(PgType),
    /// An array of one.
    ArrayOf(PgType),
    /// A type that a user made, whose OID means nothing elsewhere.
    User,
}

impl ColumnType {
    /// The type of an OID.
    pub fn of(oid: u64) -> Self {
        let is = |each: &u32| u64::from(*each) == oid;
        for &each in PgType::ALL {
            if is(&each.oid()) {
                return Self::BuiltIn(each);
            }
            if each.array_oid().as_ref().is_some_and(is) {
                return Self::ArrayOf(each);
            }
        }
        Self::User
    }

    /// As `pg_type` names it; none for a user's type, whose name the span does not tell.
    pub fn name(self) -> Option<String> {
        match self {
            Self::BuiltIn(each) => Some(each.name().to_owned()),
            Self::ArrayOf(each) => Some(format!("_{}", each.name())),
            Self::User => None,
        }
    }
}

/// The text of a cell; none for SQL NULL.
pub fn text(cell: &Json<'_>, column: ColumnType) -> Result<Option<String>, Fault> {
    if matches!(cell.value, Value::Null) {
        return Ok(None);
    }
    let text = match column {
        ColumnType::BuiltIn(each) => scalar(cell, each)?,
        ColumnType::ArrayOf(each) if cell.list().is_some() => array(cell, each)?,
        // Psycopg gives the text of what is not registered.
        ColumnType::ArrayOf(each) => plain(cell)
            .ok_or_else(|| cell.fault(format!("a value that is no array of {}", each.name())))?,
        ColumnType::User => plain(cell).ok_or_else(|| {
            cell.fault("a value of a user's type, of which the span does not tell the type")
        })?,
    };
    Ok(Some(text))
}

/// The text of a value that is neither null nor an array.
pub fn scalar(cell: &Json<'_>, of: PgType) -> Result<String, Fault> {
    let form = python_form(of);
    let text = match form {
        PythonForm::Bool => match cell.value {
            Value::Bool(value) => Some(if value { "t" } else { "f" }.to_owned()),
            _ => None,
        },
        PythonForm::Int => number_of(cell).and_then(number::integer),
        PythonForm::Float => {
            let precision = if of == PgType::Float4 { 6 } else { 15 };
            number_of(cell).and_then(|spelled| number::float(spelled, precision))
        }
        PythonForm::Numeric => match number_of(cell) {
            Some(spelled) => number::integer(spelled),
            None => tagged(cell, "__decimal__").and_then(Json::text).and_then(number::numeric),
        },
        PythonForm::Date => tagged(cell, "__date__").and_then(Json::text).and_then(moment::date),
        PythonForm::Time => tagged(cell, "__time__").and_then(Json::text).and_then(moment::time),
        PythonForm::Timetz => {
            tagged(cell, "__time__").and_then(Json::text).and_then(moment::timetz)
        }
        PythonForm::Timestamp => cell.text().and_then(moment::timestamp),
        PythonForm::Timestamptz => cell.text().and_then(moment::timestamptz),
        PythonForm::Interval => {
            tagged(cell, "__timedelta__").and_then(number_of).and_then(moment::interval)
        }
        PythonForm::Uuid => tagged(cell, "__uuid__").and_then(plain),
        PythonForm::Bytes => bytes(cell).map(|bytes| hex(&bytes)),
        PythonForm::Json | PythonForm::Jsonb => document(cell),
        PythonForm::Record => record(cell),
        PythonForm::Range => match of.range_subtype() {
            Some(subtype) => return range(cell, |bound| bound_text(bound, subtype)),
            None => None,
        },
        PythonForm::Multirange => match of.range().and_then(PgType::range_subtype) {
            Some(subtype) => return multirange(cell, subtype),
            None => None,
        },
        PythonForm::Cidr | PythonForm::Inet | PythonForm::Raw | PythonForm::Text => plain(cell),
    };
    let text = text.filter(|text| text_form(of).fits(text));
    text.ok_or_else(|| cell.fault(format!("a value that is no {}", of.name())))
}

/// What stands under a tag.
pub fn tagged<'c, 'a>(cell: &'c Json<'a>, tag: &str) -> Option<&'c Json<'a>> {
    cell.single().filter(|(key, _)| *key == tag).map(|(_, value)| value)
}

/// The bytes of a value that was bytes, of which the span keeps as text what is UTF-8.
pub fn bytes(cell: &Json<'_>) -> Option<Vec<u8>> {
    match cell.text() {
        Some(text) => Some(text.as_bytes().to_vec()),
        None => STANDARD.decode(tagged(cell, "__bytes__")?.text()?).ok(),
    }
}

fn plain(cell: &Json<'_>) -> Option<String> {
    cell.text().map(str::to_owned)
}

fn number_of<'a>(cell: &Json<'a>) -> Option<&'a str> {
    match cell.value {
        Value::Number(spelled) => Some(spelled),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let text = digits.map(|digit| char::from(DIGITS[usize::from(digit)]));
    "\\x".chars().chain(text).collect()
}

fn bound_text(bound: &Json<'_>, subtype: PgType) -> Result<String, Fault> {
    Ok(quoted_in_range(&scalar(bound, subtype)?))
}

fn multirange(cell: &Json<'_>, subtype: PgType) -> Result<String, Fault> {
    let Some(ranges) = cell.list() else {
        return Err(cell.fault("a value that is no multirange"));
    };
    let ranges = ranges.iter().map(|each| range(each, |bound| bound_text(bound, subtype)));
    Ok(format!("{{{}}}", ranges.collect::<Result<Vec<_>, _>>()?.join(",")))
}

/// JSON as `jsonb` prints it; numbers keep their spelling, as they decide between int and
/// float. None for a number that the server's JSON cannot have.
fn document(cell: &Json<'_>) -> Option<String> {
    let text = match &cell.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(spelled) if spelled.ends_with(['N', 'y']) => return None,
        Value::Number(spelled) => (*spelled).to_owned(),
        Value::Text(text) => serde_json::to_string(text).ok()?,
        Value::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(document).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(pairs) => {
            let pairs: Option<Vec<String>> = pairs
                .iter()
                .map(|(key, value)| {
                    Some(format!("{}: {}", serde_json::to_string(key).ok()?, document(value)?))
                })
                .collect();
            format!("{{{}}}", pairs?.join(", "))
        }
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{ColumnType, text};
    use crate::tusk::json::parse;

    fn encoded(json: &str, oid: u64) -> Result<Option<String>, String> {
        let cell = parse(json).expect(json);
        text(&cell, ColumnType::of(oid)).map_err(|fault| fault.what)
    }

    #[test]
    fn the_oid_says_what_a_text_is() {
        let iso = r#""2026-11-23T20:47:35.962359+00:00""#;
        assert_eq!(encoded(iso, 1184), Ok(Some("2026-11-23 20:47:35.962359+00".into())));
        assert_eq!(encoded(iso, 25), Ok(Some("2026-11-23T20:47:35.962359+00:00".into())));
        assert_eq!(encoded(iso, 114), Ok(Some(iso.into())));
        assert_eq!(encoded(r#""plain""#, 17), Ok(Some("\\x706c61696e".into())));
        assert_eq!(encoded(r#"{"__uuid__":"x"}"#, 3802), Ok(Some(r#"{"__uuid__": "x"}"#.into())));
        assert_eq!(encoded("null", 3802), Ok(None));
    }

    #[test]
    fn what_does_not_fit_its_type_is_a_fault() {
        let cases = [
            ("1.0", 23),
            ("true", 25),
            ("1", 16),
            (r#""soon""#, 1114),
            (r#""x""#, 2950),
            (r#"{"a":1}"#, 32880),
            ("[NaN]", 114),
            (r#"{"__bytes__":"?"}"#, 17),
        ];
        for (json, oid) in cases {
            assert!(encoded(json, oid).is_err(), "{json} as {oid}");
        }
    }
}
