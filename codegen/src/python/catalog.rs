//! The runtime's table of types and errors, printed from the Rust tables.
//!
//! The same for every fixture, whatever was recorded.

use std::fmt::Write as _;

use super::literal::string;
use crate::pg_type::PgType;
use crate::python_form::python_form;
use crate::sqlstate::CONDITIONS;

/// `runtime/catalog.py`, without its header.
pub fn catalog() -> String {
    let mut text = String::from(
        "\"\"\"PostgreSQL's built-in types and errors, from a server's own catalog.\"\"\"\n\n\
         # (oid, name, oid of its array, name in SQL, delimiter in arrays,\n\
         #  subtype of a range or range of a multirange); 0 where there is none.\n\
         TYPES: tuple[tuple[int, str, int, str, str, int], ...] = (\n",
    );
    for &each in PgType::ALL {
        let related = each.range_subtype().or(each.range()).map_or(0, PgType::oid);
        entry(
            &mut text,
            &[
                each.oid().to_string(),
                string(each.name()),
                each.array_oid().unwrap_or_default().to_string(),
                string(each.regtype()),
                string(&each.delimiter().to_string()),
                related.to_string(),
            ],
        );
    }
    text.push_str(")\n\n# What a value of the type is in Python; an array is a list of these.\n");
    text.push_str("FORMS: dict[int, str] = {\n");
    for &each in PgType::ALL {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "    {}: {},", each.oid(), string(python_form(each).name()));
    }
    text.push_str(
        "}\n\n# (sqlstate, class in psycopg.errors, PEP 249 class that it derives from)\n",
    );
    text.push_str("SQLSTATES: tuple[tuple[str, str, str], ...] = (\n");
    for each in CONDITIONS {
        entry(&mut text, &[string(each.sqlstate), string(each.class), string(each.base.name())]);
    }
    text.push_str(")\n");
    text
}

/// A tuple as `ruff format` lays it out.
fn entry(text: &mut String, items: &[String]) {
    let line = format!("    ({}),", items.join(", "));
    if line.len() <= 88 {
        text.push_str(&line);
    } else {
        text.push_str("    (\n");
        for item in items {
            let _ = writeln!(text, "        {item},");
        }
        text.push_str("    ),");
    }
    text.push('\n');
}
