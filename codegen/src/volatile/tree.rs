//! Parameters as a tree: what a value holds, and what it is by itself.
//!
//! The same as the runtime's `mask.py` enters, whose pointers these are.

use serde_json::Value;

use super::form::{form, shape};
use crate::kind::Kind;

/// A value among the parameters, or all of one set of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A value that is not entered.
    Leaf(Leaf),
    /// A value that holds others.
    Branch(Branch),
}

/// A value by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// What must be equal of it whatever its value is: `str`, `uuid`, `datetime`.
    pub tag: String,
    /// Its text, or its JSON.
    pub text: String,
}

/// Values in a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// What must be equal of the value around them.
    pub label: String,
    /// By the last step of their pointers.
    pub items: Vec<(String, Tree)>,
}

impl Tree {
    /// Of one set of parameters; None if there are none.
    pub fn of_parameters(parameters: &Value) -> Option<Self> {
        match parameters {
            Value::Array(items) => Some(branch("by position", numbered(items, Self::of))),
            Value::Object(items) => Some(branch("by name", named(items, Self::of))),
            _ => None,
        }
    }

    /// Of a tagged value.
    pub fn of(tagged: &Value) -> Self {
        if let Value::Array(items) = tagged {
            return branch("list", numbered(items, Self::of));
        }
        let Some((tag, content)) = tag(tagged) else { return plain(tagged) };
        match (tag, content) {
            ("subclass", Value::Array(parts)) => {
                parts.get(1).map_or_else(|| leaf(tag, content.to_string()), Self::of)
            }
            ("tuple" | "multirange", Value::Array(items)) => branch(tag, numbered(items, Self::of)),
            ("range", Value::Array(parts)) => {
                let bounds = parts.first().and_then(Value::as_str).unwrap_or_default();
                let names = ["lower", "upper"].map(str::to_owned);
                let items = names.into_iter().zip(parts.iter().skip(1).map(Self::of));
                branch(&format!("range {bounds}"), items.collect())
            }
            ("dict", Value::Array(pairs)) => {
                let pair = |pair: &Value| {
                    Some((pair.get(0)?.as_str()?.to_owned(), Self::of(pair.get(1)?)))
                };
                match pairs.iter().map(pair).collect::<Option<Vec<_>>>() {
                    Some(mut items) => {
                        items.sort_by(|one, other| one.0.cmp(&other.0));
                        branch("dict", items)
                    }
                    None => leaf(tag, content.to_string()),
                }
            }
            ("json" | "jsonb", Value::String(text)) => match serde_json::from_str(text) {
                Ok(document @ (Value::Array(_) | Value::Object(_))) => {
                    within(&document, &format!("{tag} "))
                }
                _ => leaf(tag, text.clone()),
            },
            ("datetime" | "time", _) => {
                let text = content.get("value").unwrap_or(content).as_str().unwrap_or_default();
                let clock = text.get(10..).unwrap_or(text);
                let is_aware = clock.contains(['+', '-']);
                let zone = if is_aware { " with time zone" } else { "" };
                leaf(&format!("{tag}{zone}"), text.to_owned())
            }
            ("enum", Value::Array(parts)) => {
                let class = parts.first().and_then(Value::as_str).unwrap_or_default();
                let inner = parts.get(2).map(|inner| Self::of(inner).shape()).unwrap_or_default();
                leaf(&format!("enum {class} {inner}"), content.to_string())
            }
            (_, Value::String(text)) => leaf(tag, text.clone()),
            _ => leaf(tag, content.to_string()),
        }
    }

    /// What must be equal of it whatever its values are.
    pub fn shape(&self) -> String {
        match self {
            Self::Leaf(leaf) => leaf.shape(),
            Self::Branch(branch) => {
                let mut items: Vec<String> = Vec::with_capacity(branch.items.len());
                for (name, item) in &branch.items {
                    // A key of a document may be a UUID.
                    let key = match shape(name) {
                        "text" => name,
                        other => other,
                    };
                    items.push(format!("{key}: {}", item.shape()));
                }
                items.sort();
                format!("{} {{{}}}", branch.label, items.join(", "))
            }
        }
    }

    /// Whether all that it holds is of a kind.
    pub fn is_of(&self, kind: Kind) -> bool {
        match self {
            Self::Leaf(leaf) => leaf.form(kind).is_some(),
            _ if kind == Kind::Value => true,
            Self::Branch(branch) => {
                let is_entered = !branch.label.starts_with("json") && branch.label != "object";
                let none_may_be = branch.label != "array";
                is_entered
                    && branch.items.iter().all(|(_, item)| {
                        let is_none = matches!(item, Self::Leaf(leaf) if leaf.tag == "None");
                        is_none && none_may_be || item.is_of(kind)
                    })
            }
        }
    }
}

impl Leaf {
    /// What must be equal of it as a value of a kind; None if it is of another.
    pub fn form(&self, kind: Kind) -> Option<String> {
        let tag = self.tag.as_str();
        match (tag, kind) {
            (_, Kind::Value) => Some(self.shape()),
            ("str", _) => form(kind, &self.text),
            ("uuid", Kind::Uuid) => Some(format!("v{}", self.version()?)),
            ("datetime" | "datetime with time zone", Kind::Timestamp)
            | ("int" | "float" | "decimal" | "number", Kind::Number) => Some(tag.to_owned()),
            _ => None,
        }
    }

    /// A UUID's version.
    pub fn version(&self) -> Option<char> {
        super::form::version(&self.text)
    }

    fn shape(&self) -> String {
        if self.tag == "str" { format!("str {}", shape(&self.text)) } else { self.tag.clone() }
    }
}

/// A tagged value's tag and content.
fn tag(value: &Value) -> Option<(&str, &Value)> {
    let (tag, content) = value.as_object()?.iter().next()?;
    Some((tag, content))
}

fn plain(value: &Value) -> Tree {
    match value {
        Value::Null => leaf("None", String::new()),
        Value::Bool(value) => leaf("bool", value.to_string()),
        Value::Number(number) if number.is_f64() => leaf("float", number.to_string()),
        Value::Number(number) => leaf("int", number.to_string()),
        Value::String(text) => leaf("str", text.clone()),
        other => leaf("object", other.to_string()),
    }
}

/// A value of a document.
fn within(value: &Value, label: &str) -> Tree {
    match value {
        Value::Array(items) => {
            branch(&format!("{label}array"), numbered(items, |each| within(each, "")))
        }
        Value::Object(items) => {
            branch(&format!("{label}object"), named(items, |each| within(each, "")))
        }
        Value::Number(number) => leaf("number", number.to_string()),
        other => plain(other),
    }
}

fn numbered(items: &[Value], of: impl Fn(&Value) -> Tree) -> Vec<(String, Tree)> {
    items.iter().enumerate().map(|(number, each)| (number.to_string(), of(each))).collect()
}

fn named(
    items: &serde_json::Map<String, Value>,
    of: impl Fn(&Value) -> Tree,
) -> Vec<(String, Tree)> {
    items.iter().map(|(name, each)| (name.clone(), of(each))).collect()
}

fn leaf(tag: &str, text: String) -> Tree {
    Tree::Leaf(Leaf { tag: tag.to_owned(), text })
}

fn branch(label: &str, items: Vec<(String, Tree)>) -> Tree {
    Tree::Branch(Branch { label: label.to_owned(), items })
}
