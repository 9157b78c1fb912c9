//! `#[pg(…)]`, on an enum and its variants; `#[newtype(…)]`.

use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields};

use super::Reader;
use crate::ast;
use crate::case::Case;
use crate::errors::{Error, Errors, Range};
use crate::symbol::{self, *};

/// Reads an enum; `None` when the item is none that could be an enum type.
pub fn pg_enum(errors: &Errors, input: &DeriveInput) -> Option<ast::PgEnum> {
    let reader = Reader { errors };
    let ident = &input.ident;
    let Data::Enum(data) = &input.data else {
        errors.push(
            Error::new(ident.span(), format!("`{ident}` is not an enum"))
                .help("`PgEnum` is for enums; a struct with one field derives `Newtype`, a table `Model`"),
        );
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.push(
            Error::new(Range::of(&input.generics), format!("`{ident}` has generic parameters"))
                .help("an enum type in PostgreSQL has labels only"),
        );
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
    for meta in reader.attributes(&input.attrs, symbol::PG) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, symbol::PG, PG_ENUM_NAMES);
            continue;
        };
        match name.unraw().to_string().as_str() {
            NAME => reader.set(&mut item.name, name, reader.text(&meta)),
            SCHEMA => reader.set(&mut item.schema, name, reader.text(&meta)),
            RENAME_ALL => reader.set(&mut item.rename_all, name, reader.choice(&meta, Case::ALL)),
            COMMENT => reader.set(&mut item.comment, name, reader.text(&meta)),
            RENAMED_FROM => reader.set(&mut item.renamed_from, name, reader.text(&meta)),
            CRATE => reader.set(&mut item.krate, name, reader.path(&meta, "a crate")),
            _ => reader.unknown(&meta, symbol::PG, PG_ENUM_NAMES),
        }
    }
    item.variants.extend(data.variants.iter().map(|variant| self::variant(reader, variant)));
    Some(item)
}

fn variant(reader: Reader<'_>, variant: &syn::Variant) -> ast::Variant {
    if !matches!(variant.fields, Fields::Unit) {
        reader.errors.push(
            Error::new(Range::of(&variant.fields), format!("variant `{}` has fields", variant.ident))
                .label("an enum type in PostgreSQL has labels only")
                .help("an enum type in PostgreSQL has labels only; put the values into columns of their own"),
        );
    }
    let mut item = ast::Variant { ident: variant.ident.clone(), rename: None, renamed_from: None };
    for meta in reader.attributes(&variant.attrs, symbol::PG) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, symbol::PG, PG_VARIANT_NAMES);
            continue;
        };
        match name.unraw().to_string().as_str() {
            RENAME => reader.set(&mut item.rename, name, reader.text(&meta)),
            RENAMED_FROM => reader.set(&mut item.renamed_from, name, reader.text(&meta)),
            _ => reader.unknown(&meta, symbol::PG, PG_VARIANT_NAMES),
        }
    }
    item
}

/// Whether a column may be NULL belongs to the column, not to its type: in an array it would be lost.
fn not_an_option(errors: &Errors, ty: &syn::Type) {
    if crate::check::in_option(ty).is_some() {
        errors.push(
            Error::new(Range::of(ty), "a newtype cannot wrap an `Option`")
                .help("wrap the inner type, and write the `Option` around the newtype where it is used"),
        );
    }
}

/// Reads a newtype; `None` when the item is not a struct with exactly one field.
pub fn newtype(errors: &Errors, input: &DeriveInput) -> Option<ast::Newtype> {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        errors.push(
            Error::new(Range::of(&input.generics), format!("`{ident}` has generic parameters"))
                .help("a newtype has one PostgreSQL type, so its inner type must be known"),
        );
        return None;
    }
    if let Data::Struct(data) = &input.data {
        let mut fields = data.fields.iter();
        if let (Some(field), None) = (fields.next(), fields.next()) {
            not_an_option(errors, &field.ty);
            let reader = Reader { errors };
            let mut krate = None;
            for meta in reader.attributes(&input.attrs, symbol::NEWTYPE) {
                match meta.name() {
                    Some(name) if name == CRATE => {
                        reader.set(&mut krate, name, reader.path(&meta, "a crate"));
                    }
                    _ => reader.unknown(&meta, symbol::NEWTYPE, NEWTYPE_NAMES),
                }
            }
            return Some(ast::Newtype {
                ident: ident.clone(),
                inner: field.ty.clone(),
                field: field.ident.clone(),
                krate,
            });
        }
    }
    errors.push(
        Error::new(ident.span(), format!("`{ident}` is not a struct with exactly one field"))
            .help("a newtype wraps one value: `struct Email(String);`"),
    );
    None
}
