//! `#[model(…)]` and the fields of a model.

use proc_macro2::{Ident, TokenStream};
use syn::{Data, DeriveInput, Fields};

use super::{Meta, Reader, column, relation, source};
use crate::ast::{self, unraw};
use crate::case::Case;
use crate::errors::{Errors, SourceSpan, Spanned};
use crate::model::{Action, Deferrable};

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
    let (reader, source_reader) = (Reader { errors }, Reader { errors: source_errors });
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
        source: source::of_struct(source_reader, &input.attrs),
        relation: ast::relation::Relation::default(),
        fields: Vec::with_capacity(fields.len()),
    };
    on_model(reader, &mut model, reader.attributes(&input.attrs, "model"));
    for field in fields {
        let Some(ident) = field.ident.clone() else { continue };
        let (column, source) = (ast::Column::default(), ast::FieldSource::default());
        // It is filled where it stays, since it is large.
        let read = model.fields.push_mut(ast::Field { ident, ty: field.ty.clone(), column, source });
        column::on_field(reader, &mut read.column, reader.attributes(&field.attrs, "column"));
        source::on_field(source_reader, &mut read.source, source_reader.attributes(&field.attrs, "source"));
    }
    Some(model)
}

/// A model is a struct with named fields and without parameters: its fields are the columns.
fn named_fields<'i>(
    errors: &Errors,
    input: &'i DeriveInput,
) -> Option<impl ExactSizeIterator<Item = &'i syn::Field>> {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        errors
            .add(&input.generics, format!("`{ident}` has generic parameters"))
            .help("a model is one table: its columns cannot depend on parameters");
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
    errors
        .add(ident.span(), format!("`{ident}` cannot be a model: {why}"))
        .help("a model is a struct with named fields, one for each column");
    None
}

settings! {
    /// What `#[model(…)]` takes.
    MODEL_NAMES of "model";
    fn on_model(reader, model: ast::Model, name, meta) {
        "table" => reader.set(&mut model.table, name, reader.text(meta)),
        "schema" => reader.set(&mut model.schema, name, reader.text(meta)),
        "primary_key" => reader.set(&mut model.primary_key, name, reader.columns(meta)),
        "index" => model.indexes.extend(reader.list(meta).and_then(|list| index(reader, list))),
        "unique" => model.uniques.extend(reader.list(meta).map(|list| unique(reader, list))),
        "check" => model.checks.extend(reader.list(meta).and_then(|list| check(reader, list))),
        "foreign_key" => model.foreign_keys.extend(reader.list(meta).and_then(|list| foreign_key(reader, list))),
        "comment" => reader.set(&mut model.comment, name, reader.text(meta)),
        "rename_all" => reader.set(&mut model.rename_all, name, reader.choice(meta, Case::ALL)),
        "renamed_from" => reader.set(&mut model.renamed_from, name, reader.text(meta)),
        "crate" => reader.set(&mut model.krate, name, reader.path(meta, "a crate")),
        "unlogged" => reader.set(&mut model.relation.unlogged, name, reader.flag(meta)),
        "rls" => reader.set(&mut model.relation.rls, name, relation::rls(reader, meta)),
        "policy" => model.relation.policies.extend(reader.list(meta).and_then(|list| relation::policy(reader, list))),
        "grant" => model.relation.grants.extend(reader.list(meta).map(|list| relation::grant(reader, list))),
        "partition_by" => {
            let value = reader.list(meta).and_then(|list| relation::partition_by(reader, list));
            reader.set(&mut model.relation.partition_by, name, value);
        },
        "partition" => {
            let partition = reader.list(meta).and_then(|list| relation::partition(reader, list));
            model.relation.partitions.extend(partition);
        },
        "timestamps" => reader.set(&mut model.relation.timestamps, name, reader.flag(meta)),
        "soft_delete" => reader.set(&mut model.relation.soft_delete, name, relation::soft_delete(reader, meta)),
        "audit" => reader.set(&mut model.relation.audit, name, relation::audit(reader, meta)),
        "view" => reader.set(&mut model.relation.view, name, relation::view(reader, meta)),
        "materialized" => {
            reader.set(&mut model.relation.materialized, name, relation::materialized(reader, meta));
        },
    }
}

/// `deferrable`, or `deferrable = "…"`.
pub(super) fn deferrable(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<Deferrable>> {
    match meta {
        Meta::Flag(name) => Some(Spanned::new(Deferrable::InitiallyImmediate, name.span())),
        _ => reader.choice(meta, DEFERRABLES),
    }
}

/// What `unique(…)` in `#[model(…)]` takes besides column names.
pub const UNIQUE_NAMES: &[&str] = &["columns", "name", "deferrable"];

fn unique(reader: Reader<'_>, (tokens, span): (TokenStream, SourceSpan)) -> ast::Unique {
    let mut unique = ast::Unique { span, columns: Vec::new(), name: None, deferrable: None };
    let mut columns = None;
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, "unique", UNIQUE_NAMES);
            continue;
        };
        match (unraw(name).as_str(), &meta) {
            ("columns", Meta::List(..)) => reader.set(&mut columns, name, reader.columns(&meta)),
            ("name", Meta::Value(..)) => reader.set(&mut unique.name, name, reader.text(&meta)),
            ("deferrable", _) => reader.set(&mut unique.deferrable, name, deferrable(reader, &meta)),
            (_, Meta::Flag(column)) => unique.columns.push(column.clone()),
            _ => reader.unknown(&meta, "unique", UNIQUE_NAMES),
        }
    }
    unique.columns.extend(columns.into_iter().flat_map(|columns: Spanned<Vec<Ident>>| columns.value));
    unique
}

fn check(reader: Reader<'_>, (tokens, span): (TokenStream, SourceSpan)) -> Option<ast::Check> {
    let (mut name, mut expr) = (None, None);
    let mut fits = true;
    for meta in reader.metas(tokens) {
        match meta {
            Meta::Flag(ident) if name.is_none() && expr.is_none() => {
                name = Some(Spanned::new(unraw(&ident), ident.span()));
            }
            Meta::Text(text) if expr.is_none() => expr = Some(Spanned::new(text.value(), text.span())),
            _ => fits = false,
        }
    }
    match (fits, expr) {
        (true, Some(expr)) => Some(ast::Check { span, name, expr }),
        _ => {
            reader
                .errors
                .add(span, "`check` needs a condition; a name may stand before it")
                .help("write `check(amount_positive, \"amount >= 0\")`");
            None
        }
    }
}

/// What `foreign_key(…)` in `#[model(…)]` takes.
pub const FOREIGN_KEY_NAMES: &[&str] =
    &["columns", "references", "name", "on_delete", "on_update", "deferrable"];

fn foreign_key(reader: Reader<'_>, (tokens, span): (TokenStream, SourceSpan)) -> Option<ast::ForeignKey> {
    let (mut columns, mut references, mut constraint) = (None, None, None);
    let mut actions = ast::KeyActions::default();
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, "foreign_key", FOREIGN_KEY_NAMES);
            continue;
        };
        match unraw(name).as_str() {
            "columns" => reader.set(&mut columns, name, reader.columns(&meta)),
            "references" => reader.set(&mut references, name, column::reference(reader, &meta)),
            "name" => reader.set(&mut constraint, name, reader.text(&meta)),
            "on_delete" => reader.set(&mut actions.on_delete, name, reader.choice(&meta, ACTIONS)),
            "on_update" => reader.set(&mut actions.on_update, name, reader.choice(&meta, ACTIONS)),
            "deferrable" => reader.set(&mut actions.deferrable, name, deferrable(reader, &meta)),
            _ => reader.unknown(&meta, "foreign_key", FOREIGN_KEY_NAMES),
        }
    }
    let (Some(columns), Some(references)) = (columns, references) else {
        reader
            .errors
            .add(span, "`foreign_key` needs `columns` and `references`")
            .help("write `foreign_key(columns(a, b), references(Model(a, b)))`");
        return None;
    };
    Some(ast::ForeignKey { span, columns: columns.value, references, name: constraint, actions })
}

/// Values for the whole index, or one for each key.
type ForKeys<T> = Spanned<Vec<Spanned<T>>>;

/// What `index(…)` in `#[model(…)]` takes.
pub const INDEX_NAMES: &[&str] =
    &["columns", "name", "unique", "method", "where", "include", "order", "opclass", "nulls", "collate"];

fn index(reader: Reader<'_>, (tokens, span): (TokenStream, SourceSpan)) -> Option<ast::Index> {
    let (mut keys, mut order, mut nulls, mut opclass, mut collate) = (None, None, None, None, None);
    let (mut index_name, mut unique, mut method, mut predicate, mut include) = (None, None, None, None, None);
    for meta in reader.metas(tokens) {
        let Some(name) = meta.name() else {
            reader.unknown(&meta, "index", INDEX_NAMES);
            continue;
        };
        match unraw(name).as_str() {
            "columns" => {
                reader.set(&mut keys, name, reader.list(&meta).map(|(tokens, _)| index_keys(reader, tokens)));
            }
            "name" => reader.set(&mut index_name, name, reader.text(&meta)),
            "unique" => reader.set(&mut unique, name, reader.flag(&meta)),
            "method" => reader.set(&mut method, name, reader.text(&meta)),
            "where" => reader.set(&mut predicate, name, reader.text(&meta)),
            "include" => reader.set(&mut include, name, reader.columns(&meta)),
            "order" => reader.set(
                &mut order,
                name,
                for_keys(reader, &meta, |word| reader.one_of(&meta, word, ORDERS)),
            ),
            "nulls" => reader.set(
                &mut nulls,
                name,
                for_keys(reader, &meta, |word| reader.one_of(&meta, word, NULLS_ORDERS)),
            ),
            "opclass" => reader.set(&mut opclass, name, for_keys(reader, &meta, Some)),
            "collate" => reader.set(&mut collate, name, for_keys(reader, &meta, Some)),
            _ => reader.unknown(&meta, "index", INDEX_NAMES),
        }
    }
    let Some(mut keys) = keys else {
        reader.errors.add(span, "`index` needs its columns").help(
            "write `index(columns(account_id, stage))`; an expression is a string: `columns(\"lower(name)\")`",
        );
        return None;
    };
    distribute(reader, &mut keys, order, |key| &mut key.descending);
    distribute(reader, &mut keys, nulls, |key| &mut key.nulls_first);
    distribute(reader, &mut keys, opclass, |key| &mut key.opclass);
    distribute(reader, &mut keys, collate, |key| &mut key.collate);
    let include = include.map(|columns: Spanned<Vec<Ident>>| columns.value).unwrap_or_default();
    Some(ast::Index { span, keys, name: index_name, unique, method, predicate, include })
}

const ORDERS: &[(&str, bool)] = &[("asc", false), ("desc", true)];
const NULLS_ORDERS: &[(&str, bool)] = &[("first", true), ("last", false)];

/// `order = "desc"` for all keys, or `order(asc, desc)` for each.
fn for_keys<T>(
    reader: Reader<'_>,
    meta: &Meta,
    read: impl Fn(Spanned<String>) -> Option<Spanned<T>>,
) -> Option<ForKeys<T>> {
    let words: Vec<_> = match meta {
        Meta::List(_, tokens, _) => reader
            .metas(tokens.clone())
            .into_iter()
            .filter_map(|meta| match &meta {
                Meta::Flag(ident) => Some(Spanned::new(unraw(ident), ident.span())),
                Meta::Text(text) => Some(Spanned::new(text.value(), text.span())),
                _ => {
                    reader.errors.add(meta.span(), "expected a word");
                    None
                }
            })
            .collect(),
        _ => vec![reader.text(meta)?],
    };
    Some(Spanned::new(words.into_iter().filter_map(read).collect(), meta.span()))
}

/// Brings a setting of the index to its keys.
fn distribute<T: Clone>(
    reader: Reader<'_>,
    keys: &mut [ast::IndexKey],
    setting: Option<ForKeys<T>>,
    slot: fn(&mut ast::IndexKey) -> &mut Option<Spanned<T>>,
) {
    let Some(Spanned { value: values, span }) = setting else { return };
    let values = match values.as_slice() {
        [] => return,
        [one] => vec![one.clone(); keys.len()],
        _ => values,
    };
    if values.len() != keys.len() {
        reader
            .errors
            .add(span, format!("{} values for {} columns", values.len(), keys.len()))
            .help("give one value for all columns, or one for each");
        return;
    }
    for (key, value) in keys.iter_mut().zip(values) {
        let slot = slot(key);
        match slot {
            Some(earlier) => reader
                .errors
                .add(earlier.span, "set for this column and for the whole index")
                .help("remove one of the two"),
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
                on_key(reader, &mut key, reader.metas(tokens));
                keys.push(key);
            }
            Meta::Tuple(tokens, span) => {
                let mut metas = reader.metas(tokens).into_iter();
                let Some(Meta::Text(text)) = metas.next() else {
                    reader.errors.add(span, "expected an expression").help("write `(\"lower(name)\", desc)`");
                    continue;
                };
                let mut key = bare(ast::IndexOn::Expr(Spanned::new(text.value(), text.span())));
                on_key(reader, &mut key, metas.collect());
                keys.push(key);
            }
            Meta::Value(name, _) => reader
                .errors
                .add(name.span(), format!("expected a column, found the setting `{name}`"))
                .help("settings of one column follow it in parentheses: `columns(created_at(desc))`"),
        }
    }
    keys
}

settings! {
    /// What may follow one key in `columns(…)` of an index.
    INDEX_KEY_NAMES of "columns";
    fn on_key(reader, key: ast::IndexKey, name, meta) {
        "asc" => reader.set(&mut key.descending, name, reader.flag(meta).map(|at| Spanned::new(false, at))),
        "desc" => reader.set(&mut key.descending, name, reader.flag(meta).map(|at| Spanned::new(true, at))),
        "nulls" => reader.set(&mut key.nulls_first, name, reader.choice(meta, NULLS_ORDERS)),
        "opclass" => reader.set(&mut key.opclass, name, reader.text(meta)),
        "collate" => reader.set(&mut key.collate, name, reader.text(meta)),
    }
}
