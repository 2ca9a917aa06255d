//! A summary as text for people.
//!
//! Says nothing of what is as it should be, but for the counts in the last line.

use std::fmt::Write as _;

use crate::summary::Summary;

/// One heading for each kind of thing that is worth saying, and a line of counts.
pub fn text(summary: &Summary) -> String {
    let mut out = String::new();
    let mut unused = Vec::new();
    let mut again = Vec::new();
    let mut failures = Vec::new();
    let mut unended = Vec::new();
    let mut counts = Counts::default();
    for scope in summary.scopes() {
        let name = &scope.name;
        counts.scopes += u64::from(scope.opened > 0);
        counts.used += scope.used();
        counts.misses += scope.misses.len();
        for each in scope.unused() {
            counts.unused += each.left();
            unused.push(format!("{name}: {}", each.line(each.left())));
        }
        again.extend(scope.used_again().map(|each| format!("{name}: {}", each.line(each.used))));
        failures.extend(scope.failures().map(|report| format!("{name}: {report}")));
        if !scope.has_ended() {
            unended.push(name.clone());
        }
    }
    failures.extend(summary.denied().iter().map(|what| format!("the network was denied: {what}")));
    let never: Vec<String> = summary.never_opened().map(str::to_owned).collect();
    list(&mut out, "failed", &failures);
    list(&mut out, "unused", &unused);
    list(&mut out, "used more than once", &again);
    list(&mut out, "scopes never opened", &never);
    list(&mut out, "scopes that did not end, so that what they used is not known", &unended);
    let Counts { scopes, used, unused, misses } = counts;
    let _ = writeln!(
        out,
        "{}: {used} used, {unused} unused, {} used more than once; {}: {} never opened; {}",
        counted(used + unused, "exchange"),
        again.len(),
        counted(scopes + never.len() as u64, "scope"),
        never.len(),
        counted_irregular(misses as u64, "miss", "misses"),
    );
    out
}

#[derive(Default)]
struct Counts {
    scopes: u64,
    used: u64,
    unused: u64,
    misses: usize,
}

fn list(out: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "{heading}:");
    for item in items {
        let _ = writeln!(out, "  {}", item.replace('\n', "\n  "));
    }
}

fn counted(number: u64, noun: &str) -> String {
    counted_irregular(number, noun, &format!("{noun}s"))
}

fn counted_irregular(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
