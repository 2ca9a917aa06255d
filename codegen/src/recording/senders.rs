//! Which recorded statements sent the notifications that came to other connections.
//!
//! Knows the order in which statements and notifications were recorded, and nothing of
//! what is in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{ExchangeNumber, ScopeIndex};
use crate::trace::{ConnectionId, ExchangeId};

/// A statement that sends notifications: the name of its scope, and which of the scope's
/// senders it is.
pub type Sender<'a> = (&'a str, usize);

/// The senders of all files.
#[derive(Debug, Default)]
pub struct Senders {
    by_scope: BTreeMap<ScopeIndex, BTreeSet<ExchangeNumber>>,
    scopes: HashMap<ExchangeNumber, ScopeIndex>,
    /// By the file and the line of the notification.
    by_line: HashMap<(usize, usize), ExchangeNumber>,
}

/// What the first pass over a file has to remember to find them.
#[derive(Debug, Default)]
pub struct Sending {
    backends: HashMap<i64, ConnectionId>,
    /// By connection, the last statement that may have sent something.
    last: HashMap<ConnectionId, ExchangeId>,
    /// Those that set up or probe a connection, which send nothing and may not be kept.
    set_ups: HashSet<ExchangeId>,
    /// By line: what its sender had begun, and what it was known to have done.
    asked: Vec<(usize, ExchangeId, Option<ExchangeId>)>,
}

impl Senders {
    /// Which of its scope's senders an exchange is, if it is one.
    pub fn rank(&self, number: ExchangeNumber) -> Option<(ScopeIndex, usize)> {
        let scope = *self.scopes.get(&number)?;
        let rank = self.by_scope.get(&scope)?.range(..=number).count();
        Some((scope, rank))
    }

    /// The same of the sender of the notification that stands on a line.
    pub fn of_line(&self, file: usize, line: usize) -> Option<(ScopeIndex, usize)> {
        self.rank(*self.by_line.get(&(file, line))?)
    }

    /// Adds what a file has.
    pub fn add(
        &mut self,
        file: usize,
        sending: Sending,
        scope: impl Fn(ExchangeId) -> Option<ScopeIndex>,
    ) {
        let Sending { set_ups, asked, .. } = sending;
        for (line, begun, last) in asked {
            let sends = |id: &ExchangeId| !set_ups.contains(id) && scope(*id).is_some();
            // What was begun and never written is not known.
            let Some(sender) = Some(begun).filter(sends).or(last) else { continue };
            let Some(scope) = scope(sender) else { continue };
            let number = (file, sender);
            self.by_scope.entry(scope).or_default().insert(number);
            self.scopes.insert(number, scope);
            self.by_line.insert((file, line), number);
        }
    }
}

impl Sending {
    /// A connection was made.
    pub fn connected(&mut self, connection: ConnectionId, backend_pid: Option<i64>) {
        if let Some(pid) = backend_pid {
            self.backends.insert(pid, connection);
        }
    }

    /// A statement was recorded.
    pub fn stated(&mut self, connection: ConnectionId, id: ExchangeId, sets_up: bool) {
        if sets_up {
            self.set_ups.insert(id);
        } else {
            self.last.insert(connection, id);
        }
    }

    /// A notification of a process stands on a line; its connection had `begun` that.
    pub fn notified(&mut self, line: usize, pid: i64, begun: ExchangeId) {
        let connection = self.backends.get(&pid);
        let last = connection.and_then(|connection| self.last.get(connection)).copied();
        self.asked.push((line, begun, last));
    }
}
