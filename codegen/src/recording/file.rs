//! Resolves the ids of one trace file and appends it to the recording.
//!
//! Looks at no JSON but rows, whose shape is checked here because it is another
//! line, the row description, that states it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use super::{ConnectRecord, ExchangeRecord, Recording, ResultRecord, ScopeIndex, ScopeRecord};
use crate::error::{Result, Warning};
use crate::trace::{
    CellFormat, Connect, ConnectionId, Event, Exchange, ExchangeId, Line, Operation, QueryResult,
    RowDescription, RowDescriptionId, RowShape, Rows, Scope, ScopeEnd, ScopeId, ScopeKind, Step,
    TextId, Trace,
};

const RECORD_AGAIN: &str =
    "record again with `cargo xtask record`; a trace is not meant to be edited";

/// Appends the events of one file; ids count within it.
pub fn append<'a>(
    recording: &mut Recording<'a>,
    trace: Trace<'a>,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    let mut file = File {
        path: trace.path,
        recording,
        texts: BTreeMap::new(),
        row_descriptions: BTreeMap::new(),
        scopes: BTreeMap::new(),
        open: BTreeMap::new(),
        connections: BTreeSet::new(),
        exchanges: BTreeMap::new(),
        names: BTreeSet::new(),
    };
    let before = file.recording.exchanges.len();
    for line in trace.lines {
        file.line(line)?;
    }
    // Lines stand in the order of completion, which varies where statements overlap.
    file.recording.exchanges[before..].sort_by_key(|exchange| exchange.id);
    for (name, number) in file.open.into_values() {
        warnings.push(Warning(crate::error::Finding {
            path: trace.path.to_path_buf(),
            line: number,
            column: 1,
            what: format!("scope `{name}` never ended; what was recorded of it is used"),
            hint: "the application was stopped during it; record again if the loss matters"
                .to_owned(),
        }));
    }
    Ok(())
}

struct Description<'a> {
    columns: Rc<RowDescription<'a>>,
    formats: Vec<CellFormat>,
}

struct File<'r, 'a> {
    path: &'a Path,
    recording: &'r mut Recording<'a>,
    texts: BTreeMap<TextId, Rc<str>>,
    row_descriptions: BTreeMap<RowDescriptionId, Description<'a>>,
    scopes: BTreeMap<ScopeId, ScopeIndex>,
    open: BTreeMap<ScopeId, (String, usize)>,
    connections: BTreeSet<ConnectionId>,
    exchanges: BTreeMap<ExchangeId, usize>,
    names: BTreeSet<String>,
}

impl<'a> File<'_, 'a> {
    fn line(&mut self, mut line: Line<'a>) -> Result<()> {
        // The placeholder is not looked at again: the event is taken out so that
        // its parts can be moved while the line still says where they stand.
        let placeholder = Event::ScopeEnd(ScopeEnd { id: ScopeId::START_UP });
        match std::mem::replace(&mut line.event, placeholder) {
            Event::Trace(_) => Ok(()),
            Event::Text(text) => {
                let known = self.texts.insert(text.id, text.sql.into());
                self.once(&line, "text", text.id.0, known.is_some())
            }
            Event::RowDescription(description) => {
                let id = description.id;
                let formats = description.columns.iter().map(|column| column.format).collect();
                let entry = Description { columns: Rc::new(description), formats };
                let known = self.row_descriptions.insert(id, entry);
                self.once(&line, "row_description", id.0, known.is_some())
            }
            Event::Scope(scope) => self.scope(&line, scope),
            Event::ScopeEnd(end) => {
                if self.open.remove(&end.id).is_some() {
                    Ok(())
                } else {
                    let what = format!("scope {} is not open", end.id);
                    Err(self.fault(&line, &[Step::Key("scope_end"), Step::Key("id")], what))
                }
            }
            Event::Connect(connect) => self.connect(&line, &connect),
            Event::Exchange(exchange) => self.exchange(&line, *exchange),
            Event::Rows(rows) => self.rows(&line, &rows),
        }
    }

    fn scope(&mut self, line: &Line<'a>, scope: Scope<'a>) -> Result<()> {
        let Scope { id, name, kind } = scope;
        self.once(line, "scope", id.0, self.scopes.contains_key(&id))?;
        if (id == ScopeId::START_UP) != (kind == ScopeKind::StartUp) {
            let what = "scope 0, and no other, is start-up";
            return Err(self.fault(line, &[Step::Key("scope"), Step::Key("kind")], what));
        }
        if id == ScopeId::START_UP {
            self.scopes.insert(id, 0);
            return Ok(());
        }
        if !self.names.insert(name.to_string()) {
            let what = format!("a second scope named `{name}`");
            return Err(self.fault(line, &[Step::Key("scope"), Step::Key("name")], what));
        }
        self.open.insert(id, (name.to_string(), line.number));
        self.scopes.insert(id, self.recording.scopes.len());
        let name = self.unique(name);
        self.recording.scopes.push(ScopeRecord { name, kind });
        Ok(())
    }

    /// Processes do not know of each other, so two of them may have opened a
    /// scope of one name; at replay they are the first and the second of it.
    fn unique(&mut self, name: std::borrow::Cow<'a, str>) -> std::borrow::Cow<'a, str> {
        if self.recording.names.insert(name.to_string()) {
            return name;
        }
        let mut ordinal = 2;
        loop {
            let numbered = format!("{name} ({ordinal})");
            if self.recording.names.insert(numbered.clone()) {
                return numbered.into();
            }
            ordinal += 1;
        }
    }

    fn connect(&mut self, line: &Line<'a>, connect: &Connect<'a>) -> Result<()> {
        let known = !self.connections.insert(connect.id);
        self.once(line, "connect", connect.id.0, known)?;
        let scope = self.scope_index(line, "connect", connect.scope)?;
        let outcome = match (connect.server_parameters, connect.error) {
            (Some(parameters), _) => Ok(parameters),
            (None, Some(error)) => Err(error),
            (None, None) => return Ok(()),
        };
        self.recording.connects.push(ConnectRecord { scope, settings: connect.settings, outcome });
        Ok(())
    }

    fn exchange(&mut self, line: &Line<'a>, exchange: Exchange<'a>) -> Result<()> {
        let known = self.exchanges.insert(exchange.id, self.recording.exchanges.len());
        self.once(line, "exchange", exchange.id.0, known.is_some())?;
        let scope = self.scope_index(line, "exchange", exchange.scope)?;
        if !self.connections.contains(&exchange.connection) {
            let what = format!("unknown connection {}", exchange.connection);
            let steps = [Step::Key("exchange"), Step::Key("connection")];
            return Err(self.fault(line, &steps, what));
        }
        let sql = match exchange.text {
            None => None,
            Some(id) => Some(self.texts.get(&id).cloned().ok_or_else(|| {
                let steps = [Step::Key("exchange"), Step::Key("text")];
                self.fault(line, &steps, format!("unknown text {id}"))
            })?),
        };
        let mut results = Vec::with_capacity(exchange.results.len());
        for (index, result) in exchange.results.into_iter().enumerate() {
            results.push(self.result(line, exchange.operation, index, result)?);
        }
        self.recording.exchanges.push(ExchangeRecord {
            id: exchange.id,
            scope,
            operation: exchange.operation,
            sql,
            parameters: exchange.parameters.filter(|raw| raw.get() != "null"),
            results,
            error: exchange.error,
            notices: exchange.notices.filter(|raw| raw.get() != "[]"),
            server_parameters: exchange.server_parameters.filter(|raw| raw.get() != "{}"),
            out_parameters: exchange.out_parameters,
            lossy: exchange.lossy,
            status: exchange.status,
        });
        Ok(())
    }

    fn result(
        &self,
        line: &Line<'a>,
        operation: Operation,
        index: usize,
        result: QueryResult<'a>,
    ) -> Result<ResultRecord<'a>> {
        let row_description = match result.row_description {
            None => None,
            Some(id) => Some(self.row_descriptions.get(&id).ok_or_else(|| {
                let steps = [
                    Step::Key("exchange"),
                    Step::Key("results"),
                    Step::Index(index),
                    Step::Key("row_description"),
                ];
                self.fault(line, &steps, format!("unknown row description {id}"))
            })?),
        };
        let formats = row_description.map(|description| description.formats.as_slice());
        self.check_rows(line, operation, formats, &result.rows)?;
        Ok(ResultRecord {
            row_description: row_description.map(|description| Rc::clone(&description.columns)),
            rowcount: result.rowcount,
            command_tag: result.command_tag,
            rows: result.rows,
            lastrowid: result.lastrowid,
            empty: result.empty,
            partial: result.partial,
        })
    }

    fn rows(&mut self, line: &Line<'a>, rows: &Rows<'a>) -> Result<()> {
        let steps = [Step::Key("rows"), Step::Key("exchange")];
        let index = self.exchanges.get(&rows.exchange).copied().ok_or_else(|| {
            self.fault(line, &steps, format!("unknown exchange {}", rows.exchange))
        })?;
        let exchange = &self.recording.exchanges[index];
        let operation = exchange.operation;
        let Some(result) = exchange.results.last().filter(|result| result.partial) else {
            let what = format!("exchange {} has no partial result", rows.exchange);
            return Err(self.fault(line, &steps, what));
        };
        let formats: Option<Vec<CellFormat>> = result
            .row_description
            .as_ref()
            .map(|description| description.columns.iter().map(|column| column.format).collect());
        self.check_rows(line, operation, formats.as_deref(), &rows.rows)?;
        let exchange = &mut self.recording.exchanges[index];
        exchange.error = exchange.error.or(rows.error);
        if let Some(result) = exchange.results.last_mut() {
            result.rows.extend_from_slice(&rows.rows);
            result.partial = !rows.complete;
        }
        Ok(())
    }

    fn check_rows(
        &self,
        line: &Line<'a>,
        operation: Operation,
        formats: Option<&[CellFormat]>,
        rows: &[&'a serde_json::value::RawValue],
    ) -> Result<()> {
        let formats = match formats {
            Some(formats) => formats,
            // COPY has no row description: a row is one block of data.
            None if operation == Operation::CopyOut => &[CellFormat::Text],
            None if rows.is_empty() => return Ok(()),
            None => {
                let what = "rows without a row description";
                return Err(self.fault(line, &[], what));
            }
        };
        rows.iter().try_for_each(|row| line.check_with(self.path, row, RowShape(formats)))
    }

    fn scope_index(&self, line: &Line<'a>, event: &str, id: ScopeId) -> Result<ScopeIndex> {
        self.scopes.get(&id).copied().ok_or_else(|| {
            let steps = [Step::Key(event), Step::Key("scope")];
            self.fault(line, &steps, format!("unknown scope {id}"))
        })
    }

    fn once(&self, line: &Line<'a>, event: &str, id: u64, known: bool) -> Result<()> {
        if !known {
            return Ok(());
        }
        let noun = event.replace('_', " ");
        let what = format!("a second {noun} {id}");
        Err(self.fault(line, &[Step::Key(event), Step::Key("id")], what))
    }

    fn fault(
        &self,
        line: &Line<'a>,
        steps: &[Step<'_>],
        what: impl Into<String>,
    ) -> crate::error::Error {
        line.finding(self.path, steps, what, RECORD_AGAIN).into()
    }
}
