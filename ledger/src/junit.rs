//! A summary as `JUnit` XML: one test case a scope.
//!
//! What it calls a failure is what the exit code of the command fails for.

use std::fmt::Write as _;

use crate::summary::Summary;
use crate::xml::escaped;

/// `fail_on_unused` makes failures of what was recorded and not asked for.
pub fn junit(summary: &Summary, fail_on_unused: bool) -> String {
    let stack = summary.stacks().collect::<Vec<_>>().join(", ");
    let suite = if stack.is_empty() { "replay" } else { &stack };
    let mut cases: Vec<Case> = Vec::new();
    for scope in summary.scopes() {
        let mut case = Case::new(&scope.name);
        case.failures.extend(scope.failures().map(|report| ("miss", report)));
        let unused: Vec<String> = scope.unused().map(|each| each.line(each.left())).collect();
        let again = scope.used_again().map(|each| each.line(each.used));
        case.said.extend(again.map(|line| format!("used more than once: {line}")));
        if !scope.has_ended() {
            case.unused("the scope did not end: what it used is not known", fail_on_unused);
        }
        for line in unused {
            case.unused(&format!("unused: {line}"), fail_on_unused);
        }
        cases.push(case);
    }
    for name in summary.never_opened() {
        let mut case = Case::new(name);
        case.skipped = !fail_on_unused;
        if fail_on_unused {
            case.unused("the scope was never opened", true);
        }
        cases.push(case);
    }
    if !summary.denied().is_empty() {
        let mut case = Case::new("network");
        case.failures.extend(summary.denied().iter().map(|what| ("denied", what.clone())));
        cases.push(case);
    }
    let failed = cases.iter().filter(|case| !case.failures.is_empty()).count();
    let skipped = cases.iter().filter(|case| case.skipped).count();
    let counts = format!("tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\"", cases.len());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites {counts}>");
    let _ = writeln!(out, "  <testsuite name=\"{}\" {counts}>", escaped(suite));
    for case in &cases {
        case.write(suite, &mut out);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

struct Case<'s> {
    name: &'s str,
    /// Kind and report.
    failures: Vec<(&'static str, String)>,
    said: Vec<String>,
    skipped: bool,
}

impl<'s> Case<'s> {
    fn new(name: &'s str) -> Self {
        Self { name, failures: Vec::new(), said: Vec::new(), skipped: false }
    }

    fn unused(&mut self, what: &str, fails: bool) {
        if fails {
            self.failures.push(("unused", what.to_owned()));
        } else {
            self.said.push(what.to_owned());
        }
    }

    fn write(&self, suite: &str, out: &mut String) {
        let (suite, name) = (escaped(suite), escaped(self.name));
        let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"");
        if self.failures.is_empty() && self.said.is_empty() && !self.skipped {
            out.push_str("/>\n");
            return;
        }
        out.push_str(">\n");
        if self.skipped {
            out.push_str("      <skipped message=\"the scope was never opened\"/>\n");
        }
        // Readers of this format expect no more than one failure a case.
        if let Some((kind, first)) = self.failures.first() {
            let message = escaped(first.lines().next().unwrap_or_default());
            let reports: Vec<&str> = self.failures.iter().map(|(_, report)| &**report).collect();
            let reports = reports.join("\n");
            let reports = escaped(&reports);
            let _ = writeln!(
                out,
                "      <failure type=\"{kind}\" message=\"{message}\">{reports}</failure>"
            );
        }
        if !self.said.is_empty() {
            let said = escaped(&self.said.join("\n")).into_owned();
            let _ = writeln!(out, "      <system-out>{said}</system-out>");
        }
        out.push_str("    </testcase>\n");
    }
}
