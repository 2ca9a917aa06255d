//! `cargo xtask projects`: other people's repositories, with the wheel and nothing else of ours.
//!
//! Each is copied, recorded on a server, and replayed where no driver is installed; what passed
//! live has to pass in any order and in several processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::requirements::Requirements;
use crate::server::Server;
use crate::tally::Tally;
use crate::{paths, process, tool, wheel};
use suite::{Suite, failures, passed};

mod suite;
mod tutorial;

const PROFILE: &str = "psycopg";
/// No such host exists, and no name is looked up.
const NOWHERE: &str = "postgresql://replay@replay.invalid/replay";
/// As the program has it unless a project says otherwise.
const FIXTURES: &str = "tests/fixtures/mock_cursor";

/// What to run, and how often.
pub struct Options {
    /// Folders of `tests/projects`; all if none is named.
    pub names: Vec<String>,
    /// How often each project is replayed in random order, and by workers.
    pub rounds: u32,
    /// A wheel that is there already.
    pub wheel: Option<PathBuf>,
}

/// `project.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    change: Change,
    /// Of `pytest`, when it records.
    #[serde(default)]
    record: Vec<String>,
}

/// A change of one test, which may change no file but that test's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    from: String,
    to: String,
    test: String,
}

/// Records and replays projects.
pub fn run(server: &Server, options: &Options) -> Result<Tally> {
    let wheel = match &options.wheel {
        Some(wheel) => wheel.clone(),
        None => wheel::build("dev")?,
    };
    let mut tally = Tally::default();
    for folder in chosen(&options.names)? {
        tally += project(server, &folder, &wheel, options.rounds)?;
    }
    if options.names.is_empty() {
        tally += tutorial::run(server, &wheel)?;
    }
    Ok(tally)
}

fn project(server: &Server, folder: &Path, wheel: &Path, rounds: u32) -> Result<Tally> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    println!("{name}:");
    let file = folder.join("project.toml");
    let text = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
    let project: Project = toml::from_str(&text)
        .map_err(|error| Error::failed(format!("{}: {error}", paths::shown(&file))))?;
    let requirements = Requirements::read(&folder.join("requirements.txt"))?;
    let driver = tool::driver_packages(PROFILE)?;
    let scratch = process::scratch("projects")?;
    let with_driver =
        Environment::of(&requirements)?.with_wheel(wheel, &scratch.path().join("a"))?;
    let without = Environment::of(&requirements.without(&driver))?;
    without.demand_none(&driver)?;
    let without = without.with_wheel(wheel, &scratch.path().join("b"))?;
    let copy = scratch.path().join(&name);
    copy_folder(folder, &copy)?;
    let database = Database::create(server, &format!("project-{name}"))?;
    let live = Suite { folder: &copy, environment: &with_driver, url: &database.url };
    let replay = Suite { folder: &copy, environment: &without, url: NOWHERE };
    let mut tally = Tally::default();

    let before = live.pytest(&["-p", "no:randomly"])?;
    let tests = passed(&before);
    if tests.is_empty() {
        return Err(Error::failed(format!("{name}: no test passed live:\n{}", before.text)));
    }
    tally.enter("live", &before.faults());
    let mut arguments = vec!["record", "--", "python", "-m", "pytest"];
    arguments.extend(project.record.iter().map(String::as_str));
    let recorded = live.run("mock-cursor", &arguments)?;
    tally.enter("record", &recorded.faults());
    let checked = replay.run("mock-cursor", &["gen", "--check"])?;
    tally.enter("gen --check", &checked.failure());

    let all: Vec<&str> = tests.iter().map(String::as_str).collect();
    let mut replayed = |name: &str, expected: &[&str], arguments: &[&str]| -> Result<()> {
        let outcome = replay.pytest(arguments)?;
        let faults = failures(&outcome, expected);
        let count = expected.len();
        tally += Tally { passed: count - faults.len().min(count), failed: faults.len() };
        println!("{} {name}: {count} tests", if faults.is_empty() { "ok  " } else { "FAIL" });
        for fault in &faults {
            println!("  {}", fault.replace('\n', "\n  "));
        }
        Ok(())
    };
    replayed("replay", &all, &["--block-network", "-p", "no:randomly"])?;
    for round in 1..=rounds {
        let seed = format!("--randomly-seed={round}");
        replayed(&format!("replay {seed}"), &all, &[&seed])?;
        replayed(&format!("replay -n 4 {seed}"), &all, &["-n", "4", &seed])?;
    }
    let one = project.change.test.as_str();
    replayed("replay one test", &[one], &[one])?;

    let files = contents(&copy.join(FIXTURES))?;
    change(&copy, &project.change)?;
    let mut arguments = vec!["--mock-cursor=once"];
    arguments.extend(project.record.iter().map(String::as_str));
    let again = live.pytest(&arguments)?;
    let mut faults = again.faults();
    let changed = changed(&files, &contents(&copy.join(FIXTURES))?);
    if changed.len() != 2 || changed.iter().any(|path| !is_of(path, one)) {
        faults.push(format!("--mock-cursor=once changed {changed:?}"));
    }
    tally.enter("record once, with one test changed", &faults);
    let outcome = replay.pytest(&[])?;
    tally.enter("replay the changed test", &failures(&outcome, &all));
    Ok(tally)
}

fn change(copy: &Path, change: &Change) -> Result<()> {
    let path = copy.join(&change.file);
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    if !text.contains(&change.from) {
        return Err(Error::failed(format!("{}: has no {:?}", change.file, change.from)));
    }
    fs::write(&path, text.replace(&change.from, &change.to)).map_err(Error::io("write", &path))
}

/// Whether a file is named for a test, however its name is cut.
fn is_of(path: &str, test: &str) -> bool {
    let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut plain: String =
        test.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    plain = plain.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join("_");
    let begin = stem.rsplit_once('_').map_or(stem.as_str(), |(begin, _)| begin);
    plain == stem || (stem.len() >= 50 && plain.starts_with(begin))
}

fn changed(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// The files below a folder, by their paths within it.
fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(each) = folders.pop() {
        for entry in fs::read_dir(&each).map_err(Error::io("read", &each))? {
            let path = entry.map_err(Error::io("read", &each))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                files.insert(name, fs::read(&path).map_err(Error::io("read", &path))?);
            }
        }
    }
    Ok(files)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for (name, content) in contents(from)? {
        let path = to.join(name);
        let parent = path.parent().unwrap_or(to);
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        fs::write(&path, content).map_err(Error::io("write", &path))?;
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<PathBuf>> {
    let folder = paths::projects();
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
        let path = entry.map_err(Error::io("read", &folder))?.path();
        if path.join("project.toml").is_file() {
            found.push(path);
        }
    }
    found.sort();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let known: Vec<String> = found.iter().map(name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Error::failed(format!("no project `{unknown}`"))
            .hint(format!("projects are: {}", known.join(", "))));
    }
    Ok(found.into_iter().filter(|path| names.is_empty() || names.contains(&name(path))).collect())
}
