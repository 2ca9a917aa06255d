//! The committed Rust tables are exactly what their data make.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use codegen::paths;
use codegen::pg_type::{PgType, TypeKind};
use codegen::python_form::{PythonForm, python_form};
use codegen::sink::{Check, Sink};
use codegen::sqlstate::CONDITIONS;
use codegen::tables::tables;

#[test]
fn committed_tables_are_fresh() {
    let mut sink = Box::new(Check::new(paths::generated_rust()));
    tables(&paths::stacks(), sink.as_mut()).expect("the tables can be made");
    let changes = sink.finish().expect("the tables can be compared");
    let diffs: Vec<&str> = changes.iter().map(|change| change.diff.as_str()).collect();
    assert!(changes.is_empty(), "run `cargo xtask gen`\n{}", diffs.concat());
}

#[test]
fn ranges_and_multiranges_refer_to_each_other() {
    let mut ranges = 0;
    for &each in PgType::ALL {
        match each.kind() {
            TypeKind::Range => {
                ranges += 1;
                assert!(each.range_subtype().is_some(), "{}", each.name());
                let multirange = each.multirange().expect("each range has a multirange");
                assert_eq!(multirange.range(), Some(each));
                assert_eq!(python_form(each), PythonForm::Range);
                assert_eq!(python_form(multirange), PythonForm::Multirange);
            }
            TypeKind::Multirange => assert!(each.range().is_some(), "{}", each.name()),
            TypeKind::Base | TypeKind::Pseudo => assert_eq!(each.range_subtype(), None),
        }
    }
    assert_eq!(ranges, 6);
}

#[test]
fn types_and_conditions_are_sorted_and_unique() {
    assert!(PgType::ALL.windows(2).all(|pair| pair[0].oid() < pair[1].oid()));
    assert!(CONDITIONS.windows(2).all(|pair| pair[0].sqlstate < pair[1].sqlstate));
    let mut classes: Vec<&str> = CONDITIONS.iter().map(|each| each.class).collect();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes.len(), CONDITIONS.len());
}
