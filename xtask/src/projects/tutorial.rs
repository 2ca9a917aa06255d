//! The commands of the README that are meant for one's own project, in a project.
//!
//! They are those behind the prompt `(venv) $`, run one after the other as they stand; what
//! comes after the fixture is added runs where no driver is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::suite::Suite;
use super::{NOWHERE, PROFILE, copy_folder};
use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::requirements::Requirements;
use crate::server::Server;
use crate::tally::Tally;
use crate::{paths, process, tool};

const PROMPT: &str = "(venv) $ ";
/// Any project whose tests need nothing but its database.
const PROJECT: &str = "warehouse";
/// What each command that reaches the database begins with.
const LIVE: [&str; 3] = ["pip ", "mock-cursor record", "pytest --mock-cursor"];

pub fn run(server: &Server, wheel: &Path) -> Result<Tally> {
    println!("the README's own project:");
    let readme = paths::readme();
    let text = fs::read_to_string(&readme).map_err(Error::io("read", &readme))?;
    let folder = paths::projects().join(PROJECT);
    let requirements = Requirements::read(&folder.join("requirements.txt"))?;
    let scratch = process::scratch("tutorial")?;
    let environment = |requirements: &Requirements, name: &str| -> Result<Environment> {
        let folder = scratch.path().join(name);
        let environment = Environment::of(requirements)?.with_wheel(wheel, &folder)?;
        programs(&environment)?;
        Ok(environment)
    };
    let live = environment(&requirements, "live")?;
    let replay = environment(&requirements.without(&tool::driver_packages(PROFILE)?), "replay")?;
    let copy = scratch.path().join(PROJECT);
    copy_folder(&folder, &copy)?;
    let database = Database::create(server, "tutorial")?;
    let on_server = Suite { folder: &copy, environment: &live, url: &database.url };
    let alone = Suite { folder: &copy, environment: &replay, url: NOWHERE };
    on_server.run("git", &["init", "--quiet"])?;
    let mut tally = Tally::default();
    for line in text.lines().filter_map(|line| line.strip_prefix(PROMPT)) {
        let command = line.split_once("  # ").map_or(line, |(command, _)| command).trim_end();
        let is_live = LIVE.iter().any(|begin| command.starts_with(begin));
        let suite = if is_live { &on_server } else { &alone };
        // The wheel is installed, and there is no other one.
        let asked = command.replace("pip install mock-cursor", "mock-cursor --version");
        tally.enter(command, &suite.run("sh", &["-c", &asked])?.failure());
    }
    if tally == Tally::default() {
        return Err(Error::failed("the README shows no command for one's own project"));
    }
    Ok(tally)
}

/// `pytest`, as its package would have installed it in this very environment.
fn programs(environment: &Environment) -> Result<()> {
    let (python, path) = (environment.program("python"), environment.program("pytest"));
    let text = format!(
        "#!{}\nimport sys\nfrom pytest import console_main\nsys.exit(console_main())\n",
        python.display()
    );
    fs::write(&path, text).map_err(Error::io("write", &path))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
        .map_err(Error::io("make a program of", &path))
}
