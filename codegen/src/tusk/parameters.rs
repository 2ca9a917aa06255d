//! Parameters of a span → tagged values, and what was lost of them.
//!
//! Puts nothing back in its place: a lost value stays lost.

use std::collections::{BTreeMap, BTreeSet};

use super::json::{Fault, Json, Value};
use super::value::tagged;
use crate::trace::{Loss, Operation};

/// What the recorder writes in the place of clocks and of what is named like one.
const BLANKED: &str = "__td_dynamic_time__";
const LOST: &str = "{\"lost\":null}";

/// The parameters of one exchange.
#[derive(Debug, Default)]
pub struct Parameters {
    /// What was asked for: rows of parameters make it `executemany`.
    pub many: bool,
    /// Tagged values as JSON; none if none were passed.
    pub json: Option<String>,
    /// In their order.
    pub losses: Vec<Loss>,
    /// The names under which values were lost, for the report.
    pub lost: Vec<String>,
}

impl Parameters {
    /// Those of a span of the driver: values stand as they were passed.
    pub fn of_driver(parameters: Option<&Json<'_>>) -> Result<Self, Fault> {
        let Some(parameters) = parameters else { return Ok(Self::default()) };
        let mut made = Self::default();
        if let Some(rows) = parameters.get("_batch") {
            let rows = rows.list().ok_or_else(|| rows.fault("`_batch` is no array"))?;
            made.many = true;
            made.json = Some(listed(rows, |row| made.row(row))?);
        } else {
            made.json = Some(made.row(parameters)?);
        }
        Ok(made)
    }

    /// Those of a span of SQLAlchemy: pairs under folded names, sorted by them.
    pub fn of_sqlalchemy(parameters: Option<&Json<'_>>) -> Result<Self, Fault> {
        let Some(parameters) = parameters else { return Ok(Self::default()) };
        let mut made = Self::default();
        if parameters.list().is_some_and(<[_]>::is_empty) {
            made.json = Some("{}".to_owned());
            return Ok(made);
        }
        let Some(pairs) = pairs(parameters) else {
            // Statements in the driver's own words pass through with theirs.
            return Self::of_driver(Some(parameters));
        };
        made.lose(Loss::BindNames);
        match pairs.as_slice() {
            [("_batch", rows)] => {
                let rows = rows.list().ok_or_else(|| rows.fault("`_batch` is no array"))?;
                if rows.iter().all(|each| each.text().is_some()) {
                    made.json = Some(made.keys(rows));
                } else {
                    made.many = true;
                    made.json = Some(listed(rows, |row| made.folded_row(row))?);
                }
            }
            pairs => made.json = Some(made.folded(pairs)?),
        }
        Ok(made)
    }

    /// Those that could not be read: any may have been passed.
    pub fn unknown() -> Self {
        Self { losses: vec![Loss::Parameters], ..Self::default() }
    }

    /// What was asked of the driver for it.
    pub fn operation(&self) -> Operation {
        if self.many { Operation::Executemany } else { Operation::Execute }
    }

    fn lose(&mut self, loss: Loss) {
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
            self.losses.sort();
        }
    }

    fn row(&mut self, row: &Json<'_>) -> Result<String, Fault> {
        match &row.value {
            Value::List(items) => listed(items, |item| self.value(item)),
            Value::Object(pairs) => {
                let sorted: BTreeMap<&str, &Json<'_>> =
                    pairs.iter().map(|(name, value)| (&**name, value)).collect();
                mapped(sorted, |value| self.value(value))
            }
            _ => Err(row.fault("parameters that are neither an array nor an object")),
        }
    }

    fn folded_row(&mut self, row: &Json<'_>) -> Result<String, Fault> {
        let pairs = pairs(row).ok_or_else(|| row.fault("a row of parameters without names"))?;
        self.folded(&pairs)
    }

    /// By folded name, an array of the values that it stands for.
    fn folded(&mut self, pairs: &[(&str, &Json<'_>)]) -> Result<String, Fault> {
        let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            let before = self.losses.contains(&Loss::Parameters);
            self.losses.retain(|loss| *loss != Loss::Parameters);
            let text = self.exploded(value)?;
            if self.losses.contains(&Loss::Parameters) {
                self.lost.push((*name).to_owned());
            } else if before {
                self.lose(Loss::Parameters);
            }
            by_name.entry(name).or_default().push(text);
        }
        mapped(by_name, |values| Ok(format!("[{}]", values.join(","))))
    }

    /// A batch of rows sent as one statement has left its keys only, and not how many.
    fn keys(&mut self, keys: &[Json<'_>]) -> String {
        self.lose(Loss::Parameters);
        let names: BTreeSet<&str> = keys.iter().filter_map(Json::text).collect();
        self.lost.extend(names.iter().map(|name| (*name).to_owned()));
        let members: Vec<String> =
            names.iter().map(|name| format!("{}:{LOST}", quoted(name))).collect();
        format!("{{{}}}", members.join(","))
    }

    /// A value in which objects were made lists of pairs.
    fn exploded(&mut self, value: &Json<'_>) -> Result<String, Fault> {
        match pairs(value) {
            Some(pairs) => {
                let object = pairs.into_iter();
                let members = object.map(|(key, value)| (key.to_owned().into(), value.clone()));
                let object = Json { at: value.at, value: Value::Object(members.collect()) };
                self.value(&object)
            }
            None if value.text() == Some(BLANKED) => {
                self.lose(Loss::Parameters);
                Ok(LOST.to_owned())
            }
            None => match value.list() {
                Some(items) => {
                    self.lose(Loss::Types);
                    listed(items, |item| self.exploded(item))
                }
                None => self.value(value),
            },
        }
    }

    fn value(&mut self, value: &Json<'_>) -> Result<String, Fault> {
        let unfit = || value.fault("a value that does not fit its tag");
        Ok(match &value.value {
            Value::Null => "null".to_owned(),
            Value::Bool(each) => each.to_string(),
            Value::Number("NaN") => tag("float", "\"nan\""),
            Value::Number("Infinity") => tag("float", "\"inf\""),
            Value::Number("-Infinity") => tag("float", "\"-inf\""),
            Value::Number(spelled) if !spelled.parse().is_ok_and(f64::is_finite) => {
                return Err(value.fault("a number that no float can be"));
            }
            Value::Number(spelled) => (*spelled).to_owned(),
            Value::Text(text) => {
                // A str, a datetime, an address, or bytes that are UTF-8.
                self.lose(Loss::Types);
                quoted(text)
            }
            Value::List(items) => {
                // A list or a tuple.
                self.lose(Loss::Types);
                listed(items, |item| self.value(item))?
            }
            Value::Object(_) => match value.single() {
                Some(("__date__", content)) => tag("date", &text_of(content)?),
                Some(("__decimal__", content)) => tag("decimal", &text_of(content)?),
                Some(("__uuid__", content)) => tag("uuid", &text_of(content)?),
                Some(("__time__", content)) => {
                    self.lose(Loss::Types);
                    tag("time", &text_of(content)?)
                }
                Some(("__bytes__", content)) => {
                    self.lose(Loss::Types);
                    super::value::bytes(value).ok_or_else(unfit)?;
                    tag("bytes", &text_of(content)?)
                }
                Some(("__timedelta__", content)) => timedelta(content).ok_or_else(unfit)?,
                Some(("__range__", content)) => self.range(content).ok_or_else(unfit)??,
                _ => self.mapping(value)?,
            },
        })
    }

    fn range(&mut self, content: &Json<'_>) -> Option<Result<String, Fault>> {
        if tagged(content, "empty").is_some() {
            return Some(Ok(tag("range", "\"empty\"")));
        }
        let (lower, upper) = (content.get("lower")?, content.get("upper")?);
        let bounds = quoted(content.get("bounds")?.text()?);
        let sides = self.value(lower).and_then(|lower| Ok((lower, self.value(upper)?)));
        Some(sides.map(|(lower, upper)| tag("range", &format!("[{bounds},{lower},{upper}]"))))
    }

    fn mapping(&mut self, value: &Json<'_>) -> Result<String, Fault> {
        let Value::Object(pairs) = &value.value else {
            return Err(value.fault("a value that is no object"));
        };
        let mut texts = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            texts.push(format!("[{},{}]", quoted(key), self.value(value)?));
        }
        Ok(tag("dict", &format!("[{}]", texts.join(","))))
    }
}

/// The pairs of what was an object: `[{"k":…,"v":…}]`, and not empty.
fn pairs<'j, 'a>(value: &'j Json<'a>) -> Option<Vec<(&'j str, &'j Json<'a>)>> {
    let items = value.list().filter(|items| !items.is_empty())?;
    let pair = |item: &'j Json<'a>| match &item.value {
        Value::Object(members) if members.len() == 2 => {
            Some((item.get("k")?.text()?, item.get("v")?))
        }
        _ => None,
    };
    items.iter().map(pair).collect()
}

fn listed<T>(
    items: &[T],
    mut text: impl FnMut(&T) -> Result<String, Fault>,
) -> Result<String, Fault> {
    let texts: Result<Vec<String>, Fault> = items.iter().map(&mut text).collect();
    Ok(format!("[{}]", texts?.join(",")))
}

fn mapped<T>(
    members: BTreeMap<&str, T>,
    mut text: impl FnMut(T) -> Result<String, Fault>,
) -> Result<String, Fault> {
    let mut texts = Vec::with_capacity(members.len());
    for (name, value) in members {
        texts.push(format!("{}:{}", quoted(name), text(value)?));
    }
    Ok(format!("{{{}}}", texts.join(",")))
}

fn tag(name: &str, content: &str) -> String {
    format!("{{\"{name}\":{content}}}")
}

fn text_of(content: &Json<'_>) -> Result<String, Fault> {
    content.text().map(quoted).ok_or_else(|| content.fault("a value that does not fit its tag"))
}

fn timedelta(content: &Json<'_>) -> Option<String> {
    let Value::Number(spelled) = content.value else { return None };
    let (days, rest) = super::moment::days_and_microseconds(spelled)?;
    // Python's seconds and microseconds are never negative.
    let day = 24 * 60 * 60 * 1_000_000;
    let (days, rest) = if rest < 0 { (days - 1, rest + day) } else { (days, rest) };
    Some(tag("timedelta", &format!("[{days},{},{}]", rest / 1_000_000, rest % 1_000_000)))
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::Parameters;
    use crate::trace::Loss;
    use crate::tusk::json::parse;

    #[test]
    fn values_of_the_driver_are_tagged() {
        let json = r#"[1, {"__uuid__":"u"}, {"__timedelta__":-0.5}, NaN, {"__range__":{"lower":1,"upper":null,"bounds":"[)"}}]"#;
        let made = Parameters::of_driver(Some(&parse(json).expect("JSON"))).expect("parameters");
        let expected = r#"[1,{"uuid":"u"},{"timedelta":[-1,86399,500000]},{"float":"nan"},{"range":["[)",1,null]}]"#;
        assert_eq!(made.json.as_deref(), Some(expected));
        assert_eq!(made.losses, []);
        let named = parse(r#"{"b":"x","a":{"__bytes__":"/w=="}}"#).expect("JSON");
        let made = Parameters::of_driver(Some(&named)).expect("parameters");
        assert_eq!(made.json.as_deref(), Some(r#"{"a":{"bytes":"/w=="},"b":"x"}"#));
        assert_eq!(made.losses, [Loss::Types]);
    }

    #[test]
    fn values_of_sqlalchemy_stand_under_folded_names() {
        let json = r#"[{"k":"at","v":"__td_dynamic_time__"},{"k":"price","v":[{"k":"__decimal__","v":"1.50"}]},{"k":"s_1_N","v":1},{"k":"s_1_N","v":2}]"#;
        let made = Parameters::of_sqlalchemy(Some(&parse(json).expect("JSON"))).expect("them");
        let expected = r#"{"at":[{"lost":null}],"price":[{"decimal":"1.50"}],"s_1_N":[1,2]}"#;
        assert_eq!(made.json.as_deref(), Some(expected));
        assert_eq!(made.losses, [Loss::BindNames, Loss::Parameters]);
        assert_eq!(made.lost, ["at"]);
    }

    #[test]
    fn a_batch_keeps_its_keys_or_its_rows() {
        let json = r#"[{"k":"_batch","v":["email__N","email__N","name__N"]}]"#;
        let made = Parameters::of_sqlalchemy(Some(&parse(json).expect("JSON"))).expect("them");
        assert_eq!(
            (made.many, made.json.as_deref()),
            (false, Some(r#"{"email__N":{"lost":null},"name__N":{"lost":null}}"#))
        );
        let json = r#"[{"k":"_batch","v":[[{"k":"a","v":1}],[{"k":"a","v":2}]]}]"#;
        let made = Parameters::of_sqlalchemy(Some(&parse(json).expect("JSON"))).expect("them");
        assert_eq!((made.many, made.json.as_deref()), (true, Some(r#"[{"a":[1]},{"a":[2]}]"#)));
        let json = r#"{"_batch":[["a"],["b"]],"_returning":true}"#;
        let made = Parameters::of_driver(Some(&parse(json).expect("JSON"))).expect("them");
        assert_eq!((made.many, made.json.as_deref()), (true, Some(r#"[["a"],["b"]]"#)));
    }
}
