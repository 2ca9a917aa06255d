//! `cargo xtask surface`: the tables of the driver's public names, as tests/surface has them.
//!
//! Decides nothing of what they say: a script reads the driver and the runtime.

use std::fs;

use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::{paths, process};

const PACKAGES: [&str; 2] = ["psycopg", "psycopg_pool"];

pub fn run() -> Result<()> {
    // Where the tests run that hold the tables against the driver.
    let tools = embedded(include_str!("../environments/tools.txt"))?;
    let client = embedded(include_str!("../environments/client.txt"))?;
    let environment = Environment::of(&tools.and(client))?;
    for package in PACKAGES {
        let mut command = environment.command("python");
        command.arg(paths::python_tests().join("surface_table.py")).arg(package);
        let said = process::run(&mut command)?;
        if !said.success() {
            return Err(Error::failed(format!("no table of {package}: {}", said.everything())));
        }
        let path = paths::surface().join(package).with_extension("csv");
        if fs::read_to_string(&path).is_ok_and(|before| before == said.stdout) {
            continue;
        }
        fs::write(&path, said.stdout).map_err(Error::io("write", &path))?;
        println!("updated {}", paths::shown(&path));
    }
    Ok(())
}
