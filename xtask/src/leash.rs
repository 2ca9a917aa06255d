//! What ends a group of processes if we are killed before we can do it.
//!
//! Does nothing as long as we live, and dies with its owner.

use std::process::{Command, Stdio};

use crate::error::Result;
use crate::process::Group;

/// Ends the group once the pipe from us closes, however that comes about.
const WATCH: &str = r#"read -r _; kill -s TERM -- "-$1"; sleep 5; kill -s KILL -- "-$1""#;

/// Dropped before its pipe closes, it leaves the group alone.
pub struct Leash {
    #[allow(dead_code, reason = "kept for its end, which comes with ours")]
    watch: Group,
}

impl Leash {
    pub fn on(group: &Group) -> Result<Self> {
        let leader = group.child.id().to_string();
        let mut command = Command::new("sh");
        command.args(["-c", WATCH, "leash", &leader]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { watch: Group::start(&mut command)? })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::interrupt;

    #[test]
    fn the_group_ends_when_the_pipe_closes_and_not_when_the_leash_is_dropped() {
        let mut group = Group::start(Command::new("sleep").arg("600")).unwrap();
        drop(Leash::on(&group).unwrap());
        let mut leash = Leash::on(&group).unwrap();
        assert!(group.exited().unwrap().is_none());
        drop(leash.watch.child.stdin.take());
        let ended = interrupt::wait_for(Duration::from_secs(10), || group.exited());
        assert!(ended.unwrap().is_some());
    }
}
