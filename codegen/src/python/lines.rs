//! JSON that is written field by field, one value a line.
//!
//! Knows nothing of what the fields mean.

use serde::Serialize;
use serde_json::value::RawValue;

use super::literal::Visible;
use crate::error::{Error, Result};

/// Lines of JSON below an empty one.
#[derive(Debug)]
pub struct Lines(String);

/// Where a value is to be written.
pub struct Json<'l>(&'l mut String);

/// An object or an array that is being written.
pub struct Items<'l> {
    out: &'l mut String,
    /// What stands before the next item.
    before: char,
    end: char,
}

impl Default for Lines {
    fn default() -> Self {
        Self::of_size(0)
    }
}

impl Lines {
    /// With room for so many bytes.
    pub fn of_size(size: usize) -> Self {
        let mut text = String::with_capacity(size + 1);
        text.push('\n');
        Self(text)
    }

    /// Adds a value that is JSON already.
    pub fn push(&mut self, json: &str) {
        self.0.push_str(json);
        self.end_line();
    }

    /// Starts a line that is an object.
    pub fn object(&mut self) -> Items<'_> {
        Json(&mut self.0).object()
    }

    /// Starts a line that is an array.
    pub fn array(&mut self) -> Items<'_> {
        Json(&mut self.0).array()
    }

    /// Ends a line that was started.
    pub fn end_line(&mut self) {
        self.0.push('\n');
    }

    /// All of them, as a block can hold them.
    pub fn finish(self) -> Visible {
        Visible::of_json(self.0)
    }
}

impl<'l> Json<'l> {
    /// Writes JSON.
    pub fn raw(self, json: &str) {
        self.0.push_str(json);
    }

    /// Writes a number.
    pub fn number(self, number: impl itoa::Integer) {
        self.0.push_str(itoa::Buffer::new().format(number));
    }

    /// Writes a string.
    pub fn text(self, text: &str) -> Result<()> {
        let plain = |byte: u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
        if text.bytes().all(plain) {
            self.0.push('"');
            self.0.push_str(text);
            self.0.push('"');
            return Ok(());
        }
        self.value(&text)
    }

    /// Writes whatever `serde_json` can.
    pub fn value(self, value: &impl Serialize) -> Result<()> {
        self.0.push_str(&to_json(value)?);
        Ok(())
    }

    /// Starts an object.
    pub fn object(self) -> Items<'l> {
        Items { out: self.0, before: '{', end: '}' }
    }

    /// Starts an array.
    pub fn array(self) -> Items<'l> {
        Items { out: self.0, before: '[', end: ']' }
    }
}

impl Items<'_> {
    /// Where the next item belongs.
    #[inline]
    pub fn item(&mut self) -> Json<'_> {
        self.out.push(self.before);
        self.before = ',';
        Json(self.out)
    }

    /// Where the value of a key belongs, which must need no escapes.
    #[inline]
    pub fn key(&mut self, key: &'static str) -> Json<'_> {
        let Json(out) = self.item();
        out.push('"');
        out.push_str(key);
        out.push_str("\":");
        Json(out)
    }

    /// Writes a field if it has a value.
    pub fn optional(&mut self, key: &'static str, value: Option<&RawValue>) {
        if let Some(value) = value {
            self.key(key).raw(value.get());
        }
    }

    /// Writes a field if it is true.
    pub fn flag(&mut self, key: &'static str, value: bool) {
        if value {
            self.key(key).raw("true");
        }
    }

    /// Ends it.
    pub fn end(self) {
        // Nothing was written of an empty one.
        if self.before != ',' {
            self.out.push(self.before);
        }
        self.out.push(self.end);
    }
}

/// A value as JSON.
pub fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Defect(format!("a line of data cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn fields_are_written_as_serde_json_would() {
        let mut lines = Lines::default();
        lines.push("[1]");
        let mut line = lines.object();
        line.key("text").text("plain").expect("it can be written");
        line.key("other").text("é \"\\\n").expect("it can be written");
        line.key("number").number(-1);
        let mut items = line.key("items").array();
        items.item().value(&["a"]).expect("it can be written");
        let mut object = items.item().object();
        object.key("x").raw("null");
        object.end();
        items.item().array().end();
        items.end();
        line.optional("absent", None);
        line.flag("absent", false);
        line.flag("flag", true);
        line.end();
        lines.end_line();
        let text = lines.finish();
        let [first, second, third] = *text.as_str().lines().collect::<Vec<_>>() else {
            panic!("{text:?}")
        };
        assert_eq!((first, second), ("", "[1]"));
        let expected = r#"{"text":"plain","other":"é \"\\\n","number":-1,"items":[["a"],{"x":null},[]],"flag":true}"#;
        assert_eq!(third, expected);
    }
}
