//! The derive macros of Whimbrel: parsed by `whimbrel-schema`, expanded here.

mod transform;

use proc_macro::TokenStream;

/// Derives the transform of a model: how documents of the old system become its rows.
#[proc_macro_derive(Transform, attributes(model, column, source))]
pub fn derive_transform(input: TokenStream) -> TokenStream {
    transform::derive(&syn::parse_macro_input!(input as syn::DeriveInput)).into()
}
