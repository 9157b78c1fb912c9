//! One difference between two schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::*;

/// One difference between two schemas.
///
/// Where something is dropped, names are those of the previous schema; everywhere else they are those of the next
/// one, renames already carried out. A schema is created or dropped when the first object comes into it, or the last
/// one leaves; the column before in [`Change::AlterColumn`] is under its new name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    CreateSchema { schema: String },
    DropSchema { schema: String },
    CreateEnum { definition: Enum },
    DropEnum { definition: Enum },
    RenameEnum { from: QName, to: QName },
    AlterEnum(LabelChange),
    CommentEnum { name: QName, from: Option<String>, to: Option<String> },
    CreateTable { table: Table },
    DropTable { table: Table },
    RenameTable { from: QName, to: QName },
    CommentTable { table: QName, from: Option<String>, to: Option<String> },
    AddColumn { table: QName, column: Column },
    DropColumn { table: QName, column: Column },
    RenameColumn { table: QName, from: String, to: String },
    AlterColumn { table: QName, from: Column, to: Column },
    Add(TableObject),
    Drop(TableObject),
    Rename { table: QName, kind: ObjectKind, from: String, to: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelChange {
    pub name: QName,
    pub from: Vec<String>,
    pub to: Vec<String>,
    /// New label -> old label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub renamed: BTreeMap<String, String>,
}

/// A constraint or an index of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableObject {
    pub table: QName,
    #[serde(flatten)]
    pub object: Object,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    pub name: String,
    #[serde(flatten)]
    pub definition: Definition,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
pub enum Definition {
    PrimaryKey { columns: Vec<String> },
    Unique(Unique),
    Check(Check),
    ForeignKey(ForeignKey),
    Index(Index),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    PrimaryKey,
    Unique,
    Check,
    ForeignKey,
    Index,
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ObjectKind::PrimaryKey => "primary key",
            ObjectKind::Unique => "unique constraint",
            ObjectKind::Check => "check",
            ObjectKind::ForeignKey => "foreign key",
            ObjectKind::Index => "index",
        })
    }
}

impl Definition {
    pub fn kind(&self) -> ObjectKind {
        match self {
            Definition::PrimaryKey { .. } => ObjectKind::PrimaryKey,
            Definition::Unique(_) => ObjectKind::Unique,
            Definition::Check(_) => ObjectKind::Check,
            Definition::ForeignKey(_) => ObjectKind::ForeignKey,
            Definition::Index(_) => ObjectKind::Index,
        }
    }
}

/// Every constraint and index of a table, by kind and name.
pub(crate) fn objects(table: &Table) -> Vec<Object> {
    let mut objects = Vec::new();
    let mut push = |name: &str, definition| objects.push(Object { name: name.to_owned(), definition });
    if let Some(key) = &table.primary_key {
        push(&key.name, Definition::PrimaryKey { columns: key.columns.clone() });
    }
    table.uniques.iter().for_each(|(name, unique)| push(name, Definition::Unique(unique.clone())));
    table.checks.iter().for_each(|(name, check)| push(name, Definition::Check(check.clone())));
    table.foreign_keys.iter().for_each(|(name, key)| push(name, Definition::ForeignKey(key.clone())));
    table.indexes.iter().for_each(|(name, index)| push(name, Definition::Index(index.clone())));
    objects
}

/// The columns a foreign key could refer to.
pub(crate) fn key_columns(definition: &Definition) -> Option<BTreeSet<String>> {
    match definition {
        Definition::PrimaryKey { columns } | Definition::Unique(Unique { columns, .. }) => {
            Some(columns.iter().cloned().collect())
        }
        Definition::Index(index) if index.unique => index
            .keys
            .iter()
            .map(|key| match &key.on {
                IndexOn::Column(column) => Some(column.clone()),
                IndexOn::Expr(_) => None,
            })
            .collect(),
        _ => None,
    }
}

impl fmt::Display for Change {
    /// A line for people: `add column opportunities.amount`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::CreateSchema { schema } => write!(f, "create schema {schema}"),
            Change::DropSchema { schema } => write!(f, "drop schema {schema}"),
            Change::CreateEnum { definition } => write!(f, "create enum {}", definition.name),
            Change::DropEnum { definition } => write!(f, "drop enum {}", definition.name),
            Change::RenameEnum { from, to } => write!(f, "rename enum {from} to {to}"),
            Change::AlterEnum(change) => display_labels(f, change),
            Change::CommentEnum { name, .. } => write!(f, "comment on enum {name}"),
            Change::CreateTable { table } => write!(f, "create table {}", table.name),
            Change::DropTable { table } => write!(f, "drop table {}", table.name),
            Change::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Change::CommentTable { table, .. } => write!(f, "comment on table {table}"),
            Change::AddColumn { table, column } => write!(f, "add column {table}.{}", column.name),
            Change::DropColumn { table, column } => write!(f, "drop column {table}.{}", column.name),
            Change::RenameColumn { table, from, to } => write!(f, "rename column {table}.{from} to {to}"),
            Change::AlterColumn { table, from, to } => {
                write!(f, "alter column {table}.{}: {}", to.name, aspects(from, to).join(", "))
            }
            Change::Add(TableObject { table, object }) => {
                write!(f, "add {} {} to {table}", object.definition.kind(), object.name)
            }
            Change::Drop(TableObject { table, object }) => {
                write!(f, "drop {} {} from {table}", object.definition.kind(), object.name)
            }
            Change::Rename { table, kind, from, to } => write!(f, "rename {kind} {from} of {table} to {to}"),
        }
    }
}

fn display_labels(f: &mut fmt::Formatter<'_>, change: &LabelChange) -> fmt::Result {
    let LabelChange { name, from, to, renamed } = change;
    let mut parts = Vec::new();
    for (new, old) in renamed {
        parts.push(format!("'{old}' becomes '{new}'"));
    }
    for label in to.iter().filter(|label| !from.contains(label) && !renamed.contains_key(*label)) {
        parts.push(format!("add '{label}'"));
    }
    let old: Vec<_> = renamed.values().collect();
    for label in from.iter().filter(|label| !to.contains(label) && !old.contains(label)) {
        parts.push(format!("remove '{label}'"));
    }
    if parts.is_empty() {
        parts.push("other order".to_owned());
    }
    write!(f, "alter enum {name}: {}", parts.join(", "))
}

/// What differs between two columns.
fn aspects(from: &Column, to: &Column) -> Vec<String> {
    let mut aspects = Vec::new();
    if from.ty != to.ty {
        aspects.push(format!("type {} to {}", from.ty, to.ty));
    }
    if from.collation != to.collation {
        aspects.push("collation".to_owned());
    }
    if from.not_null != to.not_null {
        aspects.push(if to.not_null { "not null" } else { "nullable" }.to_owned());
    }
    if !same_expr(from.default.as_ref(), to.default.as_ref()) {
        aspects.push(match &to.default {
            Some(default) => format!("default {default}"),
            None => "no default".to_owned(),
        });
    }
    if !same_expr(from.generated.as_ref(), to.generated.as_ref()) {
        aspects.push(if to.generated.is_some() { "generated" } else { "not generated" }.to_owned());
    }
    if from.identity != to.identity {
        aspects.push(if to.identity.is_some() { "identity" } else { "no identity" }.to_owned());
    }
    if from.comment != to.comment {
        aspects.push("comment".to_owned());
    }
    aspects
}

/// Whether two optional expressions are the same but for their spelling.
pub(crate) fn same_expr(one: Option<&Expr>, other: Option<&Expr>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => crate::expr::same(&one.0, &other.0),
        (None, None) => true,
        _ => false,
    }
}

impl fmt::Display for ColumnType {
    /// For messages, unquoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.element {
            ElementType::Sql(name) => f.write_str(name)?,
            ElementType::Enum(name) => write!(f, "{name}")?,
        }
        if self.array { f.write_str("[]") } else { Ok(()) }
    }
}
