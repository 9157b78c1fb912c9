//! Names that PostgreSQL would refuse beside each other.
//!
//! Tables and indexes (those of keys and unique constraints, too) and sequences share one namespace in a schema,
//! tables and types another, and the constraints of a table a third.

use std::collections::BTreeMap;

use proc_macro2::Ident;
use whimbrel_schema::Definition;

use super::Assembled;
use crate::errors::SourceSpan;
use crate::lower;
use crate::model::QName;
use crate::name;
use crate::scan::Crates;

pub(super) fn check(crates: &Crates, assembled: &[Assembled<'_>]) {
    let mut names = Names { crates, relations: BTreeMap::new(), types: BTreeMap::new() };
    for assembled in assembled {
        names.table(assembled);
    }
    for found in &crates.enums {
        let name = lower::enum_name(&found.item);
        let span = found.item.name.as_ref().map_or(found.item.ident.span().into(), |name| name.span);
        let what = format!("the enum `{}`", found.item.ident);
        names.take(Space::Types, name, what, found.file, span, "give one of them another `name`");
    }
    renames(crates, assembled);
}

enum Space {
    Relations,
    Types,
}

struct Names<'c> {
    crates: &'c Crates,
    relations: BTreeMap<QName, String>,
    types: BTreeMap<QName, String>,
}

impl Names<'_> {
    fn take(&mut self, space: Space, name: QName, what: String, file: usize, span: SourceSpan, help: &str) {
        let taken = match space {
            Space::Relations => &mut self.relations,
            Space::Types => &mut self.types,
        };
        match taken.get(&name) {
            Some(other) => self.crates.files[file]
                .errors
                .add(span, format!("the name `{name}` is already used by {other}"))
                .help(help),
            None => {
                taken.insert(name, what);
            }
        }
    }

    fn table(&mut self, assembled: &Assembled<'_>) {
        let Assembled { found, table } = assembled;
        let (model, file) = (&found.item, found.file);
        let ident: SourceSpan = model.ident.span().into();
        let span = model.table.as_ref().map_or(ident, |table| table.span);
        let place = &self.crates.modules[found.module].path;
        let what = format!("the table of `{place}::{}`", model.ident);
        let help = "give one of them another `table`";
        if self.relations.get(&table.name).is_some_and(|other| other.starts_with("the table")) {
            // One message is enough: all that belongs to the table collides, too.
            return self.take(Space::Relations, table.name.clone(), what, file, span, help);
        }
        self.take(Space::Relations, table.name.clone(), what.clone(), file, span, help);
        self.take(Space::Types, table.name.clone(), what, file, span, help);
        let mut constraints: BTreeMap<String, &str> = BTreeMap::new();
        let in_schema = |name: &str| QName::new(table.name.schema.clone(), name);
        let place_of = |name: &str| {
            let written = model.object_names().find(|(_, item)| item.value == name);
            written.map_or(ident, |(_, item)| item.span)
        };
        let owned = |kind: &str| format!("{kind} of `{}`", model.ident);
        let own_name = "give one of them a different `name`";
        let key = table.primary_key.iter().map(|key| (&key.name, "the primary key"));
        let with_index = key.chain(table.uniques.keys().map(|name| (name, "a unique constraint")));
        for (name, kind) in with_index {
            self.take(Space::Relations, in_schema(name), owned(kind), file, place_of(name), own_name);
            constraints.insert(name.clone(), kind);
        }
        for name in table.indexes.keys() {
            self.take(Space::Relations, in_schema(name), owned("an index"), file, place_of(name), own_name);
        }
        for column in table.columns.iter().filter(|column| column.identity.is_some()) {
            let name = in_schema(&name::sequence(&table.name.name, &column.name));
            let what = owned("the sequence of an identity column");
            self.take(Space::Relations, name, what, file, ident, own_name);
        }
        for entry in &table.companions {
            let Definition::Table(object) = &entry.definition else { continue };
            let name = QName::new(&object.name.schema, &object.name.name);
            // The table that changes are recorded in is that of other models, too.
            let shared = object.partition_of.is_none();
            let what = if shared { "the table of `audit`".to_owned() } else { owned("a partition") };
            if self.relations.get(&name) != Some(&what) {
                self.take(Space::Relations, name.clone(), what.clone(), file, ident, own_name);
                self.take(Space::Types, name, what, file, ident, own_name);
            }
        }
        let checks = table.checks.keys().map(|name| (name, "a check"));
        for (name, kind) in checks.chain(table.foreign_keys.keys().map(|name| (name, "a foreign key"))) {
            if let Some(other) = constraints.insert(name.clone(), kind) {
                let message = format!("the name `{name}` is already used by {other} of this table");
                self.crates.files[file].errors.add(place_of(name), message).help(own_name);
            }
        }
    }
}

/// What was renamed is gone: a model that is still called so is another one.
fn renames(crates: &Crates, assembled: &[Assembled<'_>]) {
    let tables = assembled.iter().map(|Assembled { found, table }| (&table.name, &found.item.ident));
    let tables: BTreeMap<_, _> = tables.collect();
    let mut old_tables: BTreeMap<QName, &Ident> = BTreeMap::new();
    for Assembled { found, table } in assembled {
        let (model, errors) = (&found.item, &crates.files[found.file].errors);
        if let Some(written) = &model.renamed_from {
            let old = lower::old_name(&written.value, &table.name);
            if let Some(other) = tables.get(&old) {
                errors
                    .add(written.span, format!("`{old}` is the table of `{other}`"))
                    .help("a table can only be renamed from a name that is no longer in use");
            }
            if let Some(other) = old_tables.insert(old.clone(), &model.ident) {
                errors
                    .add(written.span, format!("`{other}` is renamed from `{old}`, too"))
                    .help("one table cannot become two");
            }
        }
        let mut old_columns: BTreeMap<&str, String> = BTreeMap::new();
        for field in model.fields.iter().filter(|field| field.column.expand.is_none()) {
            let Some(old) = &field.column.renamed_from else { continue };
            if table.column(&old.value).is_some() {
                errors
                    .add(old.span, format!("`{}` is still a column of this model", old.value))
                    .help("a column can only be renamed from a name that is no longer in use");
            }
            if let Some(other) = old_columns.insert(&old.value, field.name()) {
                errors
                    .add(old.span, format!("`{other}` is renamed from `{}`, too", old.value))
                    .help("one column cannot become two");
            }
        }
    }
}
