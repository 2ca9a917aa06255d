//! What a set of trace files says, with every id resolved.
//!
//! Decides nothing about replay: everything stands in recorded order and in the
//! scope that it ran in.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::value::RawValue;

use crate::error::{Error, Finding, Result, Warning};
use crate::profile::Profile;
use crate::trace::{ExchangeId, Loss, Operation, RowDescription, ScopeKind, Status, Trace};

mod file;

/// Everything that was recorded of one application.
#[derive(Debug)]
pub struct Recording<'a> {
    /// The driver.
    pub profile: &'static Profile,
    /// Versions of the packages that shape the traffic.
    pub packages: BTreeMap<String, String>,
    /// In the order in which they opened, start-up first.
    pub scopes: Vec<ScopeRecord<'a>>,
    /// In the order in which they were asked for.
    pub connects: Vec<ConnectRecord<'a>>,
    /// In the order in which they were sent; of several files, one after the other.
    pub exchanges: Vec<ExchangeRecord<'a>>,
    /// Of all scopes.
    names: BTreeSet<String>,
}

/// A scope that was opened.
#[derive(Debug)]
pub struct ScopeRecord<'a> {
    /// Unique in the recording.
    pub name: std::borrow::Cow<'a, str>,
    /// What opened it.
    pub kind: ScopeKind,
}

/// The index of a scope in [`Recording::scopes`]; 0 is start-up.
pub type ScopeIndex = usize;

/// A connection that was asked for.
#[derive(Debug)]
pub struct ConnectRecord<'a> {
    /// Where it was asked for.
    pub scope: ScopeIndex,
    /// The connection parameters that shape the session.
    pub settings: Option<&'a RawValue>,
    /// What the server reported, or the error.
    pub outcome: std::result::Result<&'a RawValue, &'a RawValue>,
}

/// A statement and its outcome.
#[derive(Debug, Clone)]
pub struct ExchangeRecord<'a> {
    /// In the order in which statements were sent, within one file.
    pub id: ExchangeId,
    /// Where it belongs.
    pub scope: ScopeIndex,
    /// What was asked of the driver.
    pub operation: Operation,
    /// As the application sent it.
    pub sql: Option<Rc<str>>,
    /// Tagged values.
    pub parameters: Option<&'a RawValue>,
    /// One a result set.
    pub results: Vec<ResultRecord<'a>>,
    /// What was raised.
    pub error: Option<&'a RawValue>,
    /// Diagnostics.
    pub notices: Option<&'a RawValue>,
    /// Those that changed.
    pub server_parameters: Option<&'a RawValue>,
    /// Tagged values of out parameters.
    pub out_parameters: Option<&'a RawValue>,
    /// What another recorder did not keep.
    pub lossy: Vec<Loss>,
    /// After the step.
    pub status: Status,
}

/// One result set with all its rows, those of later events included.
#[derive(Debug, Clone)]
pub struct ResultRecord<'a> {
    /// None if the statement returns no rows.
    pub row_description: Option<Rc<RowDescription<'a>>>,
    /// PEP 249: -1 if unknown.
    pub rowcount: i64,
    /// As the server sent it.
    pub command_tag: Option<std::borrow::Cow<'a, str>>,
    /// Arrays of cells.
    pub rows: Vec<&'a RawValue>,
    /// A tagged value.
    pub lastrowid: Option<&'a RawValue>,
    /// The statement was empty.
    pub empty: bool,
    /// The application stopped reading before the end.
    pub partial: bool,
}

impl<'a> Recording<'a> {
    /// Joins the files of one application.
    pub fn from_traces(traces: Vec<Trace<'a>>, warnings: &mut Vec<Warning>) -> Result<Self> {
        let mut traces = traces.into_iter();
        let Some(first) = traces.next() else {
            return Err(Error::request("no trace was given", "name a trace file or a folder"));
        };
        let mut recording = Self {
            profile: first.header.profile.0,
            packages: first.header.packages.clone(),
            scopes: vec![ScopeRecord { name: START_UP.into(), kind: ScopeKind::StartUp }],
            connects: Vec::new(),
            exchanges: Vec::new(),
            names: BTreeSet::from([START_UP.to_owned()]),
        };
        let first_path = first.path;
        file::append(&mut recording, first, warnings)?;
        for trace in traces {
            if trace.header.profile.0 != recording.profile {
                return Err(Error::from(Finding {
                    path: trace.path.to_path_buf(),
                    line: 1,
                    column: 1,
                    what: format!(
                        "profile `{}` where {} has `{}`",
                        trace.header.profile.0.name,
                        first_path.display(),
                        recording.profile.name
                    ),
                    hint: "one fixture replays one driver; keep the traces in folders of their own"
                        .to_owned(),
                }));
            }
            recording.join_packages(&trace)?;
            file::append(&mut recording, trace, warnings)?;
        }
        Ok(recording)
    }

    /// Processes of one application run one version of a driver.
    fn join_packages(&mut self, trace: &Trace<'a>) -> Result<()> {
        for (name, version) in &trace.header.packages {
            let known = self.packages.entry(name.clone()).or_insert_with(|| version.clone());
            if known != version {
                return Err(Error::from(Finding {
                    path: trace.path.to_path_buf(),
                    line: 1,
                    column: 1,
                    what: format!("{name} {version} where another trace has {known}"),
                    hint: "record all processes again, in one environment".to_owned(),
                }));
            }
        }
        Ok(())
    }
}

/// The name of the scope that every recording has.
pub const START_UP: &str = "start-up";

#[cfg(test)]
mod tests;
