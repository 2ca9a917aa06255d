//! A PostgreSQL server to record on: the user's, or one that lives as long as the command.
//!
//! Knows no schema and no stack; a `Database` is made on it.

use std::env;
use std::fs;
use std::process::{ChildStdin, Stdio};
use std::time::Duration;

use serde::Deserialize;

use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::process::{self, Group};

/// initdb on a slow disk takes its time.
const START: Duration = Duration::from_mins(2);
const STOP: Duration = Duration::from_mins(1);

pub struct Server {
    /// Of the database to connect to first, with the right to create others.
    pub url: String,
    held: Option<Held>,
}

/// Fields are dropped in order: closing the pipe asks the server to end before its group is killed.
struct Held {
    stdin: Option<ChildStdin>,
    group: Group,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Announcement {
    uri: String,
}

impl Server {
    /// The server that the user named (`--database-url`, `DATABASE_URL`), else a new one.
    pub fn named_or_new(url: Option<&str>) -> Result<Self> {
        let named = url.map(str::to_owned).or_else(|| env::var("DATABASE_URL").ok());
        match named.filter(|url| !url.is_empty()) {
            Some(url) => Ok(Self { url: plain(&url)?, held: None }),
            None => Self::start(),
        }
    }

    /// Whether the server is ours alone, so that names on it need not be unique.
    pub fn is_ours(&self) -> bool {
        self.held.is_some()
    }

    /// A new server, which ends with the value.
    pub fn start() -> Result<Self> {
        let environment = Environment::of(&embedded(include_str!("../environments/server.txt"))?)?;
        let folder = process::scratch("server")?;
        let said = folder.path().join("stdout");
        let log = folder.path().join("stderr");
        let mut command = environment.script(include_str!("server.py"), &[]);
        command
            .stdin(Stdio::piped())
            .stdout(process::create(&said)?)
            .stderr(process::create(&log)?);
        let mut group = Group::start(&mut command)?;
        let mut held = Held { stdin: group.child.stdin.take(), group };
        let announced = interrupt::wait_for(START, || {
            let text = fs::read_to_string(&said).unwrap_or_default();
            let found =
                text.lines().find_map(|line| serde_json::from_str::<Announcement>(line).ok());
            match (found, held.group.exited()?) {
                (Some(announcement), _) => Ok(Some(Some(announcement.uri))),
                (None, Some(_)) => Ok(Some(None)),
                (None, None) => Ok(None),
            }
        })?;
        if let Some(url) = announced.flatten() {
            return Ok(Self { url, held: Some(held) });
        }
        let log = fs::read_to_string(&log).unwrap_or_default();
        let what = format!("the PostgreSQL server did not start:\n{}", log.trim_end());
        Err(Error::failed(what).hint("name a server of your own: --database-url postgresql://…"))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let start = std::time::Instant::now();
        while start.elapsed() < STOP && matches!(self.group.exited(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// `postgresql+psycopg://` is SQLAlchemy's way of writing; libpq knows only `postgresql://`.
fn plain(url: &str) -> Result<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(Error::failed(format!("{url:?} is not a URL"))
            .hint("write postgresql://user:password@host:port/database"));
    };
    let scheme = scheme.split('+').next().unwrap_or(scheme);
    if !["postgresql", "postgres"].contains(&scheme) {
        return Err(Error::failed(format!("cannot record on {scheme:?}, only on postgresql")));
    }
    Ok(format!("postgresql://{rest}"))
}

/// The same server, another database.
pub fn with_database(url: &str, database: &str) -> String {
    let (address, query) =
        url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let authority = address.find("://").map_or(0, |place| place + 3);
    let end = address[authority..].find('/').map_or(address.len(), |place| authority + place);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{database}{query}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced_and_nothing_else() {
        let cases = [
            (
                "postgresql://postgres:@/postgres?host=/tmp/a/b",
                "postgresql://postgres:@/new?host=/tmp/a/b",
            ),
            ("postgresql://u:p@localhost:5432/db", "postgresql://u:p@localhost:5432/new"),
            ("postgresql://u@localhost", "postgresql://u@localhost/new"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "new"), expected);
        }
    }

    #[test]
    fn a_url_loses_the_driver_that_only_sqlalchemy_knows() {
        assert_eq!(plain("postgresql+psycopg://u@h/d").unwrap(), "postgresql://u@h/d");
        assert!(plain("mysql://u@h/d").unwrap_err().to_string().contains("\"mysql\""));
        assert!(plain("localhost").is_err());
    }
}
