//! A stack's requests under the recorder, and without it, on the same server.
//!
//! Only requests that change nothing are measured, as they can be sent again and again.

use std::path::Path;
use std::time::Instant;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::{Programs, clear};
use super::report::Report;
use super::rounds::bests;
use crate::application::{Application, Launch, Mode};
use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::message::{Request, Response};
use crate::server::Server;
use crate::stack::Stack;
use crate::{http, interrupt, traces};

pub fn measure(
    server: &Server,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let stacks = [
        ("fastapi-sqlalchemy", "requests of the synchronous stack, recorded"),
        ("fastapi-sqlalchemy-async", "requests of the asynchronous stack, recorded"),
    ];
    for (stack, name) in stacks {
        let bests = one(&Stack::open(stack)?, server, programs, sizes, report)?;
        report.figure(Figure {
            name,
            against: "without the recorder",
            ours: Amount::Seconds(bests[0]),
            reference: Some(Amount::Seconds(bests[1])),
            scale: Scale::AtMost,
            floor: Some(1.5),
            goal: 1.25,
        });
    }
    Ok(())
}

/// The best seconds of a request: recorded, and not.
fn one(
    stack: &Stack,
    server: &Server,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<Vec<f64>> {
    let environment = Environment::of(&stack.requirements(&[])?)?;
    let launcher = programs.launcher()?;
    let requests = stack.requests()?;
    let folder = programs.folder.join("recorded");
    clear(&folder)?;
    std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let trace = folder.join(traces::FIRST);
    let start = |name: &str, mode: Option<Mode>, database: &Database| {
        database.apply(&stack.file("schema.sql"))?;
        let log = folder.join(format!("{name}.log"));
        let mut application = Application::start(&Launch {
            stack,
            environment: &environment,
            launcher: &launcher,
            database_url: &database.url,
            mode,
            hash_seed: None,
            log,
        })?;
        for request in &requests {
            application.send(request)?;
        }
        Ok::<_, Error>(application)
    };
    let databases =
        (Database::create(server, "bench-recorded")?, Database::create(server, "bench-plain")?);
    let recorded =
        start("recorded", Some(Mode::Record { trace: &trace, redaction: None }), &databases.0)?;
    let plain = start("plain", None, &databases.1)?;
    let reads: Vec<&Request> = requests.iter().filter(|request| request.method == "GET").collect();
    let mut expected = Vec::new();
    let bests = bests(sizes.short_rounds, 2, |place| {
        interrupt::check()?;
        let port = if place == 0 { recorded.port() } else { plain.port() };
        let start = Instant::now();
        let mut given = Vec::new();
        for _ in 0..sizes.requests {
            given = answers(port, &reads)?;
        }
        let seconds = start.elapsed().as_secs_f64();
        if place == 0 {
            expected.clone_from(&given);
        }
        report.demand(given == expected, || format!("{}: other answers recorded", stack.name));
        #[expect(clippy::cast_precision_loss, reason = "some hundreds at most")]
        let count = (sizes.requests * reads.len()) as f64;
        Ok(seconds / count)
    })?;
    recorded.stop()?;
    plain.stop()?;
    report.demand(has_lines(&trace), || format!("{}: nothing was recorded", stack.name));
    Ok(bests)
}

/// The statuses alone: the two applications took their times and UUIDs for themselves.
fn answers(port: u16, requests: &[&Request]) -> Result<Vec<u16>> {
    let answers: std::io::Result<Vec<Response>> =
        requests.iter().map(|request| http::send(port, request)).collect();
    let answers = answers.map_err(|error| Error::failed(format!("a request failed: {error}")))?;
    Ok(answers.iter().map(|response| response.status).collect())
}

fn has_lines(trace: &Path) -> bool {
    std::fs::metadata(trace).is_ok_and(|metadata| metadata.len() > 0)
}
