//! The derive macros of Whimbrel and `embed!`.
//!
//! They are thin: parsing and checking are those of `whimbrel-syntax`, which the command line uses, too. What is
//! written here is documented where it is re-exported, in the crate `whimbrel`.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod embed;
mod model;
mod newtype;
mod pg_enum;
mod transform;

use proc_macro::TokenStream;
use quote::{ToTokens, quote};
use syn::{DeriveInput, parse_macro_input};
use whimbrel_syntax::errors::{Error, Errors, Spanned};

/// Makes a struct a table, or a row of a view: implements `whimbrel::Model` and `sqlx::FromRow`, and registers it.
#[doc = include_str!("../ATTRIBUTES.md")]
#[proc_macro_derive(Model, attributes(model, column))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    model::expand(&parse_macro_input!(input as DeriveInput)).into()
}

/// Makes an enum an enum type: implements `whimbrel::PgEnum`, `Display`, `FromStr` and sqlx's and serde's traits,
/// all by the labels, and registers it. Attributes: see [`macro@Model`].
#[proc_macro_derive(PgEnum, attributes(pg))]
pub fn derive_pg_enum(input: TokenStream) -> TokenStream {
    pg_enum::expand(&parse_macro_input!(input as DeriveInput)).into()
}

/// Gives a struct with one field the PostgreSQL type of that field: `struct Email(String);` is `text`, with sqlx and
/// in transforms, too.
#[proc_macro_derive(Newtype, attributes(newtype))]
pub fn derive_newtype(input: TokenStream) -> TokenStream {
    newtype::expand(&parse_macro_input!(input as DeriveInput)).into()
}

/// Derives the transform of a model: how documents of the old system become its rows. Attributes: see
/// [`macro@Model`].
///
/// The struct derives `Model`, too; `#[source(…)]` says where values come from. A Rust type that cannot go into its
/// column is an error at the field.
///
#[doc = include_str!("../VALUES.md")]
#[proc_macro_derive(Transform, attributes(model, column, source))]
pub fn derive_transform(input: TokenStream) -> TokenStream {
    transform::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// `whimbrel::embed!`, after the path of the crate `whimbrel`.
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    embed::expand(input.into()).into()
}

fn krate(path: Option<&Spanned<syn::Path>>) -> proc_macro2::TokenStream {
    path.map_or_else(|| quote!(::whimbrel), |path| path.value.to_token_stream())
}

/// The code in a block of its own, in which `_whimbrel` is all that generated code uses.
fn block(path: Option<&Spanned<syn::Path>>, code: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let krate = krate(path);
    quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as _whimbrel;
            #code
        };
    }
}

/// All errors, each as a `compile_error!` at its place.
fn report(errors: Errors) -> (bool, proc_macro2::TokenStream) {
    let errors = errors.finish();
    (errors.is_empty(), errors.iter().map(Error::to_compile_error).collect())
}

#[cfg(test)]
mod tests {
    use whimbrel_syntax::attr::*;

    /// The table of attributes names every attribute, in its own section.
    #[test]
    fn the_table_of_attributes_is_complete() {
        let text = include_str!("../ATTRIBUTES.md");
        let check = |heading: &str, lists: &[&[&str]]| {
            let section = text.split("\n### ").find(|section| section.starts_with(heading));
            let section = section.unwrap_or_else(|| panic!("no section {heading}"));
            for name in lists.iter().flat_map(|list| list.iter()) {
                assert!(
                    section.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{name}"))),
                    "{heading} lacks {name}"
                );
            }
        };
        check("`#[model(", &[MODEL_NAMES, INDEX_NAMES, INDEX_KEY_NAMES, UNIQUE_NAMES, FOREIGN_KEY_NAMES]);
        check("`#[model(", &[POLICY_NAMES, GRANT_NAMES, PARTITION_NAMES, SOFT_DELETE_NAMES]);
        check("`#[model(", &[VIEW_NAMES, MATERIALIZED_NAMES]);
        check("`#[column(", &[COLUMN_NAMES, EXPAND_NAMES]);
        check("`#[source(", &[SOURCE_STRUCT_NAMES, SOURCE_FIELD_NAMES]);
        check("`#[pg(", &[PG_ENUM_NAMES, PG_VARIANT_NAMES]);
        check("`#[newtype(", &[NEWTYPE_NAMES]);
    }
}
