//! `#[column(…)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use super::model::{ACTIONS, deferrable};
use super::{Meta, Reader, as_sql};
use crate::ast;
use crate::errors::{SourceSpan, Spanned};
use crate::model::Identity;

const IDENTITIES: &[(&str, Identity)] = &[("always", Identity::Always), ("by_default", Identity::ByDefault)];

settings! {
    /// What `#[column(…)]` takes.
    COLUMN_NAMES of "column";
    fn on_field(reader, column: ast::Column, name, meta) {
        "name" => reader.set(&mut column.name, name, reader.text(meta)),
        "type" => reader.set(&mut column.ty, name, reader.text(meta)),
        "primary_key" => reader.set(&mut column.primary_key, name, reader.flag(meta)),
        "unique" => reader.set(&mut column.unique, name, reader.flag(meta)),
        "index" => reader.set(&mut column.index, name, reader.flag(meta)),
        "default" => reader.set(&mut column.default, name, default(reader, meta)),
        "check" => reader.set(&mut column.check, name, reader.text(meta)),
        "references" => reader.set(&mut column.references, name, reference(reader, meta)),
        "on_delete" => reader.set(&mut column.actions.on_delete, name, reader.choice(meta, ACTIONS)),
        "on_update" => reader.set(&mut column.actions.on_update, name, reader.choice(meta, ACTIONS)),
        "deferrable" => reader.set(&mut column.actions.deferrable, name, deferrable(reader, meta)),
        "no_reference" => reader.set(&mut column.no_reference, name, reader.flag(meta)),
        "collate" => reader.set(&mut column.collate, name, reader.text(meta)),
        "generated" => reader.set(&mut column.generated, name, reader.text(meta)),
        "identity" => reader.set(&mut column.identity, name, identity(reader, meta)),
        "comment" => reader.set(&mut column.comment, name, reader.text(meta)),
        "renamed_from" => reader.set(&mut column.renamed_from, name, reader.text(meta)),
        "expand" => reader.set(&mut column.expand, name, expand(reader, meta)),
    }
}

/// `expand`, or `expand(old_type = "…", forward = "…", back = "…")`.
fn expand(reader: Reader<'_>, meta: &Meta) -> Option<Box<Spanned<ast::Expand>>> {
    let mut setting = ast::Expand::default();
    match meta {
        Meta::Flag(_) => {}
        Meta::List(_, tokens, _) => on_expand(reader, &mut setting, reader.metas(tokens.clone())),
        _ => {
            reader.wrong(meta, "takes no value, but a list", "` or `expand(old_type = \"…\")");
            return None;
        }
    }
    Some(Box::new(Spanned::new(setting, meta.span())))
}

settings! {
    /// What `expand(…)` in `#[column(…)]` takes.
    EXPAND_NAMES of "expand";
    fn on_expand(reader, setting: ast::Expand, name, meta) {
        "old_type" => reader.set(&mut setting.old_type, name, reader.text(meta)),
        "forward" => reader.set(&mut setting.forward, name, reader.text(meta)),
        "back" => reader.set(&mut setting.back, name, reader.text(meta)),
    }
}

fn default(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<String>> {
    if let Meta::Value(_, value) = meta
        && let Some(sql) = as_sql(value)
    {
        return Some(sql);
    }
    reader
        .errors
        .add(meta.span(), "`default` needs an SQL expression as a string, a number or a boolean")
        .help("write `default = \"now()\"`; a string is quoted as in SQL: `default = \"'new'\"`");
    None
}

fn identity(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<Identity>> {
    if let Meta::Flag(name) = meta {
        reader.errors.add(name.span(), "`identity` is `always` or `by_default`").help(
            "write `identity = \"always\"`, or `identity = \"by_default\"` if an INSERT may give the value",
        );
        return None;
    }
    reader.choice(meta, IDENTITIES)
}

/// `references(Account)` or `references(crate::crm::Account(code))`.
pub(super) fn reference(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<ast::Reference>> {
    let Meta::List(_, tokens, span) = meta else {
        reader.errors.add(meta.span(), "`references` needs a model").help("write `references(Account)`, or `references(Account(code))` for a column that is not its primary key");
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
        Ok(reference) => Some(Spanned::new(reference, *span)),
        Err(error) if tokens.is_empty() => {
            reader.errors.add(*span, error.to_string()).help("write `references(Account)`");
            None
        }
        Err(error) => {
            reader.errors.add(SourceSpan::from(error.span()), error.to_string()).help("write `references(Account)` or `references(Account(code))`: the name of a struct, not of a table");
            None
        }
    }
}
