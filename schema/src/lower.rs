//! What was written, with defaults and derived names filled in and without places: ast -> draft.
//!
//! Macro and command line call this with the same [`Model`], so both draft the same table. It never fails: what
//! could go wrong was found by [`crate::check`].

use std::collections::BTreeSet;

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::ast::{self, Field, Model, PgEnum};
use crate::case::Case;
use crate::draft::{
    CheckDraft, ColumnDraft, ForeignKeyDraft, IndexDraft, IndexKeyDraft, List, ReferenceDraft, TableDraft,
    Text, UniqueDraft,
};
use crate::errors::Spanned;
use crate::model::{DEFAULT_SCHEMA, Enum, Hints, IndexKey, QName};
use crate::name;
use crate::types::{self, Canonical};

pub fn table_name(model: &Model) -> QName {
    QName::in_schema(
        written(&model.schema).unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
        written(&model.table).unwrap_or_else(|| Case::Snake.apply(&model.ident.unraw().to_string())),
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
pub fn declared_type(field: &Field) -> Option<Canonical> {
    types::canonical(&field.column.ty.as_ref()?.value).ok()
}

/// The field that is meant by a name in `columns(…)`: the field's name, or else its column's.
pub fn field<'m>(model: &'m Model, name: &Ident) -> Option<&'m Field> {
    let name = name.unraw().to_string();
    let by_field = model.fields.iter().find(|field| field.name() == name);
    by_field.or_else(|| model.fields.iter().find(|field| column_name(model, field) == name))
}

/// The fields of the primary key: those that are declared, otherwise the field named `id`.
pub fn primary_key(model: &Model) -> Vec<&Field> {
    if let Some(declared) = &model.primary_key {
        return declared.value.iter().filter_map(|name| field(model, name)).collect();
    }
    let marked: Vec<_> = model.fields.iter().filter(|field| field.column.primary_key.is_some()).collect();
    if marked.is_empty() {
        model.fields.iter().filter(|field| field.name() == "id").collect()
    } else {
        marked
    }
}

/// The models that foreign keys name, in the order in which the draft counts them.
pub fn targets(model: &Model) -> Vec<&Spanned<ast::Reference>> {
    let of_columns = model.fields.iter().filter_map(|field| field.column.references.as_ref());
    of_columns.chain(model.foreign_keys.iter().map(|key| &key.references)).collect()
}

pub fn table(model: &Model) -> TableDraft {
    let QName { schema, name } = table_name(model);
    let mut names = Names { model, table: name.clone(), taken: BTreeSet::new() };
    let primary_key: Vec<Text> =
        primary_key(model).into_iter().map(|field| column_name(model, field).into()).collect();
    if !primary_key.is_empty() {
        names.taken.insert(name::primary_key(&name));
    }
    names.take_written();
    // Keys of the table choose their names first: whether a column has one is not known here.
    let of_columns = model.fields.iter().filter(|field| field.column.references.is_some()).count();
    let foreign_keys: Vec<_> =
        model.foreign_keys.iter().zip(of_columns..).map(|(key, at)| names.foreign_key(key, at)).collect();
    let mut target = 0;
    let columns: Vec<_> = model.fields.iter().map(|field| names.column(field, &mut target)).collect();
    let uniques = names.uniques();
    let checks = names.checks();
    let indexes = names.indexes();
    TableDraft {
        schema: schema.into(),
        name: name.into(),
        columns: columns.into(),
        primary_key: primary_key.into(),
        uniques: uniques.into(),
        checks: checks.into(),
        foreign_keys: foreign_keys.into(),
        indexes: indexes.into(),
        comment: text(&model.comment),
    }
}

pub fn enumeration(item: &PgEnum) -> Enum {
    let name = QName::in_schema(
        written(&item.schema).unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
        written(&item.name).unwrap_or_else(|| Case::Snake.apply(&item.ident.unraw().to_string())),
    );
    Enum { name, labels: labels(item), comment: written(&item.comment) }
}

/// The labels of an enum, one for each variant.
pub fn labels(item: &PgEnum) -> Vec<String> {
    let label = |variant: &ast::Variant| {
        written(&variant.rename).unwrap_or_else(|| {
            let name = variant.ident.unraw().to_string();
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
        if let Some(old) = &field.column.renamed_from {
            hints.columns.insert((table.clone(), column_name(model, field)), old.value.clone());
        }
    }
}

/// Adds the renames that an enum declares.
pub(crate) fn enum_hints(item: &PgEnum, hints: &mut Hints) {
    let Enum { name, labels, .. } = enumeration(item);
    if let Some(old) = &item.renamed_from {
        hints.enums.insert(name.clone(), old_name(&old.value, &name));
    }
    for (variant, label) in item.variants.iter().zip(labels) {
        if let Some(old) = &variant.renamed_from {
            hints.labels.insert((name.clone(), label), old.value.clone());
        }
    }
}

fn old_name(old: &str, new: &QName) -> QName {
    match old.split_once('.') {
        Some((schema, name)) => QName::in_schema(schema, name),
        None => QName::in_schema(new.schema.clone(), old),
    }
}

fn written(text: &Option<Spanned<String>>) -> Option<String> {
    text.as_ref().map(|text| text.value.clone())
}

fn text(text: &Option<Spanned<String>>) -> Option<Text> {
    text.as_ref().map(|text| text.value.clone().into())
}

/// Chooses names as PostgreSQL does: where its first choice is taken, a number follows.
struct Names<'m> {
    model: &'m Model,
    table: String,
    taken: BTreeSet<String>,
}

impl Names<'_> {
    /// Names that are written are not chosen.
    fn take_written(&mut self) {
        let model = self.model;
        let written = model.indexes.iter().map(|index| &index.name);
        let written = written.chain(model.uniques.iter().map(|unique| &unique.name));
        let written = written.chain(model.checks.iter().map(|check| &check.name));
        let written = written.chain(model.foreign_keys.iter().map(|key| &key.name));
        self.taken.extend(written.flatten().map(|name| name.value.clone()));
    }

    fn choose(&mut self, columns: Option<&str>, label: &str) -> Text {
        let mut name = name::object_name(&self.table, columns, label);
        let mut number = 0_u32;
        while self.taken.contains(&name) {
            number += 1;
            name = name::object_name(&self.table, columns, &format!("{label}{number}"));
        }
        self.taken.insert(name.clone());
        name.into()
    }

    fn columns(&self, names: &[Ident]) -> Vec<String> {
        names.iter().map(|name| self.column_of(name)).collect()
    }

    fn column_of(&self, name: &Ident) -> String {
        match field(self.model, name) {
            Some(field) => column_name(self.model, field),
            None => name.unraw().to_string(),
        }
    }

    fn column(&mut self, field: &Field, target: &mut usize) -> ColumnDraft {
        let column = &field.column;
        let column_name = column_name(self.model, field);
        let reference = match &column.references {
            Some(_) => {
                let at = *target;
                *target += 1;
                ReferenceDraft::Target(at)
            }
            None if column.no_reference.is_some() => ReferenceDraft::Never,
            None => ReferenceDraft::ByType,
        };
        // Reserved even if no key comes of the type: a name must not depend on another item.
        let foreign_key = self.choose(Some(&column_name), "fkey");
        ColumnDraft {
            default: text(&column.default),
            generated: text(&column.generated),
            identity: column.identity.as_ref().map(|identity| identity.value),
            collation: text(&column.collate),
            comment: text(&column.comment),
            reference,
            foreign_key,
            on_delete: column.on_delete.as_ref().map_or_else(Default::default, |action| action.value),
            on_update: column.on_update.as_ref().map_or_else(Default::default, |action| action.value),
            deferrable: column.deferrable.as_ref().map_or_else(Default::default, |when| when.value),
            name: column_name.into(),
        }
    }

    fn uniques(&mut self) -> Vec<UniqueDraft> {
        let mut uniques = Vec::new();
        for field in self.model.fields.iter().filter(|field| field.column.unique.is_some()) {
            let column = column_name(self.model, field);
            let name = self.choose(Some(&column), "key");
            uniques.push(UniqueDraft { name, columns: list(vec![column]), deferrable: Default::default() });
        }
        for unique in &self.model.uniques {
            let columns = self.columns(&unique.columns);
            let name = match text(&unique.name) {
                Some(name) => name,
                None => self.choose(Some(&name::join_names(&columns)), "key"),
            };
            let deferrable = unique.deferrable.as_ref().map_or_else(Default::default, |when| when.value);
            uniques.push(UniqueDraft { name, columns: list(columns), deferrable });
        }
        uniques
    }

    fn checks(&mut self) -> Vec<CheckDraft> {
        let mut checks = Vec::new();
        for field in &self.model.fields {
            if let Some(check) = &field.column.check {
                let name = self.choose(Some(&column_name(self.model, field)), "check");
                checks.push(CheckDraft { name, expr: check.value.clone().into() });
            }
        }
        for check in &self.model.checks {
            let name = match text(&check.name) {
                Some(name) => name,
                None => self.choose(None, "check"),
            };
            checks.push(CheckDraft { name, expr: check.expr.value.clone().into() });
        }
        checks
    }

    fn foreign_key(&mut self, key: &ast::ForeignKey, target: usize) -> ForeignKeyDraft {
        let columns = self.columns(&key.columns);
        let name = match text(&key.name) {
            Some(name) => name,
            None => self.choose(Some(&name::join_names(&columns)), "fkey"),
        };
        ForeignKeyDraft {
            name,
            columns: list(columns),
            target,
            on_delete: key.on_delete.as_ref().map_or_else(Default::default, |action| action.value),
            on_update: key.on_update.as_ref().map_or_else(Default::default, |action| action.value),
            deferrable: key.deferrable.as_ref().map_or_else(Default::default, |when| when.value),
        }
    }

    fn indexes(&mut self) -> Vec<IndexDraft> {
        let mut indexes = Vec::new();
        for field in self.model.fields.iter().filter(|field| field.column.index.is_some()) {
            let column = column_name(self.model, field);
            let name = self.choose(Some(&column), "idx");
            indexes.push(IndexDraft {
                name,
                keys: vec![bare_key(column)].into(),
                unique: false,
                method: BTREE.into(),
                include: Vec::new().into(),
                predicate: None,
            });
        }
        for index in &self.model.indexes {
            let keys: Vec<_> = index.keys.iter().map(|key| self.index_key(key)).collect();
            let name = match text(&index.name) {
                Some(name) => name,
                None => {
                    // PostgreSQL counts the columns that are carried along.
                    let include = self.columns(&index.include).into_iter().map(IndexKey::column);
                    let keys: Vec<_> = keys.iter().map(IndexKeyDraft::assemble).chain(include).collect();
                    self.choose(Some(&name::join_names(&name::index_columns(&keys))), "idx")
                }
            };
            indexes.push(IndexDraft {
                name,
                keys: keys.into(),
                unique: index.unique.is_some(),
                method: text(&index.method).unwrap_or(BTREE.into()),
                include: list(self.columns(&index.include)),
                predicate: text(&index.predicate),
            });
        }
        indexes
    }

    fn index_key(&self, key: &ast::IndexKey) -> IndexKeyDraft {
        let (on, is_expr) = match &key.on {
            ast::IndexOn::Column(name) => (self.column_of(name), false),
            ast::IndexOn::Expr(expr) => (expr.value.clone(), true),
        };
        IndexKeyDraft {
            is_expr,
            descending: key.descending.as_ref().is_some_and(|descending| descending.value),
            nulls_first: key.nulls_first.as_ref().map(|first| first.value),
            opclass: text(&key.opclass),
            collation: text(&key.collate),
            ..bare_key(on)
        }
    }
}

const BTREE: &str = "btree";

fn bare_key(on: String) -> IndexKeyDraft {
    IndexKeyDraft {
        on: on.into(),
        is_expr: false,
        descending: false,
        nulls_first: None,
        opclass: None,
        collation: None,
    }
}

fn list(names: Vec<String>) -> List<Text> {
    names.into_iter().map(Text::from).collect()
}

#[cfg(test)]
mod tests;
