//! The table of PostgreSQL's built-in types.
//!
//! Takes the catalog's word for everything; what a type is in Python is decided
//! by hand, elsewhere.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::camel_case;
use crate::error::{Error, Result};

struct Row<'d> {
    variant: Ident,
    oid: u32,
    name: &'d str,
    regtype: &'d str,
    kind: Ident,
    category: char,
    delimiter: char,
    array_oid: u32,
    range_subtype: u32,
    multirange: u32,
    range: u32,
}

/// The enum and what each of its variants is.
pub fn tokens(data: &str) -> Result<TokenStream> {
    let rows: Vec<Row<'_>> = data
        .lines()
        .skip(1)
        .map(|line| {
            row(line).ok_or_else(|| Error::Defect(format!("pg_type.tsv: cannot read `{line}`")))
        })
        .collect::<Result<_>>()?;
    let by_oid: BTreeMap<u32, &Ident> = rows.iter().map(|row| (row.oid, &row.variant)).collect();

    let variants = rows.iter().map(|row| {
        let Row { variant, name, oid, .. } = row;
        let doc = format!(" `{name}`, OID {oid}.");
        quote! { #[doc = #doc] #variant }
    });
    let all = rows.iter().map(|row| &row.variant);
    let oids = arms(&rows, |row| number(row.oid));
    let names = arms(&rows, |row| text(row.name));
    let regtypes = arms(&rows, |row| text(row.regtype));
    let kinds = arms(&rows, |row| {
        let kind = &row.kind;
        quote! { TypeKind::#kind }
    });
    let categories = arms(&rows, |row| character(row.category));
    let delimiters = arms(&rows, |row| character(row.delimiter));
    let array_oids = some_arms(&rows, |row| nonzero(row.array_oid).map(number))?;
    let variant = |oid: u32| -> Option<TokenStream> {
        nonzero(oid).and_then(|oid| by_oid.get(&oid)).map(|variant| quote! { Self::#variant })
    };
    let range_subtypes = some_arms(&rows, |row| variant(row.range_subtype))?;
    let multiranges = some_arms(&rows, |row| variant(row.multirange))?;
    let ranges = some_arms(&rows, |row| variant(row.range))?;

    Ok(quote! {
        use super::TypeKind;

        /// A type whose OID is the same in every database. Arrays are a relation of
        /// their element type, not variants of their own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PgType { #(#variants),* }

        impl PgType {
            /// All types, by OID.
            pub const ALL: &[Self] = &[#(Self::#all),*];

            /// `pg_type.oid`.
            pub const fn oid(self) -> u32 { match self { #(#oids)* } }

            /// `pg_type.typname`.
            pub const fn name(self) -> &'static str { match self { #(#names)* } }

            /// The name that SQL uses, `format_type(oid, NULL)`.
            pub const fn regtype(self) -> &'static str { match self { #(#regtypes)* } }

            /// `pg_type.typtype`.
            pub const fn kind(self) -> TypeKind { match self { #(#kinds)* } }

            /// `pg_type.typcategory`.
            pub const fn category(self) -> char { match self { #(#categories)* } }

            /// `pg_type.typdelim`, which stands between the elements of an array.
            pub const fn delimiter(self) -> char { match self { #(#delimiters)* } }

            /// `pg_type.typarray`, the type of arrays of this one.
            pub const fn array_oid(self) -> Option<u32> {
                match self { #(#array_oids)* _ => None }
            }

            /// `pg_range.rngsubtype`, what a range is a range of.
            pub const fn range_subtype(self) -> Option<Self> {
                match self { #(#range_subtypes)* _ => None }
            }

            /// `pg_range.rngmultitypid`, the multirange of a range.
            pub const fn multirange(self) -> Option<Self> {
                match self { #(#multiranges)* _ => None }
            }

            /// The range of a multirange.
            pub const fn range(self) -> Option<Self> {
                match self { #(#ranges)* _ => None }
            }
        }
    })
}

fn row(line: &str) -> Option<Row<'_>> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[oid, name, regtype, kind, category, delimiter, array, subtype, multirange, range] =
        fields.as_slice()
    else {
        return None;
    };
    let kind = match kind {
        "b" => "Base",
        "m" => "Multirange",
        "p" => "Pseudo",
        "r" => "Range",
        _ => return None,
    };
    Some(Row {
        variant: Ident::new(&camel_case(name), Span::call_site()),
        oid: oid.parse().ok()?,
        name,
        regtype,
        kind: Ident::new(kind, Span::call_site()),
        category: category.chars().next()?,
        delimiter: delimiter.chars().next()?,
        array_oid: array.parse().ok()?,
        range_subtype: subtype.parse().ok()?,
        multirange: multirange.parse().ok()?,
        range: range.parse().ok()?,
    })
}

fn arms(rows: &[Row<'_>], value: impl Fn(&Row<'_>) -> TokenStream) -> Vec<TokenStream> {
    let arm = |row: &Row<'_>| {
        let (variant, value) = (&row.variant, value(row));
        quote! { Self::#variant => #value, }
    };
    rows.iter().map(arm).collect()
}

/// Arms of those rows that have the value; none at all is a mistake in the data.
fn some_arms(
    rows: &[Row<'_>],
    value: impl Fn(&Row<'_>) -> Option<TokenStream>,
) -> Result<Vec<TokenStream>> {
    let arms: Vec<TokenStream> = rows
        .iter()
        .filter_map(|row| {
            let (variant, value) = (&row.variant, value(row)?);
            Some(quote! { Self::#variant => Some(#value), })
        })
        .collect();
    if arms.is_empty() {
        return Err(Error::Defect("pg_type.tsv: a relation that no type has".to_owned()));
    }
    Ok(arms)
}

fn nonzero(oid: u32) -> Option<u32> {
    (oid != 0).then_some(oid)
}

fn number(value: u32) -> TokenStream {
    let literal = Literal::u32_unsuffixed(value);
    quote! { #literal }
}

fn text(value: &str) -> TokenStream {
    quote! { #value }
}

fn character(value: char) -> TokenStream {
    quote! { #value }
}
