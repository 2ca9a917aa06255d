//! Checks the rows of a result against its row description.
//!
//! Keeps nothing of them: rows are passed on as the recorder wrote them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::cell::CellFormat;
use super::tagged::{Base64, Tagged};
use super::text_form::TextForm;

/// What a value that names itself in a message may take of the line.
const LONGEST_SHOWN: usize = 40;

/// The shapes that the cells of a row must have, one a column.
#[derive(Debug, Clone, Copy)]
pub struct RowShape<'a>(pub &'a [CellShape]);

/// What the cells of one column must look like.
#[derive(Debug, Clone, Copy)]
pub struct CellShape {
    /// As the row description says.
    pub format: CellFormat,
    /// For messages; empty where the type is not known.
    pub type_name: &'static str,
    /// Of cells of format text.
    pub text: TextForm,
    /// Of cells of format binary, in bytes, where it is fixed.
    pub width: Option<usize>,
}

impl CellShape {
    /// Whatever a cell of this format may be.
    pub const fn any(format: CellFormat) -> Self {
        Self { format, type_name: "", text: TextForm::Any, width: None }
    }
}

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
        for (index, shape) in self.0.iter().enumerate() {
            if cells.next_element_seed(shape)?.is_none() {
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

impl<'de> DeserializeSeed<'de> for &CellShape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.format {
            CellFormat::Text => deserializer.deserialize_any(TextCell(self)),
            CellFormat::Binary => {
                let cell = <Option<Base64> as serde::Deserialize>::deserialize(deserializer)?;
                match (cell, self.width) {
                    (Some(Base64(length)), Some(width)) if length != width => {
                        Err(D::Error::custom(format!(
                            "{length} bytes in a binary cell of {}, which has {width}",
                            self.type_name
                        )))
                    }
                    _ => Ok(()),
                }
            }
            CellFormat::Python => {
                <Tagged as serde::Deserialize>::deserialize(deserializer).map(drop)
            }
        }
    }
}

/// The shape of a row of COPY: one cell of this format, which is a block of data.
#[derive(Debug, Clone, Copy)]
pub struct BlockShape(pub CellFormat);

impl<'de> DeserializeSeed<'de> for BlockShape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for BlockShape {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row of COPY")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        let first = match self.0 {
            CellFormat::Binary => cells.next_element::<Base64>()?.map(drop),
            CellFormat::Text | CellFormat::Python => cells.next_element_seed(TextBlock)?,
        };
        if first.is_none() || cells.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("a row of COPY has one cell, a block of data"));
        }
        Ok(())
    }
}

struct TextBlock;

impl<'de> DeserializeSeed<'de> for TextBlock {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextBlock {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or {\"bytes\": base64} as data of COPY in format text")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        TextCell(&CellShape::any(CellFormat::Text)).visit_map(map)
    }
}

struct TextCell<'s>(&'s CellShape);

impl<'de> Visitor<'de> for TextCell<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, text or {\"bytes\": base64} in a column of format text")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if self.0.text.fits(text) {
            return Ok(());
        }
        let mut shown: String = text.chars().take(LONGEST_SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Err(E::custom(format!("{shown:?} is no text of {}", self.0.type_name)))
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
