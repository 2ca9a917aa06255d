//! The ids of an exchange, read without reading the rest of its line.
//!
//! Finds no faults: a line whose head cannot be read is parsed as a whole by
//! whoever asks.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::cursor::Cursor;
use super::ids::{ConnectionId, ExchangeId, ScopeId, TextId};
use super::operation::Operation;

/// No head that is written as usual is longer, in bytes.
const LONGEST: usize = 192;

/// What the first pass needs of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Of an [`Exchange`](super::Exchange).
    Exchange(ExchangeHead),
    /// Of [`Rows`](super::Rows): the exchange that they belong to.
    Rows(ExchangeId),
}

/// The fields of an exchange that refer to other lines or are referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeHead {
    /// Its own.
    pub id: ExchangeId,
    /// Where it belongs.
    pub scope: ScopeId,
    /// On which it ran.
    pub connection: ConnectionId,
    /// What was asked.
    pub operation: Operation,
    /// Its SQL, if it has any.
    pub text: Option<TextId>,
}

impl Head {
    /// None if the line is another event, or none at all.
    pub fn of(line: &[u8]) -> Option<Self> {
        if let Some(head) = ExchangeHead::plain(line) {
            return Some(Self::Exchange(head));
        }
        let mut found = Found::default();
        let mut deserializer = serde_json::Deserializer::from_slice(line);
        // Reading ends with an error as soon as all is found.
        let _ = EventSeed(&mut found).deserialize(&mut deserializer);
        found.head()
    }
}

impl ExchangeHead {
    /// Of a line as it is mostly written, its fields in this order.
    fn plain(line: &[u8]) -> Option<Self> {
        let start = &line[..line.len().min(LONGEST)];
        // The end of it may cut a character in two.
        let start = std::str::from_utf8(start)
            .or_else(|error| std::str::from_utf8(&start[..error.valid_up_to()]));
        let mut cursor = Cursor::new(start.ok()?);
        cursor.eat("{\"exchange\":{\"id\":")?;
        let id = cursor.integer()?;
        cursor.eat(",\"scope\":")?;
        let scope = cursor.integer()?;
        cursor.eat(",\"connection\":")?;
        let connection = cursor.integer()?;
        cursor.eat(",\"operation\":")?;
        let operation = cursor.word()?;
        cursor.eat(",\"text\":")?;
        Some(Self {
            id: ExchangeId(id),
            scope: ScopeId(scope),
            connection: ConnectionId(connection),
            operation,
            text: Some(TextId(cursor.integer()?)),
        })
    }
}

#[derive(Default)]
struct Found {
    rows: Option<ExchangeId>,
    id: Option<ExchangeId>,
    scope: Option<ScopeId>,
    connection: Option<ConnectionId>,
    operation: Option<Operation>,
    text: Option<TextId>,
    /// The whole of an exchange was read.
    ended: bool,
}

impl Found {
    fn head(&self) -> Option<Head> {
        if let Some(exchange) = self.rows {
            return Some(Head::Rows(exchange));
        }
        if self.text.is_none() && !self.ended {
            return None;
        }
        Some(Head::Exchange(ExchangeHead {
            id: self.id?,
            scope: self.scope?,
            connection: self.connection?,
            operation: self.operation?,
            text: self.text,
        }))
    }

    fn is_complete(&self) -> bool {
        self.text.is_some() && self.head().is_some()
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum EventKey {
    Exchange,
    Rows,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Id,
    Scope,
    Connection,
    Operation,
    Text,
    Exchange,
    #[serde(other)]
    Other,
}

struct EventSeed<'f>(&'f mut Found);
struct ExchangeSeed<'f>(&'f mut Found);
struct RowsSeed<'f>(&'f mut Found);

macro_rules! object {
    ($seed:ident) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_map(self)
            }
        }
    };
}

object!(EventSeed);
object!(ExchangeSeed);
object!(RowsSeed);

impl<'de> Visitor<'de> for EventSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match map.next_key::<EventKey>()? {
            Some(EventKey::Exchange) => map.next_value_seed(ExchangeSeed(self.0)),
            Some(EventKey::Rows) => map.next_value_seed(RowsSeed(self.0)),
            _ => Err(found()),
        }
    }
}

impl<'de> Visitor<'de> for ExchangeSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an exchange")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Id => self.0.id = Some(map.next_value()?),
                Key::Scope => self.0.scope = Some(map.next_value()?),
                Key::Connection => self.0.connection = Some(map.next_value()?),
                Key::Operation => self.0.operation = Some(map.next_value()?),
                Key::Text => self.0.text = map.next_value()?,
                Key::Exchange | Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if self.0.is_complete() {
                return Err(found());
            }
        }
        self.0.ended = true;
        Ok(())
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            if matches!(key, Key::Exchange) {
                self.0.rows = Some(map.next_value()?);
                return Err(found());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

fn found<E: Error>() -> E {
    E::custom("")
}

#[cfg(test)]
mod tests {
    use super::{ConnectionId, ExchangeHead, ExchangeId, Head, Operation, ScopeId, TextId};

    #[test]
    fn a_head_is_read_whatever_stands_behind_it_and_in_any_order() {
        let head = ExchangeHead {
            id: ExchangeId(7),
            scope: ScopeId(2),
            connection: ConnectionId(1),
            operation: Operation::Execute,
            text: Some(TextId(9)),
        };
        let usual = br#"{"exchange":{"id":7,"scope":2,"connection":1,"operation":"execute","text":9,"parameters":[}"#;
        assert_eq!(Head::of(usual), Some(Head::Exchange(head)));
        let other = br#"{"exchange":{"results":[{}],"text":9,"operation":"execute","connection":1,"scope":2,"id":7}}"#;
        assert_eq!(Head::of(other), Some(Head::Exchange(head)));
        let commit = br#"{"exchange":{"id":7,"scope":2,"connection":1,"operation":"commit","status":"IDLE"}}"#;
        let operation = Operation::Commit;
        let head = ExchangeHead { operation, text: None, ..head };
        assert_eq!(Head::of(commit), Some(Head::Exchange(head)));
        assert_eq!(Head::of(br#"{"rows":{"exchange":7,"#), Some(Head::Rows(ExchangeId(7))));
    }

    #[test]
    fn other_events_and_faults_have_none() {
        for line in [
            &br#"{"scope":{"id":1,"name":"a","kind":"request"}}"#[..],
            br#"{"exchange":{"id":7,"scope":2,"connection":1,"operation":"commit""#,
            br#"{"exchange":{"id":"7"}}"#,
            br#"{"rows":{}}"#,
            b"",
            b"[",
        ] {
            assert_eq!(Head::of(line), None, "{}", String::from_utf8_lossy(line));
        }
    }
}
