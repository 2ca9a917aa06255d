//! The templates of the modules that vary, and how values print themselves.
//!
//! A template is a valid Python file: statements stand behind `#:`, and a hole
//! stands where a literal may stand. Every value prints itself as a literal, so
//! that no recorded text can become code.

use std::sync::{Arc, LazyLock};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, ObjectRepr, Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use super::literal::{self, Visible};
use crate::error::{Error, Result};

/// The files of `templates/fixture` that are templates.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("__init__.py", include_str!("../../../templates/fixture/__init__.py")),
    ("index.py", include_str!("../../../templates/fixture/index.py")),
    ("scope.py", include_str!("../../../templates/fixture/scope.py")),
    ("scopes.py", include_str!("../../../templates/fixture/scopes.py")),
];

/// The statements' mark.
pub const STATEMENT: &str = "#:";

/// A module's docstring; see [`literal::docstring`].
#[derive(Debug)]
struct Docstring(String);

/// Text that is assigned to a name; see [`literal::assigned`].
#[derive(Debug)]
struct Assigned(&'static str, String);

/// The place of a long text; see [`hole`].
#[derive(Debug)]
struct Hole;

/// Plain, as minijinja takes other objects for empty maps, which are false.
macro_rules! plain {
    ($($name:ident),*) => {$(
        impl Object for $name {
            fn repr(self: &Arc<Self>) -> ObjectRepr {
                ObjectRepr::Plain
            }
        }
    )*};
}

plain!(Assigned, Docstring, Hole);

/// A text that is printed behind `target = `.
pub fn assigned(target: &'static str, text: impl Into<String>) -> Value {
    Value::from_dyn_object(Arc::new(Assigned(target, text.into())))
}

/// A text that is printed as a docstring.
pub fn docstring(text: impl Into<String>) -> Value {
    Value::from_dyn_object(Arc::new(Docstring(text.into())))
}

/// What a [`hole`] prints: no literal and no template holds it.
const HOLE: char = '\0';

/// The place of a block that is too long to be copied around; [`render`] fills it in.
pub fn hole() -> Value {
    Value::from_object(Hole)
}

/// What is to stand in a [`hole`].
#[derive(Debug, Clone, Copy)]
pub enum Block<'t> {
    /// Any text.
    Text(&'t str),
    /// Data.
    Visible(&'t Visible),
}

/// Renders one of the [`TEMPLATES`] below a header, with a block for each [`hole`]
/// of its context.
pub fn render(
    name: &str,
    header: &str,
    context: impl Serialize,
    blocks: &[Block<'_>],
) -> Result<String> {
    static ENVIRONMENT: LazyLock<std::result::Result<Environment<'static>, String>> =
        LazyLock::new(|| environment().map_err(|error| error.to_string()));
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::Defect(error.clone()))?;
    let body = environment.get_template(name)?.render(Serde(context))?;
    let size: usize = blocks.iter().map(|block| block.text().len() + 8).sum();
    let mut module = String::with_capacity(header.len() + body.len() + size);
    module.push_str(header);
    let mut blocks = blocks.iter();
    for (index, part) in body.split(HOLE).enumerate() {
        if index > 0 {
            let block = blocks.next();
            block.ok_or_else(|| Error::Defect(format!("{name}: a hole")))?.push(&mut module);
        }
        module.push_str(part);
    }
    match blocks.next() {
        None => Ok(module),
        Some(_) => Err(Error::Defect(format!("{name}: a block for which there is no hole"))),
    }
}

impl Block<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Visible(text) => text.as_str(),
        }
    }

    fn push(&self, out: &mut String) {
        match self {
            Self::Text(text) => literal::push_block(text, out),
            Self::Visible(text) => text.push_block(out),
        }
    }
}

/// The environment, strict in every way that it offers.
pub fn environment() -> Result<Environment<'static>> {
    let mut environment = Environment::empty();
    let syntax = SyntaxConfig::builder()
        .line_statement_prefix(STATEMENT)
        .keep_trailing_newline(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("python".into()));
    environment.set_formatter(print);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

fn print(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &Value,
) -> std::result::Result<(), minijinja::Error> {
    let text = if value.downcast_object_ref::<Hole>().is_some() {
        HOLE.to_string()
    } else if let Some(Docstring(text)) = value.downcast_object_ref::<Docstring>() {
        literal::docstring(text)
    } else if let Some(Assigned(target, text)) = value.downcast_object_ref::<Assigned>() {
        literal::assigned(target, text)
    } else {
        match (value.kind(), value.as_str()) {
            (ValueKind::String, Some(text)) if !value.is_safe() => literal::string(text),
            (ValueKind::Number, _) if value.is_integer() => value.to_string(),
            (kind, _) => {
                let what = format!("a {kind} has no literal form");
                return Err(minijinja::Error::new(ErrorKind::InvalidOperation, what));
            }
        }
    };
    out.write_str(&text).map_err(minijinja::Error::from)
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
