//! A fresh database on a server: created, filled from a schema, dropped with the value.
//!
//! Touches no other database of that server.

use std::path::Path;

use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::server::{Server, with_database};
use crate::{interrupt, paths, process};

pub struct Database<'s> {
    pub url: String,
    pub name: String,
    server: &'s Server,
    client: Environment,
}

impl<'s> Database<'s> {
    /// Created anew; the name gets the process's number on a server that others use, too.
    pub fn create(server: &'s Server, purpose: &str) -> Result<Self> {
        Self::create_from(server, purpose, None)
    }

    /// A copy of another database, down to its OIDs.
    pub fn copy_of(&self, purpose: &str) -> Result<Self> {
        Self::create_from(self.server, purpose, Some(&self.name))
    }

    fn create_from(server: &'s Server, purpose: &str, template: Option<&str>) -> Result<Self> {
        interrupt::check()?;
        let mut name = format!("mock_cursor_{}", purpose.replace('-', "_"));
        if !server.is_ours() {
            name = format!("{name}_{}", std::process::id());
        }
        let client = Environment::of(&embedded(include_str!("../environments/client.txt"))?)?;
        let mut arguments = vec!["create", name.as_str()];
        arguments.extend(template);
        run(&client, &server.url, &arguments).map_err(|error| {
            error.hint("the server must be reachable, and its user may create databases")
        })?;
        Ok(Self { url: with_database(&server.url, &name), name, server, client })
    }

    /// Runs a file of SQL in it.
    pub fn apply(&self, schema: &Path) -> Result<()> {
        let arguments = ["apply", &schema.to_string_lossy()];
        run(&self.client, &self.url, &arguments).map_err(|error| {
            Error::failed(format!("{}: cannot be applied: {error}", paths::shown(schema)))
        })
    }
}

fn run(client: &Environment, url: &str, arguments: &[&str]) -> Result<()> {
    let mut command = client.script(include_str!("database.py"), arguments);
    let said = process::run(command.env("DATABASE_URL", url))?;
    if said.success() {
        return Ok(());
    }
    let what = format!("cannot {}: {}", arguments.join(" "), said.everything());
    Err(Error::failed(what))
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        if self.server.is_ours() {
            // It goes away with all that it holds.
            return;
        }
        // Not by `run`, which refuses to start anything after Ctrl-C: nothing may be left behind.
        let mut command = self.client.script(include_str!("database.py"), &["drop", &self.name]);
        let _ = command.env("DATABASE_URL", &self.server.url).status();
    }
}
