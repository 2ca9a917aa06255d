//! The second pass: the exchanges of one scope.
//!
//! Holds the bytes of that scope and of no other.

use std::collections::HashMap;

use super::resolve::{Resolve, append_rows, changed};
use super::{
    ExchangeNumber, ExchangeRecord, FilePlace, NotificationRecord, Recording, ScopeIndex, Sender,
};
use crate::error::Result;
use crate::trace::{Event, LineText, Notify, split_lines};

/// The lines of a scope.
#[derive(Debug)]
pub struct ScopeText<'r> {
    recording: &'r Recording,
    parts: Vec<Part>,
}

/// Lines that follow each other.
#[derive(Debug)]
struct Part {
    file: usize,
    line: usize,
    bytes: Vec<u8>,
}

impl<'r> ScopeText<'r> {
    pub(super) fn read(recording: &'r Recording, places: &[FilePlace]) -> Result<Self> {
        let mut parts = Vec::with_capacity(places.len());
        for &FilePlace { file, place } in places {
            let bytes = recording.files[file].source.read(place)?;
            parts.push(Part { file, line: place.line, bytes });
        }
        Ok(Self { recording, parts })
    }

    /// Its exchanges in the order in which they were sent. Lines stand in the order
    /// of completion, which varies where statements overlap.
    pub fn exchanges(&self) -> Result<Vec<ExchangeRecord<'_>>> {
        let mut exchanges = Vec::new();
        // Of the first exchanges, as few scopes have rows in lines of their own.
        let mut indexes: HashMap<ExchangeNumber, usize> = HashMap::new();
        for part in &self.parts {
            let index = &self.recording.files[part.file];
            let resolve = Resolve::of(part.file, index, self.recording.profile);
            for (number, bytes) in part.lines() {
                let at = LineText::of(index.source.path(), number, bytes)?;
                if let Some(record) = resolve.plain(at) {
                    exchanges.push(record);
                    continue;
                }
                let line = at.parse()?;
                if let Some(record) = resolve.exchange(&line)? {
                    exchanges.push(record);
                    continue;
                }
                let number = match &line.event {
                    Event::Rows(rows) => (part.file, rows.exchange),
                    Event::Notify(notify) => (part.file, notify.exchange),
                    _ => return Err(changed(line.at)),
                };
                for (index, exchange) in exchanges.iter().enumerate().skip(indexes.len()) {
                    indexes.insert(exchange.number, index);
                }
                let index = indexes.get(&number);
                let Some(&index) = index else { return Err(changed(line.at)) };
                let exchange: &mut ExchangeRecord<'_> = &mut exchanges[index];
                match line.event {
                    Event::Rows(ref rows) => append_rows(&line, rows, exchange)?,
                    Event::Notify(notify) => {
                        let notification = self.notification(exchange, line.at.number, notify);
                        exchange.notifications.push(notification);
                    }
                    _ => {}
                }
            }
        }
        exchanges.sort_by_key(|exchange: &ExchangeRecord<'_>| exchange.number);
        for exchange in &mut exchanges {
            exchange.sends = self.recording.senders.rank(exchange.number).map(|at| self.named(at));
        }
        Ok(exchanges)
    }

    fn notification<'a>(
        &'a self,
        exchange: &ExchangeRecord<'a>,
        line: usize,
        notify: Notify<'a>,
    ) -> NotificationRecord<'a> {
        let (file, _) = exchange.number;
        let own = self.recording.files[file].ids.backends.get(&exchange.connection);
        let sender = self.recording.senders.of_line(file, line);
        NotificationRecord {
            channel: notify.channel,
            payload: notify.payload,
            pid: Some(notify.pid).filter(|pid| Some(pid) != own),
            after: sender.map(|at| self.named(at)),
        }
    }

    fn named(&self, (scope, rank): (ScopeIndex, usize)) -> Sender<'_> {
        (&self.recording.scopes[scope].name, rank)
    }
}

impl Part {
    fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let lines = split_lines(&self.bytes);
        lines.enumerate().map(|(index, bytes)| (self.line + index, bytes))
    }
}
