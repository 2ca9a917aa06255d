//! JSON as Python's `json` module writes it, with the place of each value.
//!
//! `serde_json` refuses the `NaN` that Python writes, sorts or merges keys, rounds
//! numbers beyond 64 bits, and does not say where in a line a value stood; here all
//! four matter. Knows nothing of spans.

use std::borrow::Cow;

/// Deeper than anything that a driver decodes, and shallow enough for a thread's stack.
const DEEPEST: usize = 600;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Json<'a> {
    /// Bytes before it in its line.
    pub at: usize,
    /// What it is.
    pub value: Value<'a>,
}

/// A value of JSON, or one of the numbers that Python adds.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// As it is spelled: `1` and `1.0` differ. `NaN`, `Infinity` and `-Infinity` are numbers, too.
    Number(&'a str),
    /// With its escapes resolved.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An object, with its keys in their order.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// What is wrong in a line, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes before it in its line.
    pub at: usize,
    /// In lower case, without a final stop.
    pub what: String,
    /// The line ended too early: it may have been cut off.
    pub at_end: bool,
}

/// The one value of a line.
pub fn parse(line: &str) -> Result<Json<'_>, Fault> {
    let mut parser = Parser { line, at: 0 };
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.at == line.len() { Ok(value) } else { Err(parser.fault("text after the value")) }
}

impl Json<'_> {
    /// The value of a key, of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Object(pairs) => {
                // Python's reader keeps the last of equal keys.
                pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text, of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, of an integer that fits.
    pub fn integer(&self) -> Option<i64> {
        match &self.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    /// The elements, of an array.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is an object without keys.
    pub fn is_empty_object(&self) -> bool {
        matches!(&self.value, Value::Object(pairs) if pairs.is_empty())
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// Key and value, of an object that has just one.
    pub fn single(&self) -> Option<(&str, &Self)> {
        match &self.value {
            Value::Object(pairs) => match pairs.as_slice() {
                [(key, value)] => Some((key, value)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A fault at this value.
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { at: self.at, what: what.into(), at_end: false }
    }
}

struct Parser<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<Json<'a>, Fault> {
        self.skip_space();
        let at = self.at;
        if depth > DEEPEST {
            return Err(self.fault(format!("nested deeper than {DEEPEST} levels")));
        }
        let value = match self.peek() {
            Some(b'"') => Value::Text(self.string()?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => Value::Number(self.number()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.fault("expected a value")),
        };
        Ok(Json { at, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json<'a>>, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.eat(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(items);
            }
            self.expect(b',', "expected `,` or `]`")?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, Fault> {
        self.at += 1;
        let mut pairs = Vec::new();
        self.skip_space();
        if self.eat(b'}') {
            return Ok(pairs);
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("expected a key"));
            }
            let key = self.string()?;
            self.skip_space();
            self.expect(b':', "expected `:`")?;
            pairs.push((key, self.value(depth + 1)?));
            self.skip_space();
            if self.eat(b'}') {
                return Ok(pairs);
            }
            self.expect(b',', "expected `,` or `}`")?;
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut copied = start;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = &self.line[copied..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        Some(text) => Cow::Owned(text + rest),
                        None => Cow::Borrowed(rest),
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.line[copied..self.at]);
                    let c = self.escape()?;
                    owned.get_or_insert_default().push(c);
                    copied = self.at;
                }
                Some(0..=0x1f) => return Err(self.fault("a control character within a string")),
                Some(_) => self.at += 1,
                None => return Err(self.fault("a string without an end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode(start);
            }
            _ => return Err(self.fault("an unknown escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self, start: usize) -> Result<char, Fault> {
        let lone = Fault { at: start, what: "a lone surrogate".to_owned(), at_end: false };
        let first = self.hex()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        if !(first < 0xdc00 && self.line[self.at..].starts_with("\\u")) {
            return Err(lone);
        }
        self.at += 2;
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(lone);
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(lone)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let digits = self.line.get(self.at..self.at + 4).filter(|text| is_hex(text));
        let Some(code) = digits.and_then(|text| u32::from_str_radix(text, 16).ok()) else {
            return Err(self.fault("expected four hexadecimal digits"));
        };
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.eat(b'-');
        for name in ["NaN", "Infinity"] {
            if self.line[self.at..].starts_with(name) {
                self.at += name.len();
                return Ok(&self.line[start..self.at]);
            }
        }
        // A leading zero stands alone.
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.fault("expected a digit"));
        }
        if self.eat(b'.') && self.digits() == 0 {
            return Err(self.fault("expected a digit"));
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(self.fault("expected a digit"));
            }
        }
        Ok(&self.line[start..self.at])
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Fault> {
        if self.line[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        let rest = self.line.len() - self.at;
        let mut fault = self.fault("expected a value");
        fault.at_end = rest < word.len() && word.starts_with(&self.line[self.at..]);
        Err(fault)
    }

    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { Err(self.fault(what)) }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { at: self.at, what: what.into(), at_end: self.at == self.line.len() }
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{Value, parse};

    #[test]
    fn values_keep_spelling_order_and_place() {
        let line = r#"{"b": [1.0, 1, NaN, -Infinity], "a": "x\u00e9\ud83d\ude00\n", "b2": null}"#;
        let json = parse(line).expect("it is JSON");
        let list = json.get("b").and_then(|each| each.list().map(<[_]>::to_vec)).expect("a list");
        let spelled: Vec<String> = list.iter().map(|each| format!("{:?}", each.value)).collect();
        let expected = ["1.0", "1", "NaN", "-Infinity"].map(|each| format!("Number({each:?})"));
        assert_eq!(spelled, expected);
        assert_eq!(&line[list[1].at..=list[1].at], "1");
        assert_eq!(json.get("a").and_then(super::Json::text), Some("xé😀\n"));
        let Value::Object(pairs) = &json.value else { panic!("an object") };
        assert_eq!(pairs.iter().map(|(key, _)| &**key).collect::<Vec<_>>(), ["b", "a", "b2"]);
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        let cases = [
            ("", 0, true),
            ("{\"a\":", 5, true),
            ("{\"a\":tru", 5, true),
            ("{\"a\":trv}", 5, false),
            ("[01]", 2, false),
            ("\"\\ud800\"", 1, false),
            ("\"\\ud800\\u0041\"", 1, false),
            ("[1] 2", 4, false),
            ("\"a\tb\"", 2, false),
            ("\"\\u+123\"", 3, false),
        ];
        for (line, at, at_end) in cases {
            let fault = parse(line).expect_err(line);
            assert_eq!((fault.at, fault.at_end), (at, at_end), "{line}: {}", fault.what);
        }
        assert!(parse(&"[".repeat(100_000)).is_err(), "no stack overflow");
    }
}
