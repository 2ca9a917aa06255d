//! `cargo xtask stack-test`: replays stacks where neither a database nor its driver is.
//!
//! Judges by responses and ledger alone; never writes into the repository unless told to record.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::record::{RESPONSES, Recording};
use crate::replay::Replay;
use crate::server::Server;
use crate::stack::{Stack, read_responses};
use crate::tally::Tally;
use crate::traces::Run;
use crate::{generate, mutations, paths, process, tool};

/// What is tested, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub record: bool,
    pub with_driver: bool,
    pub mutations: bool,
    /// How often each is replayed, each time with another order of Python's sets; once, with a
    /// random one, if it is not said.
    pub times: Option<u32>,
    pub pins: Vec<String>,
    pub fixtures: Option<PathBuf>,
}

/// Tests the named stacks, or all; `server` is asked for one only where something is recorded.
pub fn run(
    names: &[String],
    options: &Options,
    server: &mut dyn FnMut() -> Result<std::rc::Rc<Server>>,
) -> Result<Tally> {
    let stacks = Stack::chosen(names)?;
    let mut tally = Tally::default();
    for stack in &stacks {
        let place = Place::of(stack, options);
        if options.record {
            let recording = Recording::of(stack, &options.pins)?;
            let server = server()?;
            // As often as the repository has it, as one recording says less of what may differ.
            let is_twice = !Run::Again.files(&stack.folder)?.is_empty();
            recording.run(&server, &place.recorded, Run::First)?;
            if is_twice {
                recording.run(&server, &place.recorded, Run::Again)?;
            }
            place.generate(stack)?;
        }
        tally += test(stack, &place, options)?;
    }
    Ok(tally)
}

/// Where a stack's fixture and the responses to compare with lie.
struct Place {
    fixture: PathBuf,
    /// Of trace and responses.
    recorded: PathBuf,
    in_repository: bool,
}

impl Place {
    fn of(stack: &Stack, options: &Options) -> Self {
        let Some(folder) = &options.fixtures else {
            let fixture = paths::generated_python().join(stack.package());
            return Self { fixture, recorded: stack.folder.clone(), in_repository: true };
        };
        let recorded = folder.join("recorded").join(&stack.name);
        // A folder of fixtures alone goes with the responses of the repository.
        let own = options.record || recorded.join(RESPONSES).exists();
        let recorded = if own { recorded } else { stack.folder.clone() };
        Self { fixture: folder.join(stack.package()), recorded, in_repository: false }
    }

    fn generate(&self, stack: &Stack) -> Result<()> {
        if self.in_repository {
            let code = generate::run(std::slice::from_ref(&stack.name), false)?;
            return if code == 0 {
                Ok(())
            } else {
                Err(Error::failed("the fixture could not be generated"))
            };
        }
        let rules = stack.file("stack.toml");
        tool::generate(&self.recorded, &stack.name, Some(&rules), &self.fixture).map(drop)
    }
}

fn test(stack: &Stack, place: &Place, options: &Options) -> Result<Tally> {
    demand_fixture(&place.fixture)?;
    let requests = stack.requests()?;
    let responses = read_responses(&place.recorded.join(RESPONSES), &requests)?;
    let environment = environment(stack, options)?;
    let scratch = process::scratch("stack-test")?;
    let launcher = tool::launcher(scratch.path())?;
    let replay = Replay {
        stack,
        environment: &environment,
        launcher: &launcher,
        fixture: &place.fixture,
        requests: &requests,
        responses: &responses,
        hash_seed: None,
        recorded_within: false,
    };
    let mut tally = Tally::default();
    if options.mutations {
        println!("{}, mutations:", stack.name);
        mutations::run(&replay, &mut tally)?;
        return Ok(tally);
    }
    if let Some(times) = options.times {
        println!("{}, {times} times:", stack.name);
        for _ in 0..times {
            again(&replay, &mut tally)?;
        }
        return Ok(tally);
    }
    let driver = if options.with_driver { "with the driver" } else { "without a driver" };
    println!(
        "{}:",
        [&[stack.name.clone(), driver.to_owned()], options.pins.as_slice()].concat().join(", ")
    );
    let unused = replay.run(&mut |name, failures| tally.enter(name, failures))?;
    for line in unused {
        println!("unused {line}");
    }
    Ok(tally)
}

/// One replay as one test, whose name says how to repeat it.
fn again(replay: &Replay, tally: &mut Tally) -> Result<()> {
    let [a, b, c, d, ..] = RandomState::new().hash_one(()).to_le_bytes();
    let seed = u32::from_le_bytes([a, b, c, d]);
    let mut failures = Vec::new();
    let replay = Replay { hash_seed: Some(seed), ..*replay };
    let unused = replay.run(&mut |name, failed| {
        failures.extend(failed.iter().map(|failure| format!("{name}: {failure}")));
    })?;
    failures.extend(unused.into_iter().map(|line| format!("unused {line}")));
    tally.enter(&format!("PYTHONHASHSEED={seed}"), &failures);
    Ok(())
}

fn environment(stack: &Stack, options: &Options) -> Result<Environment> {
    let requirements = stack.requirements(&options.pins)?;
    if options.with_driver {
        return Environment::of(&requirements);
    }
    let driver = tool::driver_packages(&stack.settings.profile)?;
    let environment = Environment::of(&requirements.without(&driver))?;
    environment.demand_none(&driver)?;
    Ok(environment)
}

fn demand_fixture(fixture: &Path) -> Result<()> {
    if fixture.join("__init__.py").is_file() {
        return Ok(());
    }
    Err(Error::failed(format!("{}: no fixture", paths::shown(fixture))).hint("cargo xtask gen"))
}
