//! The table of SQLSTATEs: condition, psycopg's class and its PEP 249 base.
//!
//! Knows no messages; those come from the server.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::camel_case;
use crate::error::{Error, Result};

/// Which PEP 249 exception the conditions of a SQLSTATE class are, as psycopg
/// documents it ("`SQLSTATE` exceptions"). The standard gives a class its
/// meaning, so that a new condition in a known class needs no change here.
const BASES: &[(&str, &[&str])] = &[
    ("DatabaseError", &["02", "03", "09", "0B", "0F", "0L", "0P", "0Z", "72"]),
    ("DataError", &["22"]),
    ("IntegrityError", &["23"]),
    ("InternalError", &["24", "25", "2B", "2D", "XX"]),
    ("NotSupportedError", &["0A"]),
    (
        "OperationalError",
        &["08", "27", "28", "2F", "38", "39", "3B", "40", "53", "54", "55", "57", "58", "F0", "HV"],
    ),
    ("ProgrammingError", &["10", "20", "21", "26", "34", "3D", "3F", "42", "44", "P0"]),
];

struct Condition<'d> {
    code: &'d str,
    name: &'d str,
    class: String,
    base: &'static str,
}

/// The table, sorted by SQLSTATE.
pub fn tokens(data: &[&str]) -> Result<TokenStream> {
    let mut conditions = Vec::new();
    let mut classes = BTreeSet::new();
    for line in data.iter().flat_map(|text| text.lines()) {
        conditions.extend(condition(line, &mut classes)?);
    }
    conditions.sort_by_key(|condition| condition.code);
    if let Some(pair) = conditions.windows(2).find(|pair| pair[0].code == pair[1].code) {
        return Err(Error::Defect(format!("errcodes.txt: {} has two names", pair[0].code)));
    }
    let rows = conditions.iter().map(|condition| {
        let Condition { code, name, class, base } = condition;
        let base = Ident::new(base, Span::call_site());
        quote! {
            Condition { sqlstate: #code, name: #name, class: #class, base: Pep249::#base }
        }
    });
    Ok(quote! {
        use super::{Condition, Pep249};

        /// All conditions that are errors, by SQLSTATE.
        pub const CONDITIONS: &[Condition] = &[#(#rows),*];
    })
}

/// The condition of a line, if it has one of its own that an exception stands for.
fn condition<'d>(line: &'d str, classes: &mut BTreeSet<String>) -> Result<Option<Condition<'d>>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') || line.starts_with("Section:") {
        return Ok(None);
    }
    let mut fields = line.split_whitespace();
    let (Some(code), Some(severity), Some(_macro_name)) =
        (fields.next(), fields.next(), fields.next())
    else {
        return Err(Error::Defect(format!("errcodes.txt: cannot read `{line}`")));
    };
    // A line without a condition's name only gives another macro to a code.
    let Some(name) = fields.next() else { return Ok(None) };
    // Success and warnings raise nothing, but "no data" is one that psycopg has
    // exceptions for.
    if severity != "E" && !code.starts_with("02") {
        return Ok(None);
    }
    let base = BASES
        .iter()
        .find(|(_, classes)| classes.contains(&&code[..2]))
        .map(|(base, _)| *base)
        .ok_or_else(|| {
            Error::Defect(format!(
                "errcodes.txt: SQLSTATE class {} has no PEP 249 base",
                &code[..2]
            ))
        })?;
    let mut class = camel_case(name);
    // psycopg's own names where two would be equal: the class of external
    // routines repeats conditions of the standard's, and one condition is named
    // as its base.
    if BASES.iter().any(|(base, _)| *base == class) {
        class.push('_');
    } else if classes.contains(&class) {
        class.push_str("Ext");
    }
    if !classes.insert(class.clone()) {
        return Err(Error::Defect(format!("errcodes.txt: two conditions are named {class}")));
    }
    Ok(Some(Condition { code, name, class, base }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::condition;

    #[test]
    fn classes_are_named_as_psycopg_names_them() {
        let mut classes = BTreeSet::new();
        let mut class = |line| {
            let condition = condition(line, &mut classes).expect("the line can be read");
            condition.map(|condition| (condition.class, condition.base))
        };
        let found = |class: &str, base| Some((class.to_owned(), base));
        assert_eq!(class("23505 E X unique_violation"), found("UniqueViolation", "IntegrityError"));
        assert_eq!(
            class("22004 E X null_value_not_allowed"),
            found("NullValueNotAllowed", "DataError")
        );
        assert_eq!(
            class("39004 E X null_value_not_allowed"),
            found("NullValueNotAllowedExt", "OperationalError")
        );
        assert_eq!(class("XX000 E X internal_error"), found("InternalError_", "InternalError"));
        assert_eq!(class("02000 W X no_data"), found("NoData", "DatabaseError"));
        assert_eq!(class("01000 W X warning"), None);
        assert_eq!(class("34000 E ERRCODE_UNDEFINED_CURSOR"), None);
        assert_eq!(class("Section: Class 00"), None);
    }

    #[test]
    fn an_unknown_class_is_refused() {
        assert!(condition("QQ000 E X new", &mut BTreeSet::new()).is_err());
    }
}
