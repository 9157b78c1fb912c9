//! `#[model(…)]` and the fields of a model.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields};

use super::{Meta, Reader, column, source};
use crate::ast;
use crate::case::Case;
use crate::errors::{Error, Errors, Range, Spanned, unknown};
use crate::model::{Action, Deferrable};
use crate::symbol::{self, *};

/// The values of `on_delete` and `on_update`.
pub(super) const ACTIONS: &[(&str, Action)] = &[
    ("no_action", Action::NoAction),
    ("restrict", Action::Restrict),
    ("cascade", Action::Cascade),
    ("set_null", Action::SetNull),
    ("set_default", Action::SetDefault),
];

const DEFERRABLES: &[(&str, Deferrable)] = &[
    ("initially_immediate", Deferrable::InitiallyImmediate),
    ("initially_deferred", Deferrable::InitiallyDeferred),
];

/// Reads a model: errors in `#[model]` and `#[column]` go to `errors`, those in `#[source]` to
/// `source_errors`, since two derives read the same struct and each reports its own.
///
/// `None` when the item is not a struct with named fields.
pub fn model(errors: &Errors, source_errors: &Errors, input: &DeriveInput) -> Option<ast::Model> {
    let fields = named_fields(errors, input)?;
    let reader = Reader { errors };
    let mut model = ast::Model {
        ident: input.ident.clone(),
        table: None,
        schema: None,
        primary_key: None,
        indexes: Vec::new(),
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        comment: None,
        rename_all: None,
        renamed_from: None,
        krate: None,
        source: source::on_struct(Reader { errors: source_errors }, &input.attrs),
        fields: Vec::new(),
    };
    for meta in reader.attributes(&input.attrs, symbol::MODEL) {
        setting(reader, &mut model, &meta);
    }
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        model.fields.push(ast::Field {
            ident: ident.clone(),
            ty: field.ty.clone(),
            column: column::on_field(reader, &field.attrs),
            source: source::on_field(Reader { errors: source_errors }, &field.attrs),
        });
    }
    Some(model)
}

/// A model is a struct with named fields and without parameters: its fields are the columns.
fn named_fields<'i>(errors: &Errors, input: &'i DeriveInput) -> Option<impl Iterator<Item = &'i syn::Field>> {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        errors.push(
            Error::new(Range::of(&input.generics), format!("`{ident}` has generic parameters"))
                .help("a model is one table: its columns cannot depend on parameters"),
        );
        return None;
    }
    let why = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter()),
            Fields::Unnamed(_) => "its fields have no names; for a struct with one field derive `Newtype`",
            Fields::Unit => "it has no fields",
        },
        Data::Enum(_) => "it is an enum; for an enum type derive `PgEnum`",
        Data::Union(_) => "it is a union",
    };
    errors.push(
        Error::new(ident.span(), format!("`{ident}` cannot be a model: {why}"))
            .help("a model is a struct with named fields, one for each column"),
    );
    None
}

fn setting(reader: Reader<'_>, model: &mut ast::Model, meta: &Meta) {
    let Some(name) = meta.name() else { return reader.unknown(meta, symbol::MODEL, MODEL_NAMES) };
    match name.unraw().to_string().as_str() {
        TABLE => reader.set(&mut model.table, name, reader.text(meta)),
        SCHEMA => reader.set(&mut model.schema, name, reader.text(meta)),
        COMMENT => reader.set(&mut model.comment, name, reader.text(meta)),
        RENAMED_FROM => reader.set(&mut model.renamed_from, name, reader.text(meta)),
        RENAME_ALL => reader.set(&mut model.rename_all, name, reader.choice(meta, Case::ALL)),
        CRATE => reader.set(&mut model.krate, name, reader.path(meta, "a crate")),
        PRIMARY_KEY => {
            let columns = reader.list(meta).map(|(tokens, range)| Spanned::new(reader.idents(tokens), range));
            reader.set(&mut model.primary_key, name, columns);
        }
        INDEX => {
            model.indexes.extend(reader.list(meta).and_then(|(tokens, range)| index(reader, tokens, range)))
        }
        UNIQUE => {
            model.uniques.extend(reader.list(meta).map(|(tokens, range)| unique(reader, tokens, range)))
        }
        CHECK => {
            model.checks.extend(reader.list(meta).and_then(|(tokens, range)| check(reader, tokens, range)))
        }
        FOREIGN_KEY => model
            .foreign_keys
            .extend(reader.list(meta).and_then(|(tokens, range)| foreign_key(reader, tokens, range))),
        _ => reader.unknown(meta, symbol::MODEL, MODEL_NAMES),
    }
}

/// `deferrable`, or `deferrable = "…"`.
pub(super) fn deferrable(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<Deferrable>> {
    match meta {
        Meta::Flag(name) => Some(Spanned::new(Deferrable::InitiallyImmediate, name.span())),
        _ => reader.choice(meta, DEFERRABLES),
    }
}

fn unique(reader: Reader<'_>, tokens: TokenStream, range: Range) -> ast::Unique {
    let mut unique = ast::Unique { range, columns: Vec::new(), name: None, deferrable: None };
    let mut columns = None;
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, "unique", UNIQUE_NAMES);
            continue;
        };
        match (name.unraw().to_string().as_str(), &meta) {
            (COLUMNS, Meta::List(..)) => {
                reader.set(&mut columns, name, reader.list(&meta).map(|(tokens, _)| reader.idents(tokens)));
            }
            (NAME, Meta::Value(..)) => reader.set(&mut unique.name, name, reader.text(&meta)),
            (DEFERRABLE, _) => reader.set(&mut unique.deferrable, name, deferrable(reader, &meta)),
            (_, Meta::Flag(column)) => unique.columns.push(column.clone()),
            _ => reader.unknown(&meta, "unique", UNIQUE_NAMES),
        }
    }
    unique.columns.extend(columns.into_iter().flatten());
    unique
}

fn check(reader: Reader<'_>, tokens: TokenStream, range: Range) -> Option<ast::Check> {
    let (mut name, mut expr) = (None, None);
    let mut fits = true;
    for meta in reader.metas(tokens) {
        match meta {
            Meta::Flag(ident) if name.is_none() && expr.is_none() => {
                name = Some(Spanned::new(ident.unraw().to_string(), ident.span()));
            }
            Meta::Text(text) if expr.is_none() => expr = Some(Spanned::new(text.value(), text.span())),
            _ => fits = false,
        }
    }
    match (fits, expr) {
        (true, Some(expr)) => Some(ast::Check { range, name, expr }),
        _ => {
            reader.errors.push(
                Error::new(range, "`check` needs a condition; a name may stand before it")
                    .help("write `check(amount_positive, \"amount >= 0\")`"),
            );
            None
        }
    }
}

fn foreign_key(reader: Reader<'_>, tokens: TokenStream, range: Range) -> Option<ast::ForeignKey> {
    let (mut columns, mut references, mut constraint) = (None, None, None);
    let (mut on_delete, mut on_update, mut when) = (None, None, None);
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, "foreign_key", FOREIGN_KEY_NAMES);
            continue;
        };
        match name.unraw().to_string().as_str() {
            COLUMNS => {
                reader.set(&mut columns, name, reader.list(&meta).map(|(tokens, _)| reader.idents(tokens)));
            }
            REFERENCES => reader.set(&mut references, name, column::reference(reader, &meta)),
            NAME => reader.set(&mut constraint, name, reader.text(&meta)),
            ON_DELETE => reader.set(&mut on_delete, name, reader.choice(&meta, ACTIONS)),
            ON_UPDATE => reader.set(&mut on_update, name, reader.choice(&meta, ACTIONS)),
            DEFERRABLE => reader.set(&mut when, name, deferrable(reader, &meta)),
            _ => reader.unknown(&meta, "foreign_key", FOREIGN_KEY_NAMES),
        }
    }
    let (Some(columns), Some(references)) = (columns, references) else {
        reader.errors.push(
            Error::new(range, "`foreign_key` needs `columns` and `references`")
                .help("write `foreign_key(columns(a, b), references(Model(a, b)))`"),
        );
        return None;
    };
    Some(ast::ForeignKey {
        range,
        columns,
        references,
        name: constraint,
        on_delete,
        on_update,
        deferrable: when,
    })
}

/// Settings of the whole index, or one for each key.
struct ForKeys<T> {
    values: Vec<Spanned<T>>,
    range: Range,
}

fn index(reader: Reader<'_>, tokens: TokenStream, range: Range) -> Option<ast::Index> {
    let (mut keys, mut order, mut nulls, mut opclass, mut collate) = (None, None, None, None, None);
    let (mut index_name, mut unique, mut method, mut predicate, mut include) = (None, None, None, None, None);
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, symbol::INDEX, INDEX_NAMES);
            continue;
        };
        match name.unraw().to_string().as_str() {
            COLUMNS => {
                reader.set(&mut keys, name, reader.list(&meta).map(|(tokens, _)| index_keys(reader, tokens)));
            }
            NAME => reader.set(&mut index_name, name, reader.text(&meta)),
            UNIQUE => reader.set(&mut unique, name, reader.flag(&meta)),
            METHOD => reader.set(&mut method, name, reader.text(&meta)),
            WHERE => reader.set(&mut predicate, name, reader.text(&meta)),
            INCLUDE => {
                reader.set(&mut include, name, reader.list(&meta).map(|(tokens, _)| reader.idents(tokens)));
            }
            ORDER => reader.set(&mut order, name, for_keys(reader, &meta, |word| choose(word, ORDERS))),
            NULLS => reader.set(&mut nulls, name, for_keys(reader, &meta, |word| choose(word, NULLS_ORDERS))),
            OPCLASS => reader.set(&mut opclass, name, for_keys(reader, &meta, |word| Ok(word.to_owned()))),
            COLLATE => reader.set(&mut collate, name, for_keys(reader, &meta, |word| Ok(word.to_owned()))),
            _ => reader.unknown(&meta, symbol::INDEX, INDEX_NAMES),
        }
    }
    let Some(mut keys) = keys else {
        reader.errors.push(Error::new(range, "`index` needs its columns").help(
            "write `index(columns(account_id, stage))`; an expression is a string: `columns(\"lower(name)\")`",
        ));
        return None;
    };
    distribute(reader, &mut keys, order, |key| &mut key.descending);
    distribute(reader, &mut keys, nulls, |key| &mut key.nulls_first);
    distribute(reader, &mut keys, opclass, |key| &mut key.opclass);
    distribute(reader, &mut keys, collate, |key| &mut key.collate);
    let include = include.unwrap_or_default();
    Some(ast::Index { range, keys, name: index_name, unique, method, predicate, include })
}

const ORDERS: &[(&str, bool)] = &[("asc", false), ("desc", true)];
const NULLS_ORDERS: &[(&str, bool)] = &[("first", true), ("last", false)];

fn choose<'c, T: Copy>(word: &str, choices: &[(&'c str, T)]) -> Result<T, Vec<&'c str>> {
    let found = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.ok_or_else(|| choices.iter().map(|(name, _)| *name).collect())
}

/// `order = "desc"` for all keys, or `order(asc, desc)` for each.
fn for_keys<T>(
    reader: Reader<'_>,
    meta: &Meta,
    read: fn(&str) -> Result<T, Vec<&'static str>>,
) -> Option<ForKeys<T>> {
    let words = match meta {
        Meta::List(_, tokens, _) => reader
            .metas(tokens.clone())
            .into_iter()
            .filter_map(|meta| match &meta {
                Meta::Flag(ident) => Some(Spanned::new(ident.unraw().to_string(), ident.span())),
                Meta::Text(text) => Some(Spanned::new(text.value(), text.span())),
                _ => {
                    reader.errors.push(Error::new(meta.range(), "expected a word"));
                    None
                }
            })
            .collect(),
        _ => vec![reader.text(meta)?],
    };
    let what = meta.name().map_or_else(String::new, |name| format!("value of `{}`:", name.unraw()));
    let mut values = Vec::new();
    for word in words {
        match read(&word.value) {
            Ok(value) => values.push(Spanned::new(value, word.range)),
            Err(allowed) => reader.errors.push(unknown(&word.value, word.range, &what, &allowed)),
        }
    }
    Some(ForKeys { values, range: meta.range() })
}

/// Brings a setting of the index to its keys.
fn distribute<T: Clone>(
    reader: Reader<'_>,
    keys: &mut [ast::IndexKey],
    setting: Option<ForKeys<T>>,
    slot: fn(&mut ast::IndexKey) -> &mut Option<Spanned<T>>,
) {
    let Some(ForKeys { values, range }) = setting else { return };
    let values = match values.as_slice() {
        [] => return,
        [one] => vec![one.clone(); keys.len()],
        _ => values,
    };
    if values.len() != keys.len() {
        reader.errors.push(
            Error::new(range, format!("{} values for {} columns", values.len(), keys.len()))
                .help("give one value for all columns, or one for each"),
        );
        return;
    }
    for (key, value) in keys.iter_mut().zip(values) {
        let slot = slot(key);
        match slot {
            Some(earlier) => reader.errors.push(
                Error::new(earlier.range, "set for this column and for the whole index")
                    .help("remove one of the two"),
            ),
            None => *slot = Some(value),
        }
    }
}

/// `a, b(desc), "lower(c)", ("lower(d)", desc)`.
fn index_keys(reader: Reader<'_>, tokens: TokenStream) -> Vec<ast::IndexKey> {
    let bare = |on| ast::IndexKey { on, descending: None, nulls_first: None, opclass: None, collate: None };
    let mut keys = Vec::new();
    for meta in reader.metas(tokens) {
        match meta {
            Meta::Flag(ident) => keys.push(bare(ast::IndexOn::Column(ident))),
            Meta::Text(text) => {
                keys.push(bare(ast::IndexOn::Expr(Spanned::new(text.value(), text.span()))));
            }
            Meta::List(ident, tokens, _) => {
                let mut key = bare(ast::IndexOn::Column(ident));
                reader.metas(tokens).iter().for_each(|meta| index_key_setting(reader, &mut key, meta));
                keys.push(key);
            }
            Meta::Tuple(tokens, range) => {
                let mut metas = reader.metas(tokens).into_iter();
                let Some(Meta::Text(text)) = metas.next() else {
                    reader.errors.push(
                        Error::new(range, "expected an expression").help("write `(\"lower(name)\", desc)`"),
                    );
                    continue;
                };
                let mut key = bare(ast::IndexOn::Expr(Spanned::new(text.value(), text.span())));
                metas.for_each(|meta| index_key_setting(reader, &mut key, &meta));
                keys.push(key);
            }
            Meta::Value(name, _) => reader.errors.push(
                Error::new(name.span(), format!("expected a column, found the setting `{name}`"))
                    .help("settings of one column follow it in parentheses: `columns(created_at(desc))`"),
            ),
        }
    }
    keys
}

fn index_key_setting(reader: Reader<'_>, key: &mut ast::IndexKey, meta: &Meta) {
    let Some(name) = meta.name() else { return reader.unknown(meta, "columns", INDEX_KEY_NAMES) };
    let direction = |value, name: &Ident| reader.flag(meta).map(|_| Spanned::new(value, name.span()));
    match name.unraw().to_string().as_str() {
        ASC => reader.set(&mut key.descending, name, direction(false, name)),
        DESC => reader.set(&mut key.descending, name, direction(true, name)),
        NULLS => reader.set(&mut key.nulls_first, name, reader.choice(meta, NULLS_ORDERS)),
        OPCLASS => reader.set(&mut key.opclass, name, reader.text(meta)),
        COLLATE => reader.set(&mut key.collate, name, reader.text(meta)),
        _ => reader.unknown(meta, "columns", INDEX_KEY_NAMES),
    }
}
