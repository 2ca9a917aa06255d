//! Ctrl-C and requests to terminate: they set a flag that every wait looks at.
//!
//! Stops nothing itself, so that each owner of a process ends it in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
const PAUSE: Duration = Duration::from_millis(10);

/// From here on SIGINT, SIGTERM and SIGHUP end the command at its next wait.
pub fn watch() -> Result<()> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst))
        .map_err(|error| Error::failed(format!("cannot watch for Ctrl-C: {error}")))
}

/// `Err(Interrupted)` once the user asked to stop.
pub fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::SeqCst) { Err(Error::Interrupted) } else { Ok(()) }
}

/// Asks again and again until there is an answer; `None` if the time is up.
pub fn wait_for<T>(
    limit: Duration,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(Some(answer));
        }
        check()?;
        if start.elapsed() > limit {
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}
