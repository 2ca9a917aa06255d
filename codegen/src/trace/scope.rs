//! The events that open and close scopes.
//!
//! Knows nothing of what happens in them.

use std::borrow::Cow;

use serde::Deserialize;

use super::ids::ScopeId;
use super::mode::Mode;

/// `{"scope":{"id":1,"name":"create user","kind":"request"}}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope<'a> {
    /// Referred to by exchanges.
    pub id: ScopeId,
    /// Unique in its file; the recorder gives equal names an ordinal.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// What opened it.
    pub kind: ScopeKind,
    /// Another process opened it, and then forked this one: what follows belongs to the
    /// scope of this name in the files that began earlier.
    #[serde(default)]
    pub continues: bool,
    /// Names of shared scopes whose exchanges came first.
    #[serde(default)]
    pub begins: Vec<String>,
    /// Names of shared scopes whose exchanges came last.
    #[serde(default)]
    pub ends: Vec<String>,
}

/// What a scope stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// Whatever belongs to none of the others; always id 0.
    StartUp,
    /// An HTTP request.
    Request,
    /// The whole life of a WebSocket.
    Websocket,
    /// A test.
    Test,
    /// What an application's callbacks ask of the connections that a pool makes, checks
    /// and takes back, as often as it does so. Belongs to start-up and never ends; one
    /// in a file.
    SetUp,
    /// Set-up and tear-down of something that outlives a test.
    Fixture,
    /// Exchanges that several scopes have in common at their begin or end. No recorder
    /// writes it; traces that are kept one a scope have it.
    Shared,
}

impl ScopeKind {
    /// As the trace spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StartUp => "start-up",
            Self::Request => "request",
            Self::Websocket => "websocket",
            Self::Test => "test",
            Self::SetUp => "set-up",
            Self::Fixture => "fixture",
            Self::Shared => "shared",
        }
    }
}

/// `{"scope_end":{"id":1}}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEnd {
    /// The scope that closes.
    pub id: ScopeId,
    /// It stands for a test that failed, or for a fixture whose set-up did.
    #[serde(default)]
    pub failed: bool,
    /// What is to be kept of it, where the test itself says so.
    #[serde(default)]
    pub mode: Option<Mode>,
}
