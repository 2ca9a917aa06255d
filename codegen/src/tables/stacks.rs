//! One `#[test]` a stack, so that a failure carries the stack's name.
//!
//! Knows nothing of what the test does.

use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::error::Result;
use crate::stacks::discover;

/// A test for each stack that has traces.
pub fn tokens(folder: &Path) -> Result<TokenStream> {
    let tests = discover(folder)?.into_iter().map(|stack| {
        let name = stack.name;
        let function = Ident::new(&stack.package, Span::call_site());
        quote! {
            #[test]
            fn #function() {
                check(#name);
            }
        }
    });
    let names: Vec<String> = discover(folder)?.into_iter().map(|stack| stack.name).collect();
    Ok(quote! {
        use super::check;

        /// The stacks that are tested, by name.
        pub const STACKS: &[&str] = &[#(#names),*];

        #(#tests)*
    })
}
