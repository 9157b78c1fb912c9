//! `#[source(…)]`, on a struct and on a field.

use syn::ext::IdentExt;
use syn::{Attribute, LitStr};

use super::{Meta, Reader};
use crate::ast::{FieldSource, Source, SourceDefault};
use crate::case::Case;
use crate::errors::{Error, Range, Spanned};
use crate::id::IdStrategy;
use crate::symbol::{self, *};

/// Reads the attributes of a struct; `None` when it has none.
pub(super) fn on_struct(reader: Reader<'_>, attributes: &[Attribute]) -> Option<Source> {
    let first = attributes.iter().find(|attribute| attribute.path().is_ident(symbol::SOURCE))?;
    let mut source = Source {
        range: Range::of(&first.meta),
        collection: None,
        rename_all: None,
        each: None,
        ignore: None,
        ignore_rest: None,
    };
    for meta in reader.attributes(attributes, symbol::SOURCE) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, symbol::SOURCE, SOURCE_STRUCT_NAMES);
            continue;
        };
        match name.unraw().to_string().as_str() {
            COLLECTION | TABLE => reader.set(&mut source.collection, name, reader.text(&meta)),
            RENAME_ALL => reader.set(&mut source.rename_all, name, reader.choice(&meta, Case::ALL)),
            EACH => reader.set(&mut source.each, name, reader.text(&meta)),
            IGNORE => reader.set(&mut source.ignore, name, ignore(reader, &meta)),
            IGNORE_REST => reader.set(&mut source.ignore_rest, name, reader.flag(&meta)),
            _ => reader.unknown(&meta, symbol::SOURCE, SOURCE_STRUCT_NAMES),
        }
    }
    Some(source)
}

/// `ignore("phone", "meta.tmp")`.
fn ignore(reader: Reader<'_>, meta: &Meta) -> Option<Vec<Spanned<String>>> {
    let (tokens, range) = reader.list(meta)?;
    let paths = reader.separated(tokens, |input| input.parse::<LitStr>());
    if paths.is_empty() {
        reader.errors.push(
            Error::new(range, "`ignore` needs the paths of fields")
                .help("write `ignore(\"phone\", \"meta.tmp\")`"),
        );
    }
    Some(paths.iter().map(|path| Spanned::new(path.value(), path.span())).collect())
}

pub(super) fn on_field(reader: Reader<'_>, attributes: &[Attribute]) -> FieldSource {
    let mut source = FieldSource::default();
    for meta in reader.attributes(attributes, symbol::SOURCE) {
        setting(reader, &mut source, &meta);
    }
    source
}

fn setting(reader: Reader<'_>, source: &mut FieldSource, meta: &Meta) {
    let Some(name) = meta.name() else { return reader.unknown(meta, symbol::SOURCE, SOURCE_FIELD_NAMES) };
    match name.unraw().to_string().as_str() {
        FIELD => reader.set(&mut source.field, name, reader.text(meta)),
        PARENT => reader.set(&mut source.parent, name, reader.text(meta)),
        ELEMENT => reader.set(&mut source.element, name, reader.flag(meta)),
        ORDINAL => reader.set(&mut source.ordinal, name, reader.flag(meta)),
        REST => reader.set(&mut source.rest, name, reader.flag(meta)),
        REQUIRED => reader.set(&mut source.required, name, reader.flag(meta)),
        WITH => reader.set(&mut source.with, name, reader.path(meta, "a function")),
        DEFAULT => reader.set(&mut source.default, name, default(reader, meta)),
        ID => reader.set(&mut source.id, name, reader.choice(meta, IdStrategy::NAMES)),
        _ => reader.unknown(meta, symbol::SOURCE, SOURCE_FIELD_NAMES),
    }
}

/// `default`, or `default = <expression>`.
fn default(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<SourceDefault>> {
    match meta {
        Meta::Flag(name) => Some(Spanned::new(SourceDefault::Trait, name.span())),
        Meta::Value(_, value) => Some(Spanned::new(SourceDefault::Expr(value.clone()), Range::of(value))),
        _ => {
            reader.errors.push(
                Error::new(meta.range(), "`default` takes a value or nothing")
                    .help("write `default` for the type's own, or `default = <a Rust expression>`"),
            );
            None
        }
    }
}
