//! What distinguishes one driver from another, as data.
//!
//! Contains no code for any driver: adding one adds a constant here.

use crate::glob::matches;

/// A driver and its dialect.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// As traces and stack files name it.
    pub name: &'static str,
    /// Statements that set up or probe a connection, as globs. They run when a
    /// pool happens to connect or to check, so they belong to start-up and may
    /// be answered again.
    pub connection_set_up: &'static [&'static str],
    /// Operations of which the same is true, whatever their text.
    pub set_up_operations: &'static [&'static str],
    /// The packages of the driver that must be absent where a replay proves that it
    /// does without them.
    pub driver_packages: &'static [&'static str],
}

const PROFILES: &[Profile] = &[Profile {
    name: "psycopg",
    connection_set_up: &[
        // SQLAlchemy's PostgreSQL dialect asks these of its first connection.
        "select pg_catalog.version()",
        "show standard_conforming_strings",
        "select current_schema()",
        "show transaction isolation level",
        // And this, once an engine, when it first reflects an index.
        "select pg_catalog.pg_am.oid, pg_catalog.pg_am.amname *from pg_catalog.pg_am *",
        // Pings: SQLAlchemy's, psycopg_pool's, and those of applications.
        "",
        ";",
        "SELECT 1",
    ],
    set_up_operations: &["type_info"],
    driver_packages: &["psycopg", "psycopg-binary", "psycopg-c", "psycopg-pool"],
}];

impl Profile {
    /// The profile of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// All names, for messages.
    pub fn names() -> String {
        PROFILES.iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ")
    }

    /// Whether a statement sets up or probes a connection. SQL keywords have no
    /// case, so the comparison has none either.
    pub fn sets_up(&self, operation: &str, sql: Option<&str>) -> bool {
        let text = sql.unwrap_or_default().trim().to_ascii_lowercase();
        self.set_up_operations.contains(&operation)
            || (operation == "execute"
                && sql.is_some()
                && self
                    .connection_set_up
                    .iter()
                    .any(|glob| matches(&glob.to_ascii_lowercase(), &text)))
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn connection_set_up_is_recognised_by_its_whole_text() {
        let profile = Profile::named("psycopg").expect("the profile exists");
        assert!(profile.sets_up("execute", Some("select pg_catalog.version()")));
        assert!(profile.sets_up("execute", Some(" select 1 ")));
        assert!(profile.sets_up("execute", Some("")));
        assert!(profile.sets_up("type_info", Some("hstore")));
        assert!(!profile.sets_up("execute", Some("SELECT 1 FROM users")));
        assert!(!profile.sets_up("commit", None));
        assert!(!profile.sets_up("executemany", Some("SELECT 1")));
    }
}
