//! What the cells of a column must look like, as far as its type says so.
//!
//! Only types whose OID is the same in every database are known; a cell of any
//! other is taken as it is.

use std::sync::LazyLock;

use crate::pg_type::PgType;
use crate::trace::{CellShape, Column, RowDescription, TextForm};

/// The shapes of a row's cells, one a column.
pub fn shapes(description: &RowDescription<'_>) -> Vec<CellShape> {
    description.columns.iter().map(shape).collect()
}

fn shape(column: &Column<'_>) -> CellShape {
    let any = CellShape::any(column.format);
    match known(column) {
        Some(pg_type) => CellShape {
            type_name: pg_type.name(),
            text: text_form(pg_type),
            width: width(pg_type),
            ..any
        },
        None => any,
    }
}

/// Each result has its columns looked up, so a list is worth its few kilobytes.
static BY_OID: LazyLock<Vec<Option<PgType>>> = LazyLock::new(|| {
    let mut types = Vec::new();
    for &each in PgType::ALL {
        let index = each.oid() as usize;
        types.resize(types.len().max(index + 1), None);
        types[index] = Some(each);
    }
    types
});

/// Other drivers number their types in their own way, and name them so.
fn known(column: &Column<'_>) -> Option<PgType> {
    let pg_type = (*BY_OID.get(usize::try_from(column.type_oid).ok()?)?)?;
    let named = column.type_name.as_deref().is_none_or(|name| name == pg_type.name());
    named.then_some(pg_type)
}

/// The text that the type's output function writes, where it has one form.
pub fn text_form(pg_type: PgType) -> TextForm {
    match pg_type {
        PgType::Bool => TextForm::Bool,
        PgType::Int2 => TextForm::Integer(i16::MIN.into(), i16::MAX.into()),
        PgType::Int4 => TextForm::Integer(i32::MIN.into(), i32::MAX.into()),
        PgType::Int8 => TextForm::Integer(i64::MIN, i64::MAX),
        PgType::Oid => TextForm::Integer(0, u32::MAX.into()),
        PgType::Float4 | PgType::Float8 | PgType::Numeric => TextForm::Number,
        PgType::Uuid => TextForm::Uuid,
        PgType::Bytea => TextForm::Bytea,
        PgType::Date => TextForm::Date,
        PgType::Time => TextForm::Time,
        PgType::Timetz => TextForm::Timetz,
        PgType::Timestamp => TextForm::Timestamp,
        PgType::Timestamptz => TextForm::Timestamptz,
        _ => TextForm::Any,
    }
}

/// The bytes that the type's send function writes, where that is a fixed number.
fn width(pg_type: PgType) -> Option<usize> {
    match pg_type {
        PgType::Bool | PgType::Char => Some(1),
        PgType::Int2 => Some(2),
        PgType::Int4 | PgType::Oid | PgType::Float4 | PgType::Date => Some(4),
        PgType::Int8
        | PgType::Float8
        | PgType::Time
        | PgType::Timestamp
        | PgType::Timestamptz
        | PgType::Money
        | PgType::PgLsn => Some(8),
        PgType::Timetz => Some(12),
        PgType::Uuid | PgType::Interval | PgType::Point => Some(16),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::shape;
    use crate::trace::{CellFormat, Column, TextForm};

    fn column(type_oid: u64, type_name: Option<&'static str>) -> Column<'static> {
        Column {
            name: "c".into(),
            type_name: type_name.map(Into::into),
            type_oid,
            typmod: -1,
            size: -1,
            format: CellFormat::Text,
        }
    }

    #[test]
    fn a_type_is_known_by_its_oid_unless_it_has_another_name() {
        let bool_form = |column| shape(&column).text;
        assert_eq!(bool_form(column(16, Some("bool"))), TextForm::Bool);
        assert_eq!(bool_form(column(16, None)), TextForm::Bool);
        assert_eq!(bool_form(column(16, Some("VARCHAR"))), TextForm::Any);
        assert_eq!(bool_form(column(0, None)), TextForm::Any);
        assert_eq!(bool_form(column(u64::MAX, Some("bool"))), TextForm::Any);
    }
}
