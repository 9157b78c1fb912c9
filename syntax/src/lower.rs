//! What was written, with defaults and derived names filled in and without places: ast -> draft.
//!
//! Macro and command line call this with the same [`Model`], so both draft the same table. It never fails: what
//! could go wrong was found by [`crate::check`].

pub(crate) mod behavior;
mod relation;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;

use crate::ast::{self, Field, KeyActions, Model, PgEnum, unraw};
use crate::case::Case;
use crate::draft::{ForeignKeyDraft, TableDraft};
use crate::errors::Spanned;
use crate::model::{
    Check, Column, ColumnType, DEFAULT_SCHEMA, Deferrable, Enum, Expand, Expr, ForeignKey, Hints, Index,
    IndexKey, IndexOn, PrimaryKey, QName, Table, Unique,
};
use crate::{name, types};

pub fn table_name(model: &Model) -> QName {
    QName::new(
        written(&model.schema).unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
        written(&model.table).unwrap_or_else(|| Case::Snake.apply(&unraw(&model.ident))),
    )
}

pub fn column_name(model: &Model, field: &Field) -> String {
    written(&field.column.name).unwrap_or_else(|| {
        let name = field.name();
        match &model.rename_all {
            Some(case) => case.value.apply(&name),
            None => name,
        }
    })
}

/// The declared type of a column; `None` when its Rust type decides, or [`crate::check`] refused it.
pub fn declared_type(field: &Field) -> Option<ColumnType> {
    types::canonical(&field.column.ty.as_ref()?.value).ok()
}

/// The field that is meant by a name in `columns(…)`: the field's name, or else its column's.
pub fn field<'m>(model: &'m Model, name: &Ident) -> Option<&'m Field> {
    let name = unraw(name);
    let by_field = model.fields.iter().find(|field| field.name() == name);
    by_field.or_else(|| model.fields.iter().find(|field| column_name(model, field) == name))
}

/// The field of that name.
pub(crate) fn named<'m>(model: &'m Model, name: &str) -> Option<&'m Field> {
    model.fields.iter().find(|field| field.name() == name)
}

/// The fields of the primary key: those that are declared, otherwise the field named `id`. A view has none.
pub fn primary_key(model: &Model) -> Vec<&Field> {
    if model.relation.view.is_some() {
        return Vec::new();
    }
    if let Some(declared) = &model.primary_key {
        return declared.value.iter().filter_map(|name| field(model, name)).collect();
    }
    let marked: Vec<_> = model.fields.iter().filter(|field| field.column.primary_key.is_some()).collect();
    if marked.is_empty() {
        model.fields.iter().filter(|field| field.ident == "id" || field.ident == "r#id").collect()
    } else {
        marked
    }
}

pub(crate) fn in_primary_key(model: &Model, field: &Field) -> bool {
    primary_key(model).iter().any(|key| key.ident == field.ident)
}

/// The models that foreign keys name, in the order in which the draft counts them.
pub fn targets(model: &Model) -> Vec<&Spanned<ast::Reference>> {
    let of_columns = model.fields.iter().filter_map(|field| field.column.references.as_ref());
    of_columns.chain(model.foreign_keys.iter().map(|key| &key.references)).collect()
}

pub fn table(model: &Model) -> TableDraft {
    let mut table = Table::new(table_name(model));
    let mut names = Names { model, table: table.name.name.clone(), taken: BTreeSet::new() };
    let key: Vec<String> = primary_key(model).into_iter().map(|field| column_name(model, field)).collect();
    if !key.is_empty() {
        let name = name::primary_key(&table.name.name);
        names.taken.insert(name.clone());
        table.primary_key = Some(PrimaryKey { name, columns: key });
    }
    // Names that are written are not chosen.
    names.taken.extend(model.object_names().map(|(_, name)| name.value.clone()));
    table.columns = model.fields.iter().map(|field| column(model, field)).collect();
    table.comment = written(&model.comment);
    let foreign_keys = if model.relation.view.is_some() { Vec::new() } else { names.foreign_keys() };
    table.uniques = names.uniques();
    table.checks = names.checks();
    table.indexes = names.indexes();
    relation::add(model, &mut table);
    TableDraft { table, foreign_keys }
}

/// A column; a type that is not declared is left open.
fn column(model: &Model, field: &Field) -> Column {
    let column = &field.column;
    let ty = declared_type(field).unwrap_or_else(|| ColumnType::sql(""));
    let name = field.name();
    let now = model.relation.timestamps.is_some()
        && matches!(name.as_str(), behavior::CREATED_AT | behavior::UPDATED_AT);
    Column {
        default: written(&column.default).or_else(|| now.then(|| "now()".to_owned())).map(Expr),
        generated: written(&column.generated).map(Expr),
        identity: value(&column.identity),
        collation: written(&column.collate),
        comment: written(&column.comment),
        expand: expand(field),
        ..Column::new(column_name(model, field), ty)
    }
}

fn expand(field: &Field) -> Option<Expand> {
    let setting = &field.column.expand.as_ref()?.value;
    Some(Expand {
        from: written(&field.column.renamed_from)?,
        old_type: setting.old_type.as_ref().and_then(|ty| types::canonical(&ty.value).ok()),
        forward: written(&setting.forward).map(Expr),
        back: written(&setting.back).map(Expr),
        default: None,
    })
}

pub fn enum_name(item: &PgEnum) -> QName {
    QName::new(
        written(&item.schema).unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
        written(&item.name).unwrap_or_else(|| Case::Snake.apply(&unraw(&item.ident))),
    )
}

pub fn enumeration(item: &PgEnum) -> Enum {
    Enum { name: enum_name(item), labels: labels(item), comment: written(&item.comment) }
}

pub fn labels(item: &PgEnum) -> Vec<String> {
    let label = |variant: &ast::Variant| {
        written(&variant.rename).unwrap_or_else(|| {
            let name = unraw(&variant.ident);
            item.rename_all.as_ref().map_or_else(|| name.clone(), |case| case.value.apply(&name))
        })
    };
    item.variants.iter().map(label).collect()
}

/// Adds the renames that a model declares. What it was called before stood in the same PostgreSQL schema, unless
/// `renamed_from = "old_schema.table"` says otherwise.
pub(crate) fn model_hints(model: &Model, hints: &mut Hints) {
    let table = table_name(model);
    if let Some(old) = &model.renamed_from {
        hints.tables.insert(table.clone(), old_name(&old.value, &table));
    }
    for field in &model.fields {
        if let Some(old) = &field.column.renamed_from
            && field.column.expand.is_none()
        {
            hints.columns.insert((table.clone(), column_name(model, field)), old.value.clone());
        }
    }
}

pub(crate) fn enum_hints(item: &PgEnum, hints: &mut Hints) {
    let name = enum_name(item);
    if let Some(old) = &item.renamed_from {
        hints.enums.insert(name.clone(), old_name(&old.value, &name));
    }
    for (variant, label) in item.variants.iter().zip(labels(item)) {
        if let Some(old) = &variant.renamed_from {
            hints.labels.insert((name.clone(), label), old.value.clone());
        }
    }
}

pub(crate) fn old_name(old: &str, new: &QName) -> QName {
    match old.split_once('.') {
        Some((schema, name)) => QName::new(schema, name),
        None => QName::new(new.schema.clone(), old),
    }
}

fn written(text: &Option<Spanned<String>>) -> Option<String> {
    text.as_ref().map(|text| text.value.clone())
}

fn value<T: Copy>(setting: &Option<Spanned<T>>) -> Option<T> {
    setting.as_ref().map(|setting| setting.value)
}

/// Chooses names as PostgreSQL does: where its first choice is taken, a number follows.
struct Names<'m> {
    model: &'m Model,
    table: String,
    taken: BTreeSet<String>,
}

impl Names<'_> {
    fn choose(&mut self, columns: Option<&str>, label: &str) -> String {
        let name = name::first_free(&self.table, columns, label, |name| self.taken.contains(name));
        self.taken.insert(name.clone());
        name
    }

    /// The name that is written, or else one that is chosen.
    fn name(&mut self, written: &Option<Spanned<String>>, columns: Option<&str>, label: &str) -> String {
        match written {
            Some(name) => name.value.clone(),
            None => self.choose(columns, label),
        }
    }

    fn columns(&self, names: &[Ident]) -> Vec<String> {
        names.iter().map(|name| self.column_of(name)).collect()
    }

    fn column_of(&self, name: &Ident) -> String {
        match field(self.model, name) {
            Some(field) => column_name(self.model, field),
            None => unraw(name),
        }
    }

    /// The keys of the table, then one for each column that may have one, in their order. Keys of the table choose
    /// their names first: whether a column has one is not known here.
    fn foreign_keys(&mut self) -> Vec<ForeignKeyDraft> {
        let model = self.model;
        let of_columns = model.fields.iter().filter(|field| field.column.references.is_some()).count();
        let mut drafts = Vec::new();
        for (key, target) in model.foreign_keys.iter().zip(of_columns..) {
            let columns = self.columns(&key.columns);
            let name = self.name(&key.name, Some(&name::join_names(&columns)), "fkey");
            let key = foreign_key(columns, key.actions);
            drafts.push(ForeignKeyDraft { name, key, target: Some(target) });
        }
        let mut named = 0..of_columns;
        for field in &model.fields {
            let column = &field.column;
            let columns = vec![column_name(model, field)];
            // Reserved even if no key comes of the type: a name must not depend on another item.
            let name = self.choose(Some(&columns[0]), "fkey");
            let target = column.references.as_ref().and_then(|_| named.next());
            if target.is_some() || column.no_reference.is_none() {
                let key = foreign_key(columns, column.actions);
                drafts.push(ForeignKeyDraft { name, key, target });
            }
        }
        drafts
    }

    fn uniques(&mut self) -> BTreeMap<String, Unique> {
        let mut uniques = BTreeMap::new();
        for field in self.model.fields.iter().filter(|field| field.column.unique.is_some()) {
            let columns = vec![column_name(self.model, field)];
            let name = self.choose(Some(&columns[0]), "key");
            uniques.insert(name, Unique { columns, deferrable: Deferrable::No });
        }
        for unique in &self.model.uniques {
            let columns = self.columns(&unique.columns);
            let name = self.name(&unique.name, Some(&name::join_names(&columns)), "key");
            let deferrable = value(&unique.deferrable).unwrap_or_default();
            uniques.insert(name, Unique { columns, deferrable });
        }
        uniques
    }

    fn checks(&mut self) -> BTreeMap<String, Check> {
        let check = |text: &Spanned<String>| Check { expr: Expr::new(text.value.clone()) };
        let mut checks = BTreeMap::new();
        for field in &self.model.fields {
            if let Some(text) = &field.column.check {
                let name = self.choose(Some(&column_name(self.model, field)), "check");
                checks.insert(name, check(text));
            }
        }
        for item in &self.model.checks {
            checks.insert(self.name(&item.name, None, "check"), check(&item.expr));
        }
        checks
    }

    fn indexes(&mut self) -> BTreeMap<String, Index> {
        let mut indexes = BTreeMap::new();
        for field in self.model.fields.iter().filter(|field| field.column.index.is_some()) {
            let column = column_name(self.model, field);
            indexes.insert(self.choose(Some(&column), "idx"), Index::new(vec![IndexKey::column(column)]));
        }
        for item in &self.model.indexes {
            let include = self.columns(&item.include);
            let index = Index {
                unique: item.unique.is_some(),
                include: include.clone(),
                predicate: written(&item.predicate).map(Expr),
                ..Index::new(item.keys.iter().map(|key| self.index_key(key)).collect())
            };
            let method = written(&item.method).unwrap_or_else(|| index.method.clone());
            // PostgreSQL counts the columns that are carried along.
            let keys: Vec<_> =
                index.keys.iter().cloned().chain(include.into_iter().map(IndexKey::column)).collect();
            let columns = name::join_names(&name::index_columns(&keys));
            indexes.insert(self.name(&item.name, Some(&columns), "idx"), Index { method, ..index });
        }
        indexes.extend(self.live_rows());
        indexes.extend(self.refreshed_by());
        indexes
    }

    /// The partial index of `soft_delete`.
    fn live_rows(&mut self) -> Option<(String, Index)> {
        self.model.relation.soft_delete.as_ref()?;
        let deleted_at = named(self.model, behavior::DELETED_AT)?;
        let key = primary_key(self.model);
        let fields = if key.is_empty() { vec![deleted_at] } else { key };
        let keys = fields.into_iter().map(|field| IndexKey::column(column_name(self.model, field)));
        let predicate = format!("{} IS NULL", name::quote(&column_name(self.model, deleted_at)));
        let index = Index { predicate: Some(Expr(predicate)), ..Index::new(keys.collect()) };
        Some((self.choose(Some("live"), "idx"), index))
    }

    /// The unique index of a materialized view, which `REFRESH … CONCURRENTLY` needs.
    fn refreshed_by(&mut self) -> Option<(String, Index)> {
        let columns = self.model.relation.materialized.as_ref()?.unique.as_ref()?;
        let columns = self.columns(&columns.value);
        let name = self.choose(Some(&name::join_names(&columns)), "idx");
        let keys = columns.into_iter().map(IndexKey::column).collect();
        Some((name, Index { unique: true, ..Index::new(keys) }))
    }

    /// The key. `NULLS` that the order implies anyway are left out, as PostgreSQL leaves them out.
    fn index_key(&self, key: &ast::IndexKey) -> IndexKey {
        let descending = value(&key.descending).unwrap_or_default();
        IndexKey {
            on: match &key.on {
                ast::IndexOn::Column(name) => IndexOn::Column(self.column_of(name)),
                ast::IndexOn::Expr(expr) => IndexOn::Expr(Expr::new(expr.value.clone())),
            },
            descending,
            nulls_first: value(&key.nulls_first).filter(|first| *first != descending),
            opclass: written(&key.opclass),
            collation: written(&key.collate),
        }
    }
}

/// A foreign key; what it references is put in by [`TableDraft::assemble`].
fn foreign_key(columns: Vec<String>, actions: KeyActions) -> ForeignKey {
    ForeignKey {
        columns,
        references: QName::public(""),
        referenced_columns: Vec::new(),
        on_delete: value(&actions.on_delete).unwrap_or_default(),
        on_update: value(&actions.on_update).unwrap_or_default(),
        deferrable: value(&actions.deferrable).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
