//! What is read in one go is what `serde_json` reads, and nothing that it refuses.

use std::path::Path;

use super::{CellFormat, CellShape, LineText, PlainExchange, TextForm};
use crate::trace::{Event, RowShape};

const SAMPLE: &str = include_str!("../../tests/data/trace.jsonl");

const USUAL: &str = r#"{"exchange":{"id":7,"scope":1,"connection":1,"operation":"execute","text":2,"parameters":{"a":1.5,"b":["é",{"decimal":"1"}]},"results":[{"row_description":1,"rowcount":2,"command_tag":"SELECT 2","rows":[["a\"\\ “b”\u00e9",null],["",""]]},{"rowcount":-1,"command_tag":"","rows":[]}],"notices":[{"severity":"NOTICE"}],"server_parameters":{"TimeZone":"UTC"},"status":"INTRANS"}}"#;

fn shapes(width: usize) -> Vec<CellShape> {
    vec![CellShape::any(CellFormat::Text); width]
}

/// Whether a line is read in one go; if it is, it must be read well.
fn is_plain(text: &str) -> bool {
    let at = LineText { path: Path::new("trace.jsonl"), number: 1, text };
    let of_width =
        |width| PlainExchange::of(at, &|_| Some(shapes(width))).map(|plain| (plain, shapes(width)));
    let Some((plain, shapes)) = (1..5).find_map(of_width) else { return false };
    let mut strict = at.parse().unwrap_or_else(|error| panic!("{text}\n{error}"));
    let Event::Exchange(exchange) = &mut strict.event else { panic!("{text}: no exchange") };
    let results = std::mem::take(&mut exchange.results);
    assert_eq!(format!("{:?}", plain.exchange), format!("{exchange:?}"), "{text}");
    assert_eq!(plain.results.len(), results.len(), "{text}");
    for (plain, result) in plain.results.iter().zip(results) {
        for row in &result.rows {
            at.check_with(row, RowShape(&shapes)).unwrap_or_else(|e| panic!("{text}\n{e}"));
        }
        let rows = result.rows.iter().map(|row| row.get()).collect::<Vec<_>>();
        assert_eq!(plain.rows, rows, "{text}");
        assert_eq!(plain.row_description, result.row_description, "{text}");
        assert_eq!(plain.rowcount, result.rowcount, "{text}");
        assert_eq!(plain.command_tag, result.command_tag.as_deref(), "{text}");
        assert!(result.lastrowid.is_none() && !result.empty && !result.partial, "{text}");
    }
    true
}

#[test]
fn what_a_recorder_writes_is_read_in_one_go() {
    assert!(is_plain(USUAL));
    let exchanges = SAMPLE.lines().filter(|line| line.starts_with("{\"exchange\""));
    let plain = exchanges.clone().filter(|line| is_plain(line)).count();
    assert!(2 * plain > exchanges.count(), "{plain}");
}

#[test]
fn what_is_unusual_is_left_to_others() {
    for (usual, other) in [
        ("\"id\":7", "\"id\": 7"),
        ("\"id\":7", "\"id\":7.0"),
        ("\"id\":7", "\"id\":07"),
        ("\"id\":7", "\"id\":7,\"id\":7"),
        ("\"id\":7", "\"id\":7,\"mood\":7"),
        ("\"id\":7,", ""),
        ("execute", "wish"),
        ("execute", "copy_out"),
        ("execute", "copy_in"),
        ("1.5", "1."),
        ("1.5", "null,"),
        ("\"decimal\"", "\"decimals\""),
        ("[\"\",\"\"]", "[\"\"]"),
        ("[\"\",\"\"]", "[\"\",7]"),
        ("[\"\",\"\"]", "[]"),
        ("u00e9", "ud800"),
        ("u00e9", "u+0e9"),
        ("u00e9", "x"),
        ("“", "\u{1}"),
        ("}}", "}} "),
        ("}}", "}"),
    ] {
        assert!(USUAL.contains(usual));
        assert!(!is_plain(&USUAL.replacen(usual, other, 1)), "{usual} → {other}");
    }
}

#[test]
fn broken_lines_are_never_taken_for_whole_ones() {
    let parts =
        ["\"", "\\", "{", "}", "[", "]", ",", ":", "-", "0", "é", "null", " ", "\\u12", "e"];
    // A generator of Marsaglia's (xorshift), so that every run breaks the same.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit as u64).expect("it is below the limit")
    };
    let mut plain = 0;
    for _ in 0..20_000 {
        let mut text = USUAL.to_owned();
        for _ in 0..=below(2) {
            let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
            let start = starts[below(starts.len())];
            if below(2) == 0 {
                text.remove(start);
            }
            text.insert_str(start, if below(3) == 0 { "" } else { parts[below(parts.len())] });
        }
        plain += usize::from(is_plain(&text));
    }
    assert!(plain > 1000, "{plain}");
}

#[test]
fn cells_have_the_form_of_their_type() {
    let reads = |text: TextForm, cell: &str| {
        let line = format!(
            r#"{{"exchange":{{"id":1,"scope":0,"connection":1,"operation":"execute","results":[{{"row_description":1,"rowcount":1,"rows":[[{cell}]]}}],"status":"IDLE"}}}}"#
        );
        let at = LineText { path: Path::new("trace.jsonl"), number: 1, text: &line };
        let shape = CellShape { text, ..CellShape::any(CellFormat::Text) };
        PlainExchange::of(at, &|_| Some(vec![shape])).is_some()
    };
    let int2 = TextForm::Integer(-32768, 32767);
    for (form, cell, expected) in [
        (int2, r#""7""#, true),
        (int2, "null", true),
        (int2, r#""7a""#, false),
        (int2, r#""40000""#, false),
        // Left to the slow way, which accepts it.
        (int2, r#""\u0037""#, false),
        (TextForm::Bytea, r#""\\x00ff""#, true),
        (TextForm::Bytea, r#""\\x00f""#, false),
        (TextForm::Bytea, r#""\\x00fg""#, false),
        (TextForm::Bytea, r#""plain""#, true),
        (TextForm::Any, r#""\"""#, true),
    ] {
        assert_eq!(reads(form, cell), expected, "{form:?} {cell}");
    }
}
