//! What the ids of an exchange refer to.
//!
//! Looks at no JSON but rows, whose shape is checked here because it is another
//! line, the row description, that states it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::cells::shapes;
use super::index::{Ids, IndexedColumns};
use super::{ExchangeRecord, FileIndex, NewsRecord, Number, ResultRecord};
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::trace::{
    BlockShape, CellFormat, Event, Exchange, Line, LineText, Operation, Place, PlainExchange,
    RowDescription, RowDescriptionId, RowShape, Rows, Source, Step, TextId,
};

/// The exchanges of one file.
#[derive(Debug, Clone, Copy)]
pub struct Resolve<'i> {
    /// Its number.
    pub file: usize,
    /// Its bytes.
    pub source: &'i Source,
    /// What was found in it.
    pub ids: &'i Ids,
    /// Of its driver.
    pub profile: &'static Profile,
}

impl<'i> Resolve<'i> {
    /// Of an indexed file.
    pub fn of(file: usize, index: &'i FileIndex, profile: &'static Profile) -> Self {
        Self { file, source: &index.source, ids: &index.ids, profile }
    }

    /// The exchange of a line; None if it is another event.
    pub fn exchange<'a>(&self, line: &Line<'a>) -> Result<Option<ExchangeRecord<'a>>>
    where
        'i: 'a,
    {
        let Event::Exchange(exchange) = &line.event else { return Ok(None) };
        let mut record = self.without_results(line.at, exchange)?;
        for (index, result) in exchange.results.iter().enumerate() {
            let (row_description, columns) =
                self.columns(line.at, index, result.row_description)?.unzip();
            check_rows(line, exchange.operation, row_description.as_deref(), &result.rows)?;
            record.results.push(ResultRecord {
                row_description,
                columns,
                rowcount: result.rowcount,
                command_tag: result.command_tag.clone(),
                rows: texts(&result.rows),
                lastrowid: result.lastrowid,
                empty: result.empty,
                partial: result.partial,
            });
        }
        Ok(Some(record))
    }

    /// The exchange of a line as most are, read in one go. None says nothing but that
    /// it has to be parsed.
    pub fn plain<'a>(&self, at: LineText<'a>) -> Option<ExchangeRecord<'a>>
    where
        'i: 'a,
    {
        let shapes = |id| {
            let (description, _) = self.columns(at, 0, Some(id)).ok()??;
            Some(shapes(&description))
        };
        let PlainExchange { exchange, results } = PlainExchange::of(at, &shapes)?;
        let mut record = self.without_results(at, &exchange).ok()?;
        record.results.reserve_exact(results.len());
        for (index, result) in results.into_iter().enumerate() {
            let (row_description, columns) =
                self.columns(at, index, result.row_description).ok()?.unzip();
            record.results.push(ResultRecord {
                row_description,
                columns,
                rowcount: result.rowcount,
                command_tag: result.command_tag.map(Cow::Borrowed),
                rows: result.rows,
                lastrowid: None,
                empty: false,
                partial: false,
            });
        }
        Some(record)
    }

    fn without_results<'a>(
        &self,
        at: LineText<'a>,
        exchange: &Exchange<'a>,
    ) -> Result<ExchangeRecord<'a>>
    where
        'i: 'a,
    {
        let fault = |field: &str, what: String| {
            Error::from(at.finding(&[Step::Key("exchange"), Step::Key(field)], what))
        };
        let scope = *self
            .ids
            .scopes
            .get(exchange.scope.0)
            .ok_or_else(|| fault("scope", format!("unknown scope {}", exchange.scope)))?;
        let (sql, text, text_sets_up) = match exchange.text {
            None => (None, None, false),
            Some(id) => {
                let text = self
                    .ids
                    .texts
                    .get(id.0)
                    .ok_or_else(|| fault("text", format!("unknown text {id}")))?;
                let sql = text.sql.get(|place| self.text(place, id))?;
                (Some(sql), Some(text.number), text.sets_up)
            }
        };
        let operation = exchange.operation;
        let sets_up = text_sets_up && operation == Operation::Execute
            || self.ids.sets_up(exchange.scope, operation)
            || self.profile.sets_up(operation.as_str(), None);
        Ok(ExchangeRecord {
            number: (self.file, exchange.id),
            scope,
            connection: exchange.connection,
            operation,
            sql,
            text,
            sets_up,
            transaction: exchange.transaction.clone(),
            parameters: exchange.parameters.filter(|raw| raw.get() != "null"),
            results: Vec::new(),
            error: exchange.error,
            notices: exchange.notices.filter(|raw| raw.get() != "[]"),
            server_parameters: exchange.server_parameters.filter(|raw| raw.get() != "{}"),
            out_parameters: exchange.out_parameters,
            later: Vec::new(),
            notifications: Vec::new(),
            sends: None,
            interrupted: exchange.interrupted,
            lossy: exchange.lossy.clone(),
            status: exchange.status,
        })
    }

    fn columns(
        &self,
        at: LineText<'_>,
        index: usize,
        id: Option<RowDescriptionId>,
    ) -> Result<Option<(Cow<'i, RowDescription<'static>>, Number)>> {
        let Some(id) = id else { return Ok(None) };
        let indexed = self.ids.row_descriptions.get(id.0);
        // Ids are resolved when all lines are known, but mean earlier ones.
        let earlier = |indexed: &&IndexedColumns| indexed.description.place.line < at.number;
        let Some(IndexedColumns { description, number }) = indexed.filter(earlier) else {
            let steps = [
                Step::Key("exchange"),
                Step::Key("results"),
                Step::Index(index),
                Step::Key("row_description"),
            ];
            return Err(at.finding(&steps, format!("unknown row description {id}")).into());
        };
        let description = description.get(|place| self.row_description(place, id))?;
        Ok(Some((description, *number)))
    }

    fn text(&self, place: Place, id: TextId) -> Result<String> {
        let bytes = self.source.read(place)?;
        let line = LineText::of(self.source.path(), place.line, &bytes)?.parse()?;
        match line.event {
            Event::Text(text) if text.id == id => Ok(text.sql.into_owned()),
            _ => Err(changed(line.at)),
        }
    }

    fn row_description(
        &self,
        place: Place,
        id: RowDescriptionId,
    ) -> Result<RowDescription<'static>> {
        let bytes = self.source.read(place)?;
        let line = LineText::of(self.source.path(), place.line, &bytes)?.parse()?;
        match line.event {
            Event::RowDescription(description) if description.id == id => {
                Ok(description.into_owned())
            }
            _ => Err(changed(line.at)),
        }
    }
}

/// Appends the rows of a later line to the exchange that they belong to.
pub fn append_rows<'a>(
    line: &Line<'a>,
    rows: &Rows<'a>,
    exchange: &mut ExchangeRecord<'a>,
) -> Result<()> {
    // A cursor that was read to its end may still refuse to move back.
    let only_error = rows.rows.is_empty() && !rows.complete && rows.error.is_some();
    let last = exchange.results.last_mut().filter(|result| result.partial || only_error);
    let Some(result) = last else {
        let steps = [Step::Key("rows"), Step::Key("exchange")];
        let what = format!("exchange {} has no partial result", rows.exchange);
        return Err(line.at.finding(&steps, what).into());
    };
    let description = result.row_description.as_deref();
    check_rows(line, exchange.operation, description, &rows.rows)?;
    let after = result.rows.len();
    result.rows.append(&mut texts(&rows.rows));
    result.partial &= !rows.complete;
    result.rowcount = rows.rowcount.unwrap_or(result.rowcount);
    if let Some(tag) = &rows.command_tag {
        result.command_tag = Some(tag.clone());
    }
    exchange.error = exchange.error.or(rows.error);
    exchange.status = rows.status.unwrap_or(exchange.status);
    let notices = rows.notices.filter(|raw| raw.get() != "[]");
    let server_parameters = rows.server_parameters.filter(|raw| raw.get() != "{}");
    if exchange.operation.copies() {
        exchange.notices = exchange.notices.or(notices);
        exchange.server_parameters = exchange.server_parameters.or(server_parameters);
    } else if notices.is_some() || server_parameters.is_some() {
        exchange.later.push(NewsRecord { after, notices, server_parameters });
    }
    Ok(())
}

fn texts<'a>(rows: &[&'a RawValue]) -> Vec<&'a str> {
    rows.iter().map(|row| row.get()).collect()
}

fn check_rows(
    line: &Line<'_>,
    operation: Operation,
    description: Option<&RowDescription<'_>>,
    rows: &[&RawValue],
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    match description {
        Some(description) if operation.copies() => {
            let format = description.columns.first().map_or(CellFormat::Text, |each| each.format);
            check_blocks(line, format, rows)
        }
        Some(description) => {
            let cells = shapes(description);
            rows.iter().try_for_each(|row| line.at.check_with(row, RowShape(&cells)))
        }
        // Other recorders keep no columns of what the server sent.
        None if operation == Operation::CopyOut => check_blocks(line, CellFormat::Text, rows),
        None => Err(line.at.finding(&[], "rows without a row description").into()),
    }
}

fn check_blocks(line: &Line<'_>, format: CellFormat, rows: &[&RawValue]) -> Result<()> {
    rows.iter().try_for_each(|row| line.at.check_with(row, BlockShape(format)))
}

/// The file is another one than when it was first read.
pub fn changed(line: LineText<'_>) -> Error {
    let mut finding = line.finding(&[], "the file has changed while it was read");
    "wait until the recording has ended".clone_into(&mut finding.hint);
    finding.into()
}
