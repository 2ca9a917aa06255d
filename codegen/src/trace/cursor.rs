//! Reads JSON as our recorder writes it: without white space, and with no escapes
//! but in values.
//!
//! Gives up on everything else without saying why. Whoever gets None reads the line
//! again by `serde_json`, which accepts more and knows what is wrong and where.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde_json::value::RawValue;

/// A place in a line.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Steps over a text that must stand here.
    #[inline]
    pub fn eat(&mut self, text: &str) -> Option<()> {
        self.rest().starts_with(text.as_bytes()).then(|| self.at += text.len())
    }

    /// Steps over a byte that must stand here.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let byte = self.rest().first().copied();
        self.at += 1;
        byte
    }

    /// None unless all was read.
    pub fn end(&self) -> Option<()> {
        (self.at == self.text.len()).then_some(())
    }

    /// Steps over an object, in which `value` reads the value behind each key.
    pub fn object(&mut self, mut value: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        self.eat("{")?;
        loop {
            let key = self.plain_string()?;
            self.eat(":")?;
            value(self, key)?;
            match self.byte()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Steps over an array of which `item` reads each item; gives up on an empty one.
    pub fn array(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.eat("[")?;
        loop {
            item(self)?;
            match self.byte()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// An integer that fits.
    pub fn integer<T: TryFrom<i64>>(&mut self) -> Option<T> {
        let negative = self.eat("-").is_some();
        let start = self.at;
        let mut value = 0_i64;
        while let Some(digit) = self.rest().first().filter(|byte| byte.is_ascii_digit()) {
            // Longer ones may not fit.
            if self.at >= start + 18 {
                return None;
            }
            value = 10 * value + i64::from(digit - b'0');
            self.at += 1;
        }
        // JSON has no leading zeros, and a fraction or an exponent may follow.
        let digits = &self.text[start..self.at];
        let unusual = digits.is_empty() || digits.starts_with('0') && (digits != "0" || negative);
        let ends = matches!(self.rest().first(), Some(b',' | b'}' | b']'));
        T::try_from(if negative { -value } else { value }).ok().filter(|_| ends && !unusual)
    }

    /// A word that stands for one of a type's values.
    pub fn word<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let deserializer: StrDeserializer<'_, Error> = self.plain_string()?.into_deserializer();
        T::deserialize(deserializer).ok()
    }

    /// A string without escapes.
    pub fn plain_string(&mut self) -> Option<&'a str> {
        self.eat("\"")?;
        self.plain_rest()
    }

    /// The rest of a string, without escapes.
    pub fn plain_rest(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += special(&self.text.as_bytes()[start..]);
        let text = &self.text[start..self.at];
        self.eat("\"")?;
        Some(text)
    }

    /// Steps over a string.
    pub fn string(&mut self) -> Option<()> {
        self.eat("\"")?;
        loop {
            self.at += special(self.rest());
            match self.byte()? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    /// Steps over a string or null.
    pub fn string_or_null(&mut self) -> Option<()> {
        if self.rest().first() == Some(&b'"') { self.string() } else { self.eat("null") }
    }

    /// A value whatever it is; gives up on null, which mostly is as good as none.
    pub fn value(&mut self) -> Option<&'a RawValue> {
        let start = self.at;
        if self.eat("null").is_some() {
            return None;
        }
        let mut depth = 0_usize;
        loop {
            match self.rest().first()? {
                b'"' => self.string()?,
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
            if depth == 0 && matches!(self.rest().first()?, b',' | b'}' | b']') {
                break;
            }
        }
        serde_json::from_str(&self.text[start..self.at]).ok()
    }

    /// The text from here to where another cursor stands.
    pub fn until(&self, end: &Self) -> &'a str {
        &self.text[self.at..end.at]
    }

    /// Steps over the rest of an escape.
    fn escape(&mut self) -> Option<()> {
        match self.byte()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let code = u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?;
                self.at += 4;
                // Surrogates have to come in pairs.
                char::from_u32(code).map(drop)
            }
            _ => None,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }
}

/// How many bytes stand before the first that ends a string, starts an escape or
/// may not stand in one, eight at a time.
fn special(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let marks = special_in(u64::from_le_bytes(*word));
        if marks != 0 {
            return 8 * index + marks.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| **byte >= b' ' && !matches!(**byte, b'"' | b'\\');
    8 * words.len() + rest.iter().take_while(is_plain).count()
}

/// Marks, in its highest bit, the lowest byte of a word that is special; higher ones
/// may be marked wrongly. See "Bit Twiddling Hacks", "Determine if a word has a byte
/// less than n".
fn special_in(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, u64::from(b' ')) | equal(b'"') | equal(b'\\')) & (ONES * 0x80)
}
