//! `#[column(…)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Path, Token};

use super::model::{ACTIONS, deferrable};
use super::{Meta, Reader, as_sql};
use crate::ast;
use crate::errors::{Error, Range, Spanned};
use crate::model::Identity;
use crate::symbol::{self, *};

const IDENTITIES: &[(&str, Identity)] = &[("always", Identity::Always), ("by_default", Identity::ByDefault)];

pub(super) fn on_field(reader: Reader<'_>, attributes: &[Attribute]) -> ast::Column {
    let mut column = ast::Column::default();
    for meta in reader.attributes(attributes, symbol::COLUMN) {
        setting(reader, &mut column, &meta);
    }
    column
}

fn setting(reader: Reader<'_>, column: &mut ast::Column, meta: &Meta) {
    let Some(name) = meta.name() else { return reader.unknown(meta, symbol::COLUMN, COLUMN_NAMES) };
    match name.unraw().to_string().as_str() {
        NAME => reader.set(&mut column.name, name, reader.text(meta)),
        TYPE => reader.set(&mut column.ty, name, reader.text(meta)),
        PRIMARY_KEY => reader.set(&mut column.primary_key, name, reader.flag(meta)),
        UNIQUE => reader.set(&mut column.unique, name, reader.flag(meta)),
        INDEX => reader.set(&mut column.index, name, reader.flag(meta)),
        DEFAULT => reader.set(&mut column.default, name, default(reader, meta)),
        CHECK => reader.set(&mut column.check, name, reader.text(meta)),
        REFERENCES => reader.set(&mut column.references, name, reference(reader, meta)),
        ON_DELETE => reader.set(&mut column.on_delete, name, reader.choice(meta, ACTIONS)),
        ON_UPDATE => reader.set(&mut column.on_update, name, reader.choice(meta, ACTIONS)),
        DEFERRABLE => reader.set(&mut column.deferrable, name, deferrable(reader, meta)),
        NO_REFERENCE => reader.set(&mut column.no_reference, name, reader.flag(meta)),
        COLLATE => reader.set(&mut column.collate, name, reader.text(meta)),
        GENERATED => reader.set(&mut column.generated, name, reader.text(meta)),
        IDENTITY => reader.set(&mut column.identity, name, identity(reader, meta)),
        COMMENT => reader.set(&mut column.comment, name, reader.text(meta)),
        RENAMED_FROM => reader.set(&mut column.renamed_from, name, reader.text(meta)),
        _ => reader.unknown(meta, symbol::COLUMN, COLUMN_NAMES),
    }
}

fn default(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<String>> {
    if let Meta::Value(_, value) = meta
        && let Some(sql) = as_sql(value)
    {
        return Some(sql);
    }
    reader.errors.push(
        Error::new(meta.range(), "`default` needs an SQL expression as a string, a number or a boolean")
            .help("write `default = \"now()\"`; a string is quoted as in SQL: `default = \"'new'\"`"),
    );
    None
}

fn identity(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<Identity>> {
    if let Meta::Flag(name) = meta {
        reader.errors.push(Error::new(name.span(), "`identity` is `always` or `by_default`").help(
            "write `identity = \"always\"`, or `identity = \"by_default\"` if an INSERT may give the value",
        ));
        return None;
    }
    reader.choice(meta, IDENTITIES)
}

/// `references(Account)` or `references(crate::crm::Account(code))`.
pub(super) fn reference(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<ast::Reference>> {
    let Meta::List(_, tokens, range) = meta else {
        reader.errors.push(
            Error::new(meta.range(), "`references` needs a model")
                .help("write `references(Account)`, or `references(Account(code))` for a column that is not its primary key"),
        );
        return None;
    };
    let parser = |input: ParseStream| {
        let model = input.call(Path::parse_mod_style)?;
        let columns = if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            content.parse_terminated(Ident::parse_any, Token![,])?.into_iter().collect()
        } else {
            Vec::new()
        };
        if input.is_empty() {
            Ok(ast::Reference { model, columns })
        } else {
            Err(input.error("expected `)`"))
        }
    };
    match parser.parse2(tokens.clone()) {
        Ok(reference) => Some(Spanned::new(reference, *range)),
        Err(error) if tokens.is_empty() => {
            reader.errors.push(Error::new(*range, error.to_string()).help("write `references(Account)`"));
            None
        }
        Err(error) => {
            reader.errors.push(
                Error::new(Range::from(error.span()), error.to_string())
                    .help("write `references(Account)` or `references(Account(code))`: the name of a struct, not of a table"),
            );
            None
        }
    }
}
