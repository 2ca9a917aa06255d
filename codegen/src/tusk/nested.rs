//! Arrays, ranges and composites: their brackets and their quotes.
//!
//! Knows nothing of what their elements are.

use super::json::{Fault, Json, Value};
use super::value::scalar;
use crate::pg_type::PgType;
use crate::python_form::{PythonForm, python_form};

/// `{1,NULL,"a b"}`; lists within lists are further dimensions.
pub fn array(cell: &Json<'_>, of: PgType) -> Result<String, Fault> {
    let Value::List(items) = &cell.value else {
        return Err(cell.fault("a value that is no array"));
    };
    let form = python_form(of);
    // A list may be a further dimension or one of these values; the span does not say which.
    let lists = items.iter().any(|each| each.list().is_some());
    if lists && matches!(form, PythonForm::Json | PythonForm::Jsonb | PythonForm::Multirange) {
        return Err(cell.fault("an array whose dimensions cannot be told from its elements"));
    }
    let depth = depth(cell, form == PythonForm::Record);
    if items.is_empty() {
        return Ok("{}".to_owned());
    }
    dimension(cell, of, depth)
}

/// How many dimensions; the innermost lists are records where the elements are records.
fn depth(cell: &Json<'_>, of_records: bool) -> usize {
    let mut depth: usize = 0;
    let mut here = cell;
    while let Some(items) = here.list() {
        depth += 1;
        match items.iter().find(|each| !matches!(each.value, Value::Null)) {
            Some(first) => here = first,
            None => break,
        }
    }
    if of_records { depth.saturating_sub(1).max(1) } else { depth }
}

fn dimension(cell: &Json<'_>, of: PgType, depth: usize) -> Result<String, Fault> {
    let items = cell.list().filter(|items| !items.is_empty());
    let Some(items) = items else {
        return Err(cell.fault("an array whose dimensions are uneven"));
    };
    if depth > 1 {
        let length = items[0].list().map(<[_]>::len);
        if items.iter().any(|each| each.list().map(<[_]>::len) != length) {
            return Err(cell.fault("an array whose dimensions are uneven"));
        }
    }
    let mut texts = Vec::with_capacity(items.len());
    for each in items {
        texts.push(match &each.value {
            Value::Null => "NULL".to_owned(),
            _ if depth > 1 => dimension(each, of, depth - 1)?,
            _ => quoted_in_array(&scalar(each, of)?, of.delimiter()),
        });
    }
    Ok(format!("{{{}}}", texts.join(&of.delimiter().to_string())))
}

/// An element: `array_out` quotes what would be read as something else.
fn quoted_in_array(text: &str, delimiter: char) -> String {
    let plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && !text.contains(|c| matches!(c, '"' | '\\' | '{' | '}') || c == delimiter || is_space(c));
    if plain {
        return text.to_owned();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// `[1,10)`, `empty`; a bound that is null is left out.
pub fn range(
    cell: &Json<'_>,
    bound: impl Fn(&Json<'_>) -> Result<String, Fault>,
) -> Result<String, Fault> {
    let Some(("__range__", content)) = cell.single() else {
        return Err(cell.fault("a value that is no range"));
    };
    if let Some(("empty", Json { value: Value::Bool(true), .. })) = content.single() {
        return Ok("empty".to_owned());
    }
    let bounds = content.get("bounds").and_then(Json::text);
    let (Some(lower), Some(upper), Some(bounds @ ("[]" | "[)" | "(]" | "()"))) =
        (content.get("lower"), content.get("upper"), bounds)
    else {
        return Err(cell.fault("a value that is no range"));
    };
    let text = |side: &Json<'_>| match side.value {
        Value::Null => Ok(String::new()),
        _ => bound(side),
    };
    Ok(format!("{}{},{}{}", &bounds[..1], text(lower)?, text(upper)?, &bounds[1..]))
}

/// A bound: `range_out` doubles quotes and backslashes.
pub fn quoted_in_range(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.contains(|c| matches!(c, '"' | '\\' | '(' | ')' | '[' | ']' | ',') || is_space(c));
    if plain { text.to_owned() } else { doubled(text) }
}

/// `(1,"a b",)`: the fields of an anonymous record, which psycopg gives as texts.
pub fn record(cell: &Json<'_>) -> Option<String> {
    let mut texts = Vec::new();
    for field in cell.list()? {
        texts.push(match &field.value {
            Value::Null => String::new(),
            _ => quoted_in_record(field.text()?),
        });
    }
    Some(format!("({})", texts.join(",")))
}

fn quoted_in_record(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.contains(|c| matches!(c, '"' | '\\' | '(' | ')' | ',') || is_space(c));
    if plain { text.to_owned() } else { doubled(text) }
}

fn doubled(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
}

/// As `isspace` says in the C locale.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::{array, record};
    use crate::pg_type::PgType;
    use crate::tusk::json::parse;
    use crate::tusk::value::{ColumnType, text};

    fn encoded(json: &str, of: PgType) -> Result<String, String> {
        array(&parse(json).expect(json), of).map_err(|fault| fault.what)
    }

    #[test]
    fn elements_are_quoted_where_they_would_be_misread() {
        let json = r#"["a", "", "null", null, "a b", "a\"b\\", "{}", "a,b", "é"]"#;
        let server = r#"{a,"","null",NULL,"a b","a\"b\\","{}","a,b",é}"#;
        assert_eq!(encoded(json, PgType::Text).as_deref(), Ok(server));
        assert_eq!(encoded("[]", PgType::Int4).as_deref(), Ok("{}"));
        assert_eq!(encoded(r#"["(1,1),(0,0)"]"#, PgType::Box).as_deref(), Ok("{(1,1),(0,0)}"));
    }

    #[test]
    fn dimensions_are_lists_within_lists() {
        assert_eq!(encoded("[[1,null],[3,4]]", PgType::Int4).as_deref(), Ok("{{1,NULL},{3,4}}"));
        let records = r#"[["1","a b"],[null,"x"]]"#;
        assert_eq!(encoded(records, PgType::Record).as_deref(), Ok(r#"{"(1,\"a b\")","(,x)"}"#));
        for uneven in ["[[1],[2,3]]", "[[1],2]", "[[]]"] {
            assert!(encoded(uneven, PgType::Int4).is_err(), "{uneven}");
        }
        assert!(encoded("[[1]]", PgType::Jsonb).is_err(), "a dimension, or a list of JSON");
    }

    #[test]
    fn ranges_and_records_double_their_quotes() {
        let cell =
            parse(r#"{"__range__":{"lower":"2024-01-01T00:00:00","upper":null,"bounds":"[)"}}"#)
                .expect("JSON");
        let encoded = text(&cell, ColumnType::of(3908)).expect("a range");
        assert_eq!(encoded.as_deref(), Some(r#"["2024-01-01 00:00:00",)"#));
        let cell = parse(r#"["a\"b", null, ""]"#).expect("JSON");
        assert_eq!(record(&cell).as_deref(), Some(r#"("a""b",,"")"#));
        let wrong = parse(r#"{"__range__":{"lower":1,"upper":2,"bounds":"[é"}}"#).expect("JSON");
        assert!(text(&wrong, ColumnType::of(3904)).is_err());
    }
}
