//! The intermediate representation: what a PostgreSQL database looks like, as far as Whimbrel manages it.
//!
//! A [`Schema`] is what annotated structs become and what their hash is made of. It holds no spans, no file names and no
//! order that a hash decided.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use whimbrel_schema::privilege::Privilege;
use whimbrel_schema::{Definition, Entry, Id};

pub use whimbrel_schema::name::{DEFAULT_SCHEMA, QName};

pub use crate::renames::Hints;
pub use column_type::{ColumnType, ElementType};

mod column_type;

/// Everything Whimbrel manages in one database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "SchemaList", into = "SchemaList")]
pub struct Schema {
    pub enums: BTreeMap<QName, Enum>,
    /// Tables, and views whose rows a struct describes.
    pub tables: BTreeMap<QName, Table>,
    /// SQL files for everything else: their names, with `/` between the parts, and their texts, with LF.
    pub objects: BTreeMap<String, String>,
    /// What comes with the tables: partitions, policies, triggers with their functions, audit tables.
    pub companions: BTreeMap<Id, Entry>,
}

/// How a [`Schema`] is written: lists in the order of their names, since a JSON key cannot be a [`QName`].
#[derive(Serialize, Deserialize)]
struct SchemaList {
    enums: Vec<Enum>,
    tables: Vec<Table>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    objects: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    companions: Vec<Entry>,
}

impl From<SchemaList> for Schema {
    fn from(list: SchemaList) -> Self {
        Schema {
            enums: list.enums.into_iter().map(|item| (item.name.clone(), item)).collect(),
            tables: list.tables.into_iter().map(|item| (item.name.clone(), item)).collect(),
            objects: list.objects,
            companions: list.companions.into_iter().map(|item| (item.definition.id(), item)).collect(),
        }
    }
}

impl From<Schema> for SchemaList {
    fn from(schema: Schema) -> Self {
        SchemaList {
            enums: schema.enums.into_values().collect(),
            tables: schema.tables.into_values().collect(),
            objects: schema.objects,
            companions: schema.companions.into_values().collect(),
        }
    }
}

/// An SQL expression as its author wrote it or as the server prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expr(pub String);

impl Expr {
    pub fn new(text: impl Into<String>) -> Self {
        Expr(text.into())
    }
}

impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An enum type: `CREATE TYPE … AS ENUM`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    pub name: QName,
    /// Its labels in sort order.
    pub labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: QName,
    /// The relation itself, if it is not an ordinary table: partitioned, unlogged, with row-level security; a view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Definition>,
    /// Its columns in the order of declaration. Order alone is not a difference: PostgreSQL cannot move a column.
    pub columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<PrimaryKey>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uniques: BTreeMap<String, Unique>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Check>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub foreign_keys: BTreeMap<String, ForeignKey>,
    /// Indexes that belong to no constraint, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<String, Index>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub privileges: Vec<Privilege>,
    /// What comes with it, until [`crate::draft::schema`] puts that of all tables together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Entry>,
}

impl Table {
    pub fn new(name: QName) -> Self {
        Table {
            name,
            relation: None,
            columns: Vec::new(),
            primary_key: None,
            uniques: BTreeMap::new(),
            checks: BTreeMap::new(),
            foreign_keys: BTreeMap::new(),
            indexes: BTreeMap::new(),
            comment: None,
            privileges: Vec::new(),
            companions: Vec::new(),
        }
    }

    /// Whether its rows are those of a query.
    pub fn is_view(&self) -> bool {
        matches!(self.relation, Some(Definition::View(_) | Definition::MaterializedView(_)))
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: ColumnType,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expr>,
    /// `GENERATED ALWAYS AS (…) STORED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Expr>,
    /// `GENERATED … AS IDENTITY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// `COLLATE`, when it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub privileges: Vec<Privilege>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expand: Option<Expand>,
    /// One of two columns that are kept in step, whose rows of before do not have their values yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfilled: bool,
}

/// What keeps a column in step with the one that it takes the place of, until that is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expand {
    /// The column that it takes the place of, which is there as well.
    pub from: String,
    /// The type of that, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_type: Option<ColumnType>,
    /// Its value, if that is not the other's, or a cast of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Expr>,
    /// The other's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Expr>,
    /// Its value where a program gives neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expr>,
}

impl Column {
    /// A nullable column without a default.
    pub fn new(name: impl Into<String>, ty: ColumnType) -> Self {
        Column {
            name: name.into(),
            ty,
            not_null: false,
            default: None,
            generated: None,
            identity: None,
            collation: None,
            comment: None,
            privileges: Vec::new(),
            expand: None,
            unfilled: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// A value given by hand is refused.
    Always,
    /// A value given by hand wins.
    ByDefault,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    pub name: String,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Deferrable::is_no")]
    pub deferrable: Deferrable,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The condition, without the outer parentheses.
    pub expr: Expr,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    pub references: QName,
    pub referenced_columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Action::is_no_action")]
    pub on_delete: Action,
    #[serde(default, skip_serializing_if = "Action::is_no_action")]
    pub on_update: Action,
    #[serde(default, skip_serializing_if = "Deferrable::is_no")]
    pub deferrable: Deferrable,
}

/// What happens to referencing rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An error, checked at the end of the statement or transaction.
    #[default]
    NoAction,
    Restrict,
    /// They go, or change, too.
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    pub(crate) fn is_no_action(&self) -> bool {
        *self == Action::NoAction
    }
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferrable {
    /// After each statement, always.
    #[default]
    No,
    /// After each statement unless the transaction sets it otherwise.
    InitiallyImmediate,
    /// At commit unless the transaction sets it otherwise.
    InitiallyDeferred,
}

impl Deferrable {
    pub(crate) fn is_no(&self) -> bool {
        *self == Deferrable::No
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub keys: Vec<IndexKey>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    #[serde(default = "btree", skip_serializing_if = "is_btree")]
    pub method: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// The predicate of a partial index, without the outer parentheses.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Expr>,
}

impl Index {
    /// A `btree` index that is not unique.
    pub fn new(keys: Vec<IndexKey>) -> Self {
        Index { keys, unique: false, method: btree(), include: Vec::new(), predicate: None }
    }
}

fn btree() -> String {
    "btree".to_owned()
}

fn is_btree(method: &str) -> bool {
    method == "btree"
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexKey {
    #[serde(flatten)]
    pub on: IndexOn,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub descending: bool,
    /// `NULLS FIRST` (true) or `NULLS LAST` (false), when it differs from what the order implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls_first: Option<bool>,
    /// The operator class, when it is not the type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opclass: Option<String>,
    /// The collation, when it is not the column's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
}

impl IndexKey {
    pub fn column(name: impl Into<String>) -> Self {
        IndexKey {
            on: IndexOn::Column(name.into()),
            descending: false,
            nulls_first: None,
            opclass: None,
            collation: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexOn {
    Column(String),
    /// An expression, without the outer parentheses.
    Expr(Expr),
}
