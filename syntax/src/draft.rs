//! A table as one item describes it: everything but what only other items know.
//!
//! A derive sees one struct. Which PostgreSQL type a field's Rust type is and which table another model is, it
//! cannot see; the command line finds that out by scanning (`link`), a program by traits at run time.
//! Both put it into the same [`TableDraft`] with [`TableDraft::assemble`], so that they cannot disagree. Derived code
//! carries the draft as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::expand;
use crate::model::{Column, ColumnType, ElementType, Enum, ForeignKey, QName, Schema, Table};

/// A table whose columns have the declared types only, with its foreign keys beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableDraft {
    pub(crate) table: Table,
    pub(crate) foreign_keys: Vec<ForeignKeyDraft>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ForeignKeyDraft {
    pub(crate) name: String,
    /// The key without what it references.
    pub(crate) key: ForeignKey,
    /// The model that is named, as an index into the list of targets; without one the type of the column decides:
    /// `Id<Account>`.
    pub(crate) target: Option<usize>,
}

/// What is known of a column beside its draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// The type of its Rust type; not needed when one is declared.
    pub ty: Option<ColumnType>,
    pub nullable: bool,
    /// The table and column that an `Id<T>` refers to.
    pub references: Option<(QName, String)>,
}

/// What a foreign key references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub table: QName,
    pub columns: Vec<String>,
}

impl TableDraft {
    /// What [`TableDraft::from_json`] reads.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("a draft serialises: {error}"))
    }

    /// The draft that a derive of this version wrote.
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| unreachable!("a derive wrote this draft: {error}"))
    }

    /// The table, from one info for each column and the targets of its foreign keys, in the order of the draft.
    pub fn assemble(self, columns: &[ColumnInfo], targets: &[Target]) -> Table {
        let TableDraft { mut table, foreign_keys } = self;
        for (column, info) in table.columns.iter_mut().zip(columns) {
            column.not_null = !info.nullable;
            if let Some(ty) = &info.ty {
                column.ty = ty.clone();
            }
        }
        for ForeignKeyDraft { name, key, target } in foreign_keys {
            let target = match target {
                Some(at) => Some(targets[at].clone()),
                None => by_type(&table, &key, columns),
            };
            if let Some(Target { table: references, columns: referenced_columns }) = target {
                table.foreign_keys.insert(name, ForeignKey { references, referenced_columns, ..key });
            }
        }
        expand::complete(&mut table);
        table
    }
}

/// What the type of a key's column refers to. A model's own key references nothing.
fn by_type(table: &Table, key: &ForeignKey, infos: &[ColumnInfo]) -> Option<Target> {
    let has_key = |(column, _): &(&Column, _)| key.columns.contains(&column.name);
    let (column, info) = table.columns.iter().zip(infos).find(has_key)?;
    let (references, referenced) = info.references.clone()?;
    let in_key = table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
    let own_key = in_key && references == table.name;
    (!own_key).then(|| Target { table: references, columns: vec![referenced] })
}

/// All tables and enum types together.
///
/// A declared type that is the name of one of these enum types (`#[column(type = "stage")]`) becomes that enum
/// type here, where all are known.
pub fn schema(tables: impl IntoIterator<Item = Table>, enums: impl IntoIterator<Item = Enum>) -> Schema {
    let enums: BTreeMap<QName, Enum> = enums.into_iter().map(|item| (item.name.clone(), item)).collect();
    let by_text: BTreeMap<String, &QName> = enums.keys().map(|name| (name.type_sql(), name)).collect();
    let mut tables: BTreeMap<QName, Table> =
        tables.into_iter().map(|table| (table.name.clone(), table)).collect();
    for column in tables.values_mut().flat_map(|table| &mut table.columns) {
        if let ElementType::Sql(text) = &column.ty.element
            && let Some(name) = by_text.get(text)
        {
            column.ty.element = ElementType::Enum((*name).clone());
        }
    }
    let of_tables = tables.values_mut().flat_map(|table| std::mem::take(&mut table.companions));
    let companions = of_tables.map(|entry| (entry.definition.id(), entry)).collect();
    Schema { enums, tables, companions, ..Schema::default() }
}
