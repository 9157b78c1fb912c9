//! `#[pg(…)]`, on an enum and its variants; `#[newtype(…)]`.

use syn::{Data, DeriveInput, Fields};

use super::{Meta, Reader};
use crate::ast;
use crate::case::Case;
use crate::errors::{Errors, SourceSpan, Spanned};

/// Reads an enum; `None` when the item is none that could be an enum type.
pub fn pg_enum(errors: &Errors, input: &DeriveInput) -> Option<ast::PgEnum> {
    let reader = Reader { errors };
    let ident = &input.ident;
    let Data::Enum(data) = &input.data else {
        errors
            .add(ident.span(), format!("`{ident}` is not an enum"))
            .help("`PgEnum` is for enums; a struct with one field derives `Newtype`, a table `Model`");
        return None;
    };
    if !input.generics.params.is_empty() {
        errors
            .add(&input.generics, format!("`{ident}` has generic parameters"))
            .help("an enum type in PostgreSQL has labels only");
        return None;
    }
    let mut item = ast::PgEnum {
        ident: ident.clone(),
        name: None,
        schema: None,
        rename_all: None,
        comment: None,
        renamed_from: None,
        krate: None,
        variants: Vec::new(),
    };
    on_enum(reader, &mut item, reader.attributes(&input.attrs, "pg"));
    item.variants.extend(data.variants.iter().map(|variant| self::variant(reader, variant)));
    Some(item)
}

fn variant(reader: Reader<'_>, variant: &syn::Variant) -> ast::Variant {
    if !matches!(variant.fields, Fields::Unit) {
        reader
            .errors
            .add(&variant.fields, format!("variant `{}` has fields", variant.ident))
            .label("an enum type in PostgreSQL has labels only")
            .help("an enum type in PostgreSQL has labels only; put the values into columns of their own");
    }
    let mut item = ast::Variant { ident: variant.ident.clone(), rename: None, renamed_from: None };
    on_variant(reader, &mut item, reader.attributes(&variant.attrs, "pg"));
    item
}

settings! {
    /// What `#[pg(…)]` takes on an enum.
    PG_ENUM_NAMES of "pg";
    fn on_enum(reader, item: ast::PgEnum, name, meta) {
        "name" => reader.set(&mut item.name, name, reader.text(meta)),
        "schema" => reader.set(&mut item.schema, name, reader.text(meta)),
        "rename_all" => reader.set(&mut item.rename_all, name, reader.choice(meta, Case::ALL)),
        "comment" => reader.set(&mut item.comment, name, reader.text(meta)),
        "renamed_from" => reader.set(&mut item.renamed_from, name, reader.text(meta)),
        "crate" => reader.set(&mut item.krate, name, reader.path(meta, "a crate")),
    }
}

settings! {
    /// What `#[pg(…)]` takes on a variant.
    PG_VARIANT_NAMES of "pg";
    fn on_variant(reader, item: ast::Variant, name, meta) {
        "rename" => reader.set(&mut item.rename, name, reader.text(meta)),
        "renamed_from" => reader.set(&mut item.renamed_from, name, reader.text(meta)),
    }
}

settings! {
    /// What `#[newtype(…)]` takes.
    NEWTYPE_NAMES of "newtype";
    fn on_newtype(reader, krate: Option<Spanned<syn::Path>>, name, meta) {
        "crate" => reader.set(krate, name, reader.path(meta, "a crate")),
    }
}

/// Whether a column may be NULL belongs to the column, not to its type: in an array it would be lost.
fn not_an_option(errors: &Errors, ty: &syn::Type) {
    if crate::check::in_option(ty).is_some() {
        errors
            .add(SourceSpan::of(ty), "a newtype cannot wrap an `Option`")
            .help("wrap the inner type, and write the `Option` around the newtype where it is used");
    }
}

/// Reads a newtype; `None` when the item is not a struct with exactly one field.
pub fn newtype(errors: &Errors, input: &DeriveInput) -> Option<ast::Newtype> {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        errors
            .add(&input.generics, format!("`{ident}` has generic parameters"))
            .help("a newtype has one PostgreSQL type, so its inner type must be known");
        return None;
    }
    if let Data::Struct(data) = &input.data {
        let mut fields = data.fields.iter();
        if let (Some(field), None) = (fields.next(), fields.next()) {
            not_an_option(errors, &field.ty);
            let reader = Reader { errors };
            let mut krate = None;
            on_newtype(reader, &mut krate, reader.attributes(&input.attrs, "newtype"));
            return Some(ast::Newtype {
                ident: ident.clone(),
                inner: field.ty.clone(),
                field: field.ident.clone(),
                krate,
            });
        }
    }
    errors
        .add(ident.span(), format!("`{ident}` is not a struct with exactly one field"))
        .help("a newtype wraps one value: `struct Email(String);`");
    None
}
