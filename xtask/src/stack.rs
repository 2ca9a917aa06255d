//! A stack: a folder in `tests/stacks` with an application, its schema and its requests.
//!
//! Leaves the declarations of volatile parameters to the generator.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::message::{Request, Response, read_lines};
use crate::requirements::Requirements;
use crate::{kept, paths};

#[derive(Debug)]
pub struct Stack {
    pub name: String,
    pub folder: PathBuf,
    pub settings: Settings,
}

/// `stack.toml`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Run in the stack's folder; `{port}` and `{database_url}` are filled in.
    pub command: Vec<String>,
    /// The driver's profile, which the generator knows.
    pub profile: String,
    /// A path that answers when the application is ready; without it, an open port is enough.
    pub ready: Option<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Repeat randomness and clocks at replay, instead of declaring what comes of them.
    #[serde(default)]
    pub deterministic: bool,
    /// Read by the generator.
    #[serde(default, rename = "volatile")]
    _volatile: Vec<toml::Table>,
    /// Read by the generator.
    #[serde(default, rename = "order")]
    _order: Option<String>,
    /// Read by the recorder and the generator.
    #[serde(default)]
    redact: Vec<toml::Table>,
    /// Read by the generator.
    #[serde(default, rename = "not_secret")]
    _not_secret: Vec<toml::Table>,
}

impl Stack {
    /// By its name, or by a path to it where it lies elsewhere.
    pub fn open(name: &str) -> Result<Self> {
        if let Some((_, last)) = name.trim_end_matches('/').rsplit_once('/') {
            let folder = std::path::absolute(name).map_err(Error::io("find", Path::new(name)))?;
            return Self::at(last, folder);
        }
        let folder = paths::stacks().join(name);
        if !folder.join("stack.toml").is_file() {
            return Err(Error::failed(format!("no stack is named {name:?}"))
                .hint(format!("the stacks are: {}", names()?.join(", "))));
        }
        Self::at(name, folder)
    }

    /// A stack that lies anywhere.
    pub fn at(name: &str, folder: PathBuf) -> Result<Self> {
        let settings: Settings = read_toml(&folder.join("stack.toml"))?;
        if settings.command.is_empty() {
            return Err(Error::failed(format!(
                "{}: command is empty",
                paths::shown(&folder.join("stack.toml"))
            )));
        }
        Ok(Self { name: name.to_owned(), folder, settings })
    }

    /// An application that uvicorn serves from a folder, on the driver that span files are of.
    pub fn served(app: &str, folder: PathBuf) -> Self {
        let command = ["uvicorn", app, "--host", "127.0.0.1", "--port", "{port}"];
        let settings = Settings {
            command: command.map(str::to_owned).to_vec(),
            profile: "psycopg".to_owned(),
            ready: None,
            environment: BTreeMap::new(),
            deterministic: false,
            _volatile: Vec::new(),
            _order: None,
            redact: Vec::new(),
            _not_secret: Vec::new(),
        };
        Self { name: app.to_owned(), folder, settings }
    }

    /// The named stacks, or all of them.
    pub fn chosen(names_given: &[String]) -> Result<Vec<Self>> {
        let chosen = if names_given.is_empty() { names()? } else { names_given.to_vec() };
        if chosen.is_empty() {
            return Err(Error::failed(format!("no stack in {}", paths::shown(&paths::stacks()))));
        }
        chosen.iter().map(|name| Self::open(name)).collect()
    }

    /// The same stack, whose application lies elsewhere.
    pub fn in_folder(&self, folder: PathBuf) -> Self {
        Self { name: self.name.clone(), folder, settings: self.settings.clone() }
    }

    /// Whether some of what is recorded is replaced by pseudonyms.
    pub fn is_redacted(&self) -> bool {
        !self.settings.redact.is_empty()
    }

    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// What the fixture's package is called: a stack's name may hold hyphens, a module's may not.
    pub fn package(&self) -> String {
        self.name.replace('-', "_")
    }

    pub fn requirements(&self, pins: &[String]) -> Result<Requirements> {
        Requirements::read(&self.file("requirements.txt"))?.with(pins)
    }

    pub fn requests(&self) -> Result<Vec<Request>> {
        Self::requests_in(&self.file("requests.jsonl"))
    }

    /// The requests of a file that lies elsewhere.
    pub fn requests_in(path: &Path) -> Result<Vec<Request>> {
        let requests: Vec<Request> = read_lines(path)?;
        for (place, request) in requests.iter().enumerate() {
            let repeated = requests[..place].iter().any(|earlier| earlier.name == request.name);
            if repeated || request.name == READY || request.name == START_UP {
                let what = format!("the name {:?} is taken", request.name);
                let path = path.to_path_buf();
                return Err(Error::Input { path, line: place + 1, column: 1, what, hint: None });
            }
        }
        if let Some((place, name)) = kept::unknown(&requests) {
            let what = format!("no earlier request keeps {name:?}");
            let path = path.to_path_buf();
            let hint = Some("name it in `keep`, by a JSON pointer into the response".to_owned());
            return Err(Error::Input { path, line: place + 1, column: 1, what, hint });
        }
        if requests.is_empty() {
            return Err(Error::failed(format!("{}: no request", paths::shown(path))));
        }
        Ok(requests)
    }
}

/// The scope of the request that asks whether the application is ready.
pub const READY: &str = "ready";
/// The scope of what no request caused.
pub const START_UP: &str = "start-up";

/// Responses in the order of the requests, which they must match one by one.
pub fn read_responses(path: &Path, requests: &[Request]) -> Result<Vec<Response>> {
    let responses: Vec<Response> = read_lines(path)?;
    let names = responses.iter().map(|response| &response.name);
    if names.eq(requests.iter().map(|request| &request.name)) {
        return Ok(responses);
    }
    Err(Error::failed(format!("{}: not the responses to requests.jsonl", paths::shown(path)))
        .hint("cargo xtask record STACK"))
}

fn names() -> Result<Vec<String>> {
    let folder = paths::stacks();
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
        let entry = entry.map_err(Error::io("read", &folder))?;
        if entry.path().join("stack.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A TOML file whose mistakes are reported with line and column.
pub fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
    toml::from_str(&text).map_err(|error| {
        let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Error::Input {
            path: path.to_path_buf(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: error.message().to_owned(),
            hint: None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_a_stack_file_has_a_line_and_a_column() {
        let folder = tempfile::tempdir().unwrap();
        let text = "command = [\"true\"]\nprofile = \"psycopg\"\n\n  redy = \"/health\"\n";
        fs::write(folder.path().join("stack.toml"), text).unwrap();
        let error = Stack::at("x", folder.path().to_path_buf()).unwrap_err().to_string();
        let place =
            format!("{}:4:3: unknown field `redy`", folder.path().join("stack.toml").display());
        assert!(error.starts_with(&place), "{error}");
    }

    #[test]
    fn what_the_generator_reads_is_accepted_unread() {
        let folder = tempfile::tempdir().unwrap();
        let text = "command = [\"x\"]\nprofile = \"psycopg\"\norder = \"strict\"\n[[volatile]]\nstatement = \"INSERT*\"\nparameters = [\"a\"]\n";
        fs::write(folder.path().join("stack.toml"), text).unwrap();
        let stack = Stack::at("fastapi-sqlalchemy", folder.path().to_path_buf()).unwrap();
        assert_eq!((stack.package().as_str(), stack.settings.ready), ("fastapi_sqlalchemy", None));
    }

    #[test]
    fn two_requests_of_one_name_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("stack.toml"), "command = [\"x\"]\nprofile = \"psycopg\"\n")
            .unwrap();
        let line = "{\"name\":\"a\",\"method\":\"GET\",\"path\":\"/\"}\n";
        fs::write(folder.path().join("requests.jsonl"), line.repeat(2)).unwrap();
        let stack = Stack::at("x", folder.path().to_path_buf()).unwrap();
        let error = stack.requests().unwrap_err().to_string();
        assert!(error.ends_with("requests.jsonl:2:1: the name \"a\" is taken"), "{error}");
    }
}
