//! The first pass over a trace file: what stands where.
//!
//! Parses of an exchange no more than its ids, unless it sets up a connection.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::by_id::ById;
use super::kept::{Budget, Kept};
use super::numbered::Numbered;
use super::resolve::Resolve;
use super::senders::Sending;
use super::{
    ConnectRecord, FilePlace, Number, Recording, START_UP_INDEX, ScopeIndex, ScopeRecord, key,
};
use crate::error::{Error, Finding, Result, Warning};
use crate::profile::Profile;
use crate::trace::{
    Connect, ConnectionId, Event, ExchangeHead, Head, Line, LineText, Notify, Operation, Place,
    RowDescription, Scope, ScopeId, ScopeKind, Source, Step, Text, truncated,
};

/// What the second pass needs to know of a file.
#[derive(Debug)]
pub struct FileIndex {
    /// Read again by place.
    pub source: Source,
    /// What its ids refer to.
    pub ids: Ids,
}

/// What the ids of a file refer to.
#[derive(Debug, Default)]
pub struct Ids {
    /// SQL texts.
    pub texts: ById<IndexedText>,
    /// Columns of results.
    pub row_descriptions: ById<IndexedColumns>,
    /// Indexes into the recording.
    pub scopes: ById<ScopeIndex>,
    /// The server's processes of connections.
    pub backends: HashMap<ConnectionId, i64>,
    /// The scope of what pools' callbacks ask, if there is one.
    pub set_up: Option<ScopeId>,
    /// Of those that were made: indexes into the recording's connects.
    pub connections: ById<usize>,
}

impl Ids {
    /// Whether what is asked there sets up or probes a connection, whatever it is. Ends
    /// of transactions follow the client's state there as well.
    pub fn sets_up(&self, scope: ScopeId, operation: Operation) -> bool {
        let ends = matches!(operation, Operation::Commit | Operation::Rollback);
        self.set_up == Some(scope) && !ends
    }
}

/// A SQL text.
#[derive(Debug)]
pub struct IndexedText {
    /// As the application sent it.
    pub sql: Kept<str>,
    /// Of all files.
    pub number: Number,
    /// Whether executing it sets up or probes a connection.
    pub sets_up: bool,
}

/// The columns of a result.
#[derive(Debug)]
pub struct IndexedColumns {
    /// As the server described them.
    pub description: Kept<RowDescription<'static>>,
    /// Of all files.
    pub number: Number,
}

/// Appends what a file says to the recording; ids count within it.
pub fn pass(recording: &mut Recording, source: Source, warnings: &mut Vec<Warning>) -> Result<()> {
    let mut pass = Pass {
        source: &source,
        file: recording.files.len(),
        profile: recording.profile,
        recording,
        ids: Ids::default(),
        budget: Budget::default(),
        open: BTreeMap::new(),
        continued: BTreeSet::new(),
        shared: Vec::new(),
        connections: BTreeSet::new(),
        connects: BTreeMap::new(),
        sending: Sending::default(),
        exchanges: Numbered::default(),
        names: BTreeSet::new(),
    };
    source.each_line(|place, bytes| match lost(&source, place, bytes) {
        Some(warning) => {
            warnings.push(warning);
            Ok(())
        }
        None => pass.line(place, bytes),
    })?;
    for (name, line) in std::mem::take(&mut pass.open).into_values() {
        warnings.push(Warning(Finding {
            path: source.path().to_path_buf(),
            line,
            column: 1,
            what: format!("scope `{name}` never ended; what was recorded of it is used"),
            hint: "the application was stopped during it; record again if the loss matters"
                .to_owned(),
        }));
    }
    warnings.append(&mut pass.shared);
    let Pass { ids, sending, exchanges, file, .. } = pass;
    recording.senders.add(file, sending, |id| exchanges.get(id));
    recording.files.push(FileIndex { source, ids });
    Ok(())
}

/// Whether a line is the last one and was cut off.
fn lost(source: &Source, place: Place, bytes: &[u8]) -> Option<Warning> {
    if bytes.ends_with(b"\n") || place.line == 1 {
        return None;
    }
    let (bytes, cut) = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => (&bytes[..error.valid_up_to()], true),
        _ => (bytes, false),
    };
    let line = LineText::of(source.path(), place.line, bytes).ok()?;
    let lost = line.event().map_or_else(|error| !error.is_data(), |_| cut);
    lost.then(|| truncated(source.path(), place.line, bytes.len()))
}

struct Pass<'p> {
    source: &'p Source,
    file: usize,
    profile: &'static Profile,
    recording: &'p mut Recording,
    ids: Ids,
    budget: Budget,
    /// Names and lines of the scopes that have not ended.
    open: BTreeMap<ScopeId, (String, usize)>,
    /// Those that another process opened, and ends itself.
    continued: BTreeSet<ScopeId>,
    /// What is said of names that other files have, too.
    shared: Vec<Warning>,
    connections: BTreeSet<ConnectionId>,
    /// What connections were asked for and got, as text; where each stands.
    connects: BTreeMap<(Option<String>, String), usize>,
    sending: Sending,
    exchanges: Numbered,
    /// Of the scopes of this file.
    names: BTreeSet<String>,
}

impl Pass<'_> {
    fn line(&mut self, place: Place, bytes: &[u8]) -> Result<()> {
        let text = || LineText::of(self.source.path(), place.line, bytes);
        match Head::of(bytes) {
            Some(Head::Exchange(head)) => return self.exchange(place, bytes, head),
            Some(Head::Rows(exchange)) => {
                let Some(scope) = self.exchanges.get(exchange) else {
                    let steps = [Step::Key("rows"), Step::Key("exchange")];
                    return Err(text()?
                        .finding(&steps, format!("unknown exchange {exchange}"))
                        .into());
                };
                FilePlace::push(&mut self.recording.scopes[scope].places, self.file, place);
                return Ok(());
            }
            None => {}
        }
        let Line { at, event } = text()?.parse()?;
        match event {
            Event::Trace(_) if place.line == 1 => Ok(()),
            Event::Trace(_) => {
                let what = "a second `trace` event";
                Err(Error::from(Finding {
                    hint: "one process writes one file".to_owned(),
                    ..at.finding(&[], what)
                }))
            }
            Event::Text(text) => self.text(at, place, text),
            Event::RowDescription(description) => self.row_description(at, place, description),
            Event::Scope(scope) => self.scope(at, scope),
            Event::ScopeEnd(end) if self.open.remove(&end.id).is_some() => {
                let scope = self.scope_index(at, "scope_end", end.id)?;
                let record = &mut self.recording.scopes[scope];
                record.ended = true;
                record.failed = end.failed;
                record.mode = end.mode;
                Ok(())
            }
            Event::ScopeEnd(end) if self.continued.remove(&end.id) => Ok(()),
            Event::ScopeEnd(end) => {
                let steps = [Step::Key("scope_end"), Step::Key("id")];
                Err(at.finding(&steps, format!("scope {} is not open", end.id)).into())
            }
            Event::Clock(clock) => {
                let scope = self.scope_index(at, "clock", clock.scope)?;
                // Of a process that goes on with another one's scope, this is a second one.
                self.recording.scopes[scope].clock.get_or_insert(clock.starts_at.0);
                Ok(())
            }
            Event::Connect(connect) => self.connect(at, &connect),
            Event::Notify(notify) => self.notify(at, place, &notify),
            Event::Exchange(_) | Event::Rows(_) => {
                Err(Error::Defect(format!("line {} has no head", place.line)))
            }
        }
    }

    fn text(&mut self, at: LineText<'_>, place: Place, text: Text<'_>) -> Result<()> {
        once(at, "text", text.id.0, self.ids.texts.get(text.id.0).is_some())?;
        let sets_up = self.profile.sets_up(Operation::Execute.as_str(), Some(&text.sql));
        let number = self.recording.texts.number(&text.sql);
        let sql = Kept::new(place, || text.sql.into_owned(), &mut self.budget);
        self.ids.texts.insert(text.id.0, IndexedText { sql, number, sets_up });
        Ok(())
    }

    fn row_description(
        &mut self,
        at: LineText<'_>,
        place: Place,
        description: RowDescription<'_>,
    ) -> Result<()> {
        let id = description.id;
        once(at, "row_description", id.0, self.ids.row_descriptions.get(id.0).is_some())?;
        // As they print for a programmer, all fields are told apart.
        let number = self.recording.columns.number(&format!("{:?}", description.columns));
        let description = Kept::new(place, || description.into_owned(), &mut self.budget);
        self.ids.row_descriptions.insert(id.0, IndexedColumns { description, number });
        Ok(())
    }

    fn scope(&mut self, at: LineText<'_>, scope: Scope<'_>) -> Result<()> {
        let Scope { id, name, kind, continues, begins, ends } = scope;
        once(at, "scope", id.0, self.ids.scopes.get(id.0).is_some())?;
        if (id == ScopeId::START_UP) != (kind == ScopeKind::StartUp) {
            let what = "scope 0, and no other, is start-up";
            return Err(at.finding(&[Step::Key("scope"), Step::Key("kind")], what).into());
        }
        if id == ScopeId::START_UP {
            self.ids.scopes.insert(id.0, START_UP_INDEX);
            return Ok(());
        }
        if kind == ScopeKind::SetUp {
            if self.ids.set_up.replace(id).is_some() {
                let what = "a second scope of the kind `set-up`";
                return Err(at.finding(&[Step::Key("scope"), Step::Key("kind")], what).into());
            }
            self.ids.scopes.insert(id.0, START_UP_INDEX);
            return Ok(());
        }
        if !self.names.insert(name.to_string()) {
            let what = format!("a second scope named `{name}`");
            return Err(at.finding(&[Step::Key("scope"), Step::Key("name")], what).into());
        }
        if continues && let Some(&earlier) = self.recording.names.get(&*name) {
            self.continued.insert(id);
            self.ids.scopes.insert(id.0, earlier);
            return Ok(());
        }
        self.open.insert(id, (name.to_string(), at.number));
        let index = self.recording.scopes.len();
        self.ids.scopes.insert(id.0, index);
        let unique = self.unique(&name);
        if unique != name {
            self.shared.push(Warning(shared(at, &name, &unique)));
        }
        self.recording.names.insert(unique.clone(), index);
        self.recording.names.insert(name.to_string(), index);
        let record = ScopeRecord::new(unique, name.into_owned(), kind);
        self.recording.scopes.push(ScopeRecord { begins, ends, file: self.file, ..record });
        Ok(())
    }

    /// Processes do not know of each other, so two of them may have opened a
    /// scope of one name; at replay they are the first and the second of it.
    fn unique(&self, name: &str) -> String {
        let numbered = (2_usize..).map(|ordinal| format!("{name} ({ordinal})"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        // One of endlessly many is free.
        names.find(|name| !self.recording.names.contains_key(name)).unwrap_or_default()
    }

    fn connect(&mut self, at: LineText<'_>, connect: &Connect<'_>) -> Result<()> {
        once(at, "connect", connect.id.0, !self.connections.insert(connect.id))?;
        let scope = self.scope_index(at, "connect", connect.scope)?;
        let settings = connect.settings.map(ToOwned::to_owned);
        let outcome = match (connect.server_parameters, connect.error) {
            (Some(parameters), _) => {
                let settings = connect.settings.map(|each| key::canonical(each.get()).into_owned());
                let parameters_key = key::canonical(parameters.get()).into_owned();
                self.sending.connected(connect.id, connect.backend_pid);
                self.ids.backends.extend(connect.backend_pid.map(|pid| (connect.id, pid)));
                let next = self.recording.connects.len();
                // Those of places that were refused have their turns.
                if connect.place.is_none() {
                    let known = *self.connects.entry((settings, parameters_key)).or_insert(next);
                    self.ids.connections.insert(connect.id.0, known);
                    if let Some(record) = self.recording.connects.get_mut(known) {
                        record.backend_pids.extend(connect.backend_pid);
                        return Ok(());
                    }
                }
                if connect.place.is_some() {
                    self.ids.connections.insert(connect.id.0, next);
                }
                Ok(parameters.to_owned())
            }
            (None, Some(error)) => Err(error.to_owned()),
            (None, None) => return Ok(()),
        };
        let place = connect.place.map(ToOwned::to_owned);
        let after = connect.after;
        let backend_pids = connect.backend_pid.into_iter().collect();
        let record = ConnectRecord { scope, settings, backend_pids, outcome, place, after };
        self.recording.connects.push(record);
        Ok(())
    }

    fn notify(&mut self, at: LineText<'_>, place: Place, notify: &Notify<'_>) -> Result<()> {
        let Some(scope) = self.exchanges.get(notify.exchange) else {
            let steps = [Step::Key("notify"), Step::Key("exchange")];
            return Err(at.finding(&steps, format!("unknown exchange {}", notify.exchange)).into());
        };
        FilePlace::push(&mut self.recording.scopes[scope].places, self.file, place);
        if let Some(after) = notify.after {
            self.sending.notified(place.line, notify.pid, after);
        }
        Ok(())
    }

    fn exchange(&mut self, place: Place, bytes: &[u8], head: ExchangeHead) -> Result<()> {
        let at = || LineText::of(self.source.path(), place.line, bytes);
        let fault = |field: &str, what: String| {
            let steps = [Step::Key("exchange"), Step::Key(field)];
            at().map_or_else(|error| error, |at| at.finding(&steps, what).into())
        };
        let Some(&scope) = self.ids.scopes.get(head.scope.0) else {
            return Err(fault("scope", format!("unknown scope {}", head.scope)));
        };
        if !self.exchanges.insert(head.id, scope) {
            return Err(fault("id", format!("a second exchange {}", head.id)));
        }
        if !self.connections.contains(&head.connection) {
            return Err(fault("connection", format!("unknown connection {}", head.connection)));
        }
        let text_sets_up = match head.text.map(|id| self.ids.texts.get(id.0).ok_or(id)) {
            None => false,
            Some(Ok(text)) => text.sets_up && head.operation == Operation::Execute,
            Some(Err(id)) => return Err(fault("text", format!("unknown text {id}"))),
        };
        FilePlace::push(&mut self.recording.scopes[scope].places, self.file, place);
        let scope_sets_up = self.ids.sets_up(head.scope, head.operation);
        if head.operation.states() {
            self.sending.stated(head.connection, head.id, text_sets_up || scope_sets_up);
        }
        if text_sets_up || scope_sets_up || self.profile.sets_up(head.operation.as_str(), None) {
            let resolve = Resolve {
                file: self.file,
                source: self.source,
                ids: &self.ids,
                profile: self.profile,
            };
            let line = at()?.parse()?;
            if let Some(record) = resolve.exchange(&line)? {
                let place = FilePlace { file: self.file, place };
                self.recording.answers.add(key::of(&record), &record, place);
            }
        }
        Ok(())
    }

    fn scope_index(&self, at: LineText<'_>, event: &str, id: ScopeId) -> Result<ScopeIndex> {
        self.ids.scopes.get(id.0).copied().ok_or_else(|| {
            at.finding(&[Step::Key(event), Step::Key("scope")], format!("unknown scope {id}"))
                .into()
        })
    }
}

/// That an earlier file has the name as well.
fn shared(at: LineText<'_>, name: &str, unique: &str) -> Finding {
    let what = format!(
        "another process has a scope named `{name}`, too; this one is replayed as `{unique}`, \
         but who is asked first may differ"
    );
    let hint = "send each request with a name of its own in the header `mock-cursor-scope`, \
                or record with one worker process";
    Finding { hint: hint.to_owned(), ..at.finding(&[Step::Key("scope"), Step::Key("name")], what) }
}

fn once(at: LineText<'_>, event: &str, id: u64, known: bool) -> Result<()> {
    if !known {
        return Ok(());
    }
    let noun = event.replace('_', " ");
    Err(at.finding(&[Step::Key(event), Step::Key("id")], format!("a second {noun} {id}")).into())
}
