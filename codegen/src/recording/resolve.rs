//! What the ids of an exchange refer to.
//!
//! Looks at no JSON but rows, whose shape is checked here because it is another
//! line, the row description, that states it.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::cells::shapes;
use super::index::Ids;
use super::{ExchangeRecord, FileIndex, ResultRecord};
use crate::error::{Error, Result};
use crate::profile::Profile;
use crate::trace::{
    CellFormat, CellShape, Event, Exchange, Line, LineText, Operation, Place, QueryResult,
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
    pub fn exchange<'a>(&self, line: &Line<'a>) -> Result<Option<ExchangeRecord<'a>>> {
        let Event::Exchange(exchange) = &line.event else { return Ok(None) };
        let fault = |field: &str, what: String| {
            Error::from(line.at.finding(&[Step::Key("exchange"), Step::Key(field)], what))
        };
        let scope = *self
            .ids
            .scopes
            .get(&exchange.scope)
            .ok_or_else(|| fault("scope", format!("unknown scope {}", exchange.scope)))?;
        let (sql, text_sets_up) = match exchange.text {
            None => (None, false),
            Some(id) => {
                let text = self
                    .ids
                    .texts
                    .get(&id)
                    .ok_or_else(|| fault("text", format!("unknown text {id}")))?;
                (Some(text.sql.get(|place| self.text(place, id))?), text.sets_up)
            }
        };
        let operation = exchange.operation;
        let sets_up = text_sets_up && operation == Operation::Execute
            || self.profile.sets_up(operation.as_str(), None);
        let mut results = Vec::with_capacity(exchange.results.len());
        for (index, result) in exchange.results.iter().enumerate() {
            results.push(self.result(line, exchange, index, result)?);
        }
        Ok(Some(ExchangeRecord {
            number: (self.file, exchange.id),
            scope,
            connection: exchange.connection,
            operation,
            sql,
            sets_up,
            parameters: exchange.parameters.filter(|raw| raw.get() != "null"),
            results,
            error: exchange.error,
            notices: exchange.notices.filter(|raw| raw.get() != "[]"),
            server_parameters: exchange.server_parameters.filter(|raw| raw.get() != "{}"),
            out_parameters: exchange.out_parameters,
            lossy: exchange.lossy.clone(),
            status: exchange.status,
        }))
    }

    fn result<'a>(
        &self,
        line: &Line<'a>,
        exchange: &Exchange<'a>,
        index: usize,
        result: &QueryResult<'a>,
    ) -> Result<ResultRecord<'a>> {
        let row_description = match result.row_description {
            None => None,
            Some(id) => {
                let kept = self.ids.row_descriptions.get(&id);
                // Ids are resolved when all lines are known, but mean earlier ones.
                let Some(kept) = kept.filter(|kept| kept.place.line < line.at.number) else {
                    let steps = [
                        Step::Key("exchange"),
                        Step::Key("results"),
                        Step::Index(index),
                        Step::Key("row_description"),
                    ];
                    return Err(line
                        .at
                        .finding(&steps, format!("unknown row description {id}"))
                        .into());
                };
                Some(kept.get(|place| self.row_description(place, id))?)
            }
        };
        check_rows(line, exchange.operation, row_description.as_deref(), &result.rows)?;
        Ok(ResultRecord {
            row_description,
            rowcount: result.rowcount,
            command_tag: result.command_tag.clone(),
            rows: result.rows.clone(),
            lastrowid: result.lastrowid,
            empty: result.empty,
            partial: result.partial,
        })
    }

    fn text(&self, place: Place, id: TextId) -> Result<Arc<str>> {
        let bytes = self.source.read(place)?;
        let line = LineText::of(self.source.path(), place.line, &bytes)?.parse()?;
        match line.event {
            Event::Text(text) if text.id == id => Ok(text.sql.into()),
            _ => Err(changed(line.at)),
        }
    }

    fn row_description(
        &self,
        place: Place,
        id: RowDescriptionId,
    ) -> Result<Arc<RowDescription<'static>>> {
        let bytes = self.source.read(place)?;
        let line = LineText::of(self.source.path(), place.line, &bytes)?.parse()?;
        match line.event {
            Event::RowDescription(description) if description.id == id => {
                Ok(Arc::new(description.into_owned()))
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
    result.rows.extend_from_slice(&rows.rows);
    result.partial &= !rows.complete;
    exchange.error = exchange.error.or(rows.error);
    Ok(())
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
    let cells = match description {
        Some(description) => shapes(description),
        // COPY has no row description: a row is one block of data.
        None if operation == Operation::CopyOut => vec![CellShape::any(CellFormat::Text)],
        None => return Err(line.at.finding(&[], "rows without a row description").into()),
    };
    rows.iter().try_for_each(|row| line.check_with(row, RowShape(&cells)))
}

/// The file is another one than when it was first read.
pub fn changed(line: LineText<'_>) -> Error {
    let mut finding = line.finding(&[], "the file has changed while it was read");
    "wait until the recording has ended".clone_into(&mut finding.hint);
    finding.into()
}
