//! `cargo xtask stack-test --traces`: replays an application on the span files of another recorder.
//!
//! Takes requests and responses from the spans, too; nothing but the application is added.

use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::record::RESPONSES;
use crate::replay::Replay;
use crate::stack::{Stack, read_responses};
use crate::tally::Tally;
use crate::{paths, process, tool};

/// The fixture's package.
const NAME: &str = "spans";

/// What is replayed.
pub struct Options {
    /// A folder of span files.
    pub traces: PathBuf,
    /// As uvicorn takes it: `module:attribute`. A `stack.toml` beside the module says instead
    /// how the application is started, and which parameters are volatile.
    pub app: String,
    /// Where the module lies; else beside the span files, else in the working directory.
    pub app_dir: Option<PathBuf>,
}

/// Generates the fixture, starts the application on it, and sends the recorded requests.
pub fn run(options: &Options) -> Result<Tally> {
    let scratch = process::scratch("span-test")?;
    let unsent = tool::requests(&options.traces, scratch.path())?;
    let fixture = scratch.path().join(NAME);
    let folder = app_folder(options)?;
    let own = Some(folder.join("stack.toml")).filter(|file| file.is_file());
    let lost = tool::generate(&options.traces, NAME, own.as_deref(), &fixture)?;
    // What the other recorder lost is worth knowing before anything is judged.
    eprint!("{lost}{unsent}");
    let stack = match own {
        Some(_) => Stack::at(&options.app, folder)?,
        None => Stack::served(&options.app, folder),
    };
    let requests = Stack::requests_in(&scratch.path().join("requests.jsonl"))?;
    let responses = read_responses(&scratch.path().join(RESPONSES), &requests)?;
    let driver = tool::driver_packages(&stack.settings.profile)?;
    let environment = Environment::of(&stack.requirements(&[])?.without(&driver))?;
    environment.demand_none(&driver)?;
    let launcher = tool::launcher(scratch.path())?;
    println!("{} on {}, without a driver:", options.app, paths::shown(&options.traces));
    let mut tally = Tally::default();
    let replay = Replay {
        stack: &stack,
        environment: &environment,
        launcher: &launcher,
        fixture: &fixture,
        requests: &requests,
        responses: &responses,
        hash_seed: None,
        recorded_within: true,
    };
    for line in replay.run(&mut |name, failures| tally.enter(name, failures))? {
        println!("unused {line}");
    }
    Ok(tally)
}

fn app_folder(options: &Options) -> Result<PathBuf> {
    let module = options.app.split(':').next().unwrap_or_default().replace('.', "/");
    let holds = |folder: &Path| {
        folder.join(format!("{module}.py")).is_file()
            || folder.join(&module).join("__init__.py").is_file()
    };
    let here = std::env::current_dir().map_err(Error::io("find", Path::new(".")))?;
    let mut folders = match &options.app_dir {
        Some(folder) => vec![folder.clone()],
        None => vec![options.traces.clone(), here],
    };
    if let Some(place) = folders.iter().position(|folder| holds(folder)) {
        return Ok(folders.swap_remove(place));
    }
    Err(Error::failed(format!("found no module of {}", options.app))
        .hint("name its folder: --app-dir DIR, which has a requirements.txt, too"))
}
