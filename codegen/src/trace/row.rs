//! Checks the rows of a result against its row description.
//!
//! Keeps nothing of them: rows are passed on as the recorder wrote them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::cell::CellFormat;
use super::tagged::{Base64, Tagged};

/// The formats that the cells of a row must have, one a column.
#[derive(Debug, Clone, Copy)]
pub struct RowShape<'a>(pub &'a [CellFormat]);

impl<'de> DeserializeSeed<'de> for RowShape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowShape<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a row of {} cells", self.0.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        for (index, &format) in self.0.iter().enumerate() {
            if cells.next_element_seed(CellShape(format))?.is_none() {
                return Err(A::Error::custom(format!(
                    "a row of fewer cells, {index}, than the row description has columns, {}",
                    self.0.len()
                )));
            }
        }
        if cells.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(A::Error::custom(format!(
                "a row of more cells than the row description has columns, {}",
                self.0.len()
            )));
        }
        Ok(())
    }
}

struct CellShape(CellFormat);

impl<'de> DeserializeSeed<'de> for CellShape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            CellFormat::Text => deserializer.deserialize_any(TextCell),
            CellFormat::Binary => {
                <Option<Base64> as serde::Deserialize>::deserialize(deserializer).map(drop)
            }
            CellFormat::Python => {
                <Tagged as serde::Deserialize>::deserialize(deserializer).map(drop)
            }
        }
    }
}

struct TextCell;

impl<'de> Visitor<'de> for TextCell {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, text or {\"bytes\": base64} in a column of format text")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let key = map.next_key::<String>()?;
        if key.as_deref() != Some("bytes") {
            return Err(A::Error::custom("an object cell must have the one key `bytes`"));
        }
        map.next_value::<Base64>()?;
        if map.next_key::<String>()?.is_some() {
            return Err(A::Error::custom("an object cell must have the one key `bytes`"));
        }
        Ok(())
    }
}
