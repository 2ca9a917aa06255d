//! Checks that a JSON value is a tagged Python value.
//!
//! Keeps nothing of it: tagged values are passed on as the recorder wrote them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::unique::Unique;

/// A value whose shape is that of [tagged values](super::drivers#tagged-values).
#[derive(Debug)]
pub struct Tagged;

/// What `parameters` may be: nothing, an array by position, an object by name.
#[derive(Debug)]
pub struct Parameters;

/// Base64 with padding, as Python's `base64.b64encode` writes it; the number of
/// bytes that it stands for.
#[derive(Debug)]
pub struct Base64(pub usize);

impl<'de> Deserialize<'de> for Tagged {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TaggedVisitor)
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParametersVisitor)
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        match STANDARD.decode(text.as_bytes()) {
            Ok(bytes) => Ok(Self(bytes.len())),
            Err(_) => Err(Error::custom("not base64 with padding")),
        }
    }
}

struct TaggedVisitor;

impl<'de> Visitor<'de> for TaggedVisitor {
    type Value = Tagged;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tagged Python value")
    }

    fn visit_unit<E>(self) -> Result<Tagged, E> {
        Ok(Tagged)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tagged, E> {
        Ok(Tagged)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tagged, E> {
        Ok(Tagged)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tagged, E> {
        Ok(Tagged)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tagged, E> {
        Ok(Tagged)
    }

    fn visit_str<E>(self, _: &str) -> Result<Tagged, E> {
        Ok(Tagged)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Tagged, A::Error> {
        while sequence.next_element::<Tagged>()?.is_some() {}
        Ok(Tagged)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tagged, A::Error> {
        let Some(tag) = map.next_key::<Tag>()? else {
            return Err(Error::custom("an object without a tag"));
        };
        tag.content(&mut map)?;
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(Error::custom("an object with more than one tag"));
        }
        Ok(Tagged)
    }
}

struct ParametersVisitor;

impl<'de> Visitor<'de> for ParametersVisitor {
    type Value = Parameters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, an array or an object of tagged values")
    }

    fn visit_unit<E>(self) -> Result<Parameters, E> {
        Ok(Parameters)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Parameters, A::Error> {
        TaggedVisitor.visit_seq(sequence).map(|_| Parameters)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Parameters, A::Error> {
        let map = serde::de::value::MapAccessDeserializer::new(map);
        Unique::<String, Tagged>::deserialize(map).map(|_| Parameters)
    }
}

/// The tags, by what their content looks like.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tag {
    Int,
    Float,
    Decimal,
    Bytes,
    Bytearray,
    Memoryview,
    Binary,
    Surrogates,
    Date,
    Time,
    Datetime,
    Timedelta,
    Uuid,
    Ip,
    Json,
    Jsonb,
    Range,
    Multirange,
    Tuple,
    Dict,
    Enum,
    Subclass,
    Object,
    Lost,
}

impl Tag {
    fn content<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<(), A::Error> {
        match self {
            Self::Int => map.next_value::<Integer>().map(drop),
            Self::Float => map.next_value::<NonFinite>().map(drop),
            Self::Decimal | Self::Date | Self::Uuid | Self::Json | Self::Jsonb => {
                map.next_value::<String>().map(drop)
            }
            Self::Bytes | Self::Bytearray | Self::Memoryview | Self::Binary | Self::Surrogates => {
                map.next_value::<Base64>().map(drop)
            }
            Self::Time | Self::Datetime => map.next_value::<Moment>().map(drop),
            Self::Timedelta => map.next_value::<(i64, i64, i64)>().map(drop),
            Self::Ip | Self::Object => map.next_value::<(String, String)>().map(drop),
            Self::Range => map.next_value::<Range>().map(drop),
            Self::Multirange | Self::Tuple => map.next_value::<Vec<Tagged>>().map(drop),
            Self::Dict => map.next_value::<Vec<(Tagged, Tagged)>>().map(drop),
            Self::Enum => map.next_value::<(String, String, Tagged)>().map(drop),
            Self::Subclass => map.next_value::<(String, Tagged)>().map(drop),
            Self::Lost => map.next_value::<()>(),
        }
    }
}

/// Decimal text, or hexadecimal as Python's `hex()` writes it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Integer;

impl TryFrom<String> for Integer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let valid = match digits.strip_prefix("0x") {
            Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()),
        };
        if valid { Ok(Self) } else { Err(format!("`{text}` is no integer")) }
    }
}

/// The floats that JSON cannot spell.
#[derive(Deserialize)]
enum NonFinite {
    #[serde(rename = "nan")]
    Nan,
    #[serde(rename = "inf")]
    Infinity,
    #[serde(rename = "-inf")]
    NegativeInfinity,
}

/// ISO text, or an object that adds the zone's name and the fold.
struct Moment;

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MomentVisitor;

        impl<'de> Visitor<'de> for MomentVisitor {
            type Value = Moment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("ISO text or an object with value, zone and fold")
            }

            fn visit_str<E>(self, _: &str) -> Result<Moment, E> {
                Ok(Moment)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Moment, A::Error> {
                Zoned::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(|_| Moment)
            }
        }

        deserializer.deserialize_any(MomentVisitor)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read only to check its shape")]
struct Zoned {
    value: String,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    fold: Option<u8>,
}

/// `"empty"` or `[bounds, lower, upper]`.
struct Range;

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RangeVisitor;

        impl<'de> Visitor<'de> for RangeVisitor {
            type Value = Range;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"empty\" or an array of bounds, lower and upper")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Range, E> {
                if text == "empty" {
                    Ok(Range)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Range, A::Error> {
                <(String, Tagged, Tagged)>::deserialize(
                    serde::de::value::SeqAccessDeserializer::new(sequence),
                )
                .map(|_| Range)
            }
        }

        deserializer.deserialize_any(RangeVisitor)
    }
}
