//! Invented statements and results over twenty types.
//!
//! Writes no file and knows nothing of scopes.

use std::fmt::Write;

use super::numbers::Numbers;

/// Name, OID and size of the types whose values [`cell`] invents.
const TYPES: [(&str, u32, i32); 20] = [
    ("int4", 23, 4),
    ("text", 25, -1),
    ("int8", 20, 8),
    ("varchar", 1043, -1),
    ("timestamptz", 1184, 8),
    ("numeric", 1700, -1),
    ("bool", 16, 1),
    ("float8", 701, 8),
    ("uuid", 2950, 16),
    ("jsonb", 3802, -1),
    ("date", 1082, 4),
    ("int2", 21, 2),
    ("timestamp", 1114, 8),
    ("bytea", 17, -1),
    ("time", 1083, 8),
    ("interval", 1186, 16),
    ("bpchar", 1042, -1),
    ("float4", 700, 4),
    ("_int4", 1007, -1),
    ("inet", 869, -1),
];
/// Of a result, besides the first, which is a number.
const COLUMNS: usize = 7;
/// Each takes its columns from the types in turn.
const DESCRIPTIONS: usize = 20;

pub fn header() -> [String; 3] {
    [
        r#"{"trace":{"version":1,"profile":"psycopg","packages":{"psycopg":"3.3.9"},"started_at":"2026-11-23T00:00:00+00:00"}}"#,
        r#"{"scope":{"id":0,"name":"start-up","kind":"start-up"}}"#,
        r#"{"connect":{"id":1,"scope":0,"server_parameters":{"server_version":"18.6","server_encoding":"UTF8","client_encoding":"UTF8","DateStyle":"ISO, MDY","IntervalStyle":"postgres","TimeZone":"Etc/UTC"},"status":"IDLE"}}"#,
    ]
    .map(str::to_owned)
}

pub fn row_descriptions() -> impl Iterator<Item = String> {
    (0..DESCRIPTIONS).map(|number| {
        let mut columns = column("number", TYPES[0]);
        for place in 0..COLUMNS {
            columns.push(',');
            let kind = kind_of(number, place);
            columns += &column(&format!("{}_{place}", TYPES[kind].0), TYPES[kind]);
        }
        let id = number + 1;
        format!(r#"{{"row_description":{{"id":{id},"columns":[{columns}]}}}}"#)
    })
}

fn column(name: &str, (type_name, oid, size): (&str, u32, i32)) -> String {
    format!(
        r#"{{"name":"{name}","type":"{type_name}","type_oid":{oid},"typmod":-1,"size":{size},"format":"text"}}"#
    )
}

fn kind_of(description: usize, place: usize) -> usize {
    (description + place * 3) % TYPES.len()
}

pub fn sql(number: usize) -> String {
    format!(
        "SELECT item_{number}.number, item_{number}.title, item_{number}.amount, owners.name, owners.email, owners.created_at, count(lines.id) AS count_1, max(lines.changed_at) AS max_1 \\nFROM item_{number} JOIN owners ON owners.id = item_{number}.owner_id LEFT OUTER JOIN lines ON lines.item_id = item_{number}.id \\nWHERE item_{number}.number >= %(number)s::INTEGER AND owners.email = %(email)s::VARCHAR AND lines.changed_at < %(before)s::TIMESTAMP WITH TIME ZONE ORDER BY item_{number}.number"
    )
}

/// An exchange from its operation on, and how many rows it has.
#[derive(Clone)]
pub struct Asked {
    pub json: String,
    pub rows: usize,
}

impl Asked {
    pub fn new(numbers: &mut Numbers, text: usize, number: usize) -> Self {
        let description = numbers.below(DESCRIPTIONS);
        // Most results have few rows, and some have hundreds.
        let rows =
            if numbers.below(20) == 0 { 100 + numbers.below(300) } else { 1 + numbers.below(10) };
        let day = 1 + numbers.below(28);
        let mut json = format!(
            r#""operation":"execute","text":{text},"parameters":{{"before":{{"datetime":"2026-11-{day:02}T10:20:30.405060+00:00"}},"email":"user{number}@example.org","number":{number}}},"results":[{{"row_description":{},"rowcount":{rows},"command_tag":"SELECT {rows}","rows":["#,
            description + 1
        );
        for row in 0..rows {
            let separator = if row == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(json, r#"{separator}["{}""#, number + row);
            for place in 0..COLUMNS {
                json.push(',');
                cell(&mut json, numbers, kind_of(description, place));
            }
            json.push(']');
        }
        json += r#"]}],"status":"INTRANS"}}"#;
        Self { json, rows }
    }
}

/// The server's text of some value; one in twenty is NULL.
fn cell(json: &mut String, numbers: &mut Numbers, kind: usize) {
    if numbers.below(20) == 0 {
        json.push_str("null");
        return;
    }
    let (n, long) = (numbers.below(100_000), numbers.next());
    let (day, hour, minute) = (1 + n % 28, n % 24, n % 60);
    // Writing to a String cannot fail.
    let _ = match TYPES[kind].0 {
        "int2" => write!(json, r#""{}""#, n % 32_768),
        "int4" => write!(json, r#""{n}""#),
        // Nineteen digits, as no card has them that begins so.
        "int8" => write!(json, r#""{}""#, (1 << 62) | (long >> 2)),
        "float4" => write!(json, r#""{}.5""#, n % 1000),
        "float8" => write!(json, r#""{n}.{:03}""#, long % 1000 + 1),
        "numeric" => write!(json, r#""{n}.{:02}""#, long % 100),
        "bool" => write!(json, r#""{}""#, if n % 2 == 0 { "t" } else { "f" }),
        "varchar" => write!(json, r#""user{n}@example.org""#),
        "bpchar" => write!(json, r#""code {n:<10}""#),
        "date" => write!(json, r#""2026-{:02}-{day:02}""#, 1 + n % 12),
        "time" => write!(json, r#""{hour:02}:{minute:02}:07.{n:06}""#),
        "timestamp" => write!(json, r#""2026-11-{day:02} {hour:02}:{minute:02}:07.{n:06}""#),
        "timestamptz" => write!(json, r#""2026-11-{day:02} {hour:02}:{minute:02}:07.{n:06}+00""#),
        "interval" => write!(json, r#""{day} days {hour:02}:{minute:02}:00""#),
        "uuid" => write!(
            json,
            r#""{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}""#,
            long >> 32,
            n % 65_536,
            n % 4096,
            day,
            long >> 16
        ),
        "jsonb" => write!(
            json,
            r#""{{\"id\": {n}, \"tags\": [\"new\", \"open\"], \"note\": \"it's number {n}\", \"parent\": null}}""#
        ),
        "bytea" => write!(json, r#""\\x{long:016x}""#),
        "_int4" => write!(json, r#""{{{n},{hour},{minute}}}""#),
        "inet" => write!(json, r#""10.{}.{hour}.{minute}""#, n % 256),
        _ => write!(
            json,
            r#""Paragraph {n}: a text of some length, with \"quotes\", a line\nfeed and an umlaut: äöü.""#
        ),
    };
}
