//! A table as one item says it: everything but what only other items know.
//!
//! A derive sees one struct. Which PostgreSQL type a field's Rust type is and which table another model is, it
//! cannot see; the command line finds that out by scanning (`link`), a program by traits at run time.
//! Both put it into the same [`TableDraft`] with [`TableDraft::assemble`], so that they cannot disagree. All of it
//! can be written as constants, which is what the derive does.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{
    Action, Check, Column, ColumnType, Deferrable, ElementType, Enum, Expr, ForeignKey, Identity, Index,
    IndexKey, IndexOn, PrimaryKey, QName, Schema, Table, Unique,
};
use crate::name;

/// A text that may be a constant.
pub type Text = Cow<'static, str>;
/// A list that may be a constant.
pub type List<T> = Cow<'static, [T]>;

/// A table. Columns are named as in PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDraft {
    /// The PostgreSQL schema.
    pub schema: Text,
    /// The name.
    pub name: Text,
    /// The columns.
    pub columns: List<ColumnDraft>,
    /// The columns of the primary key.
    pub primary_key: List<Text>,
    /// The unique constraints.
    pub uniques: List<UniqueDraft>,
    /// The check constraints.
    pub checks: List<CheckDraft>,
    /// The foreign keys that are declared on the table.
    pub foreign_keys: List<ForeignKeyDraft>,
    /// The indexes.
    pub indexes: List<IndexDraft>,
    /// The comment.
    pub comment: Option<Text>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDraft {
    /// The name.
    pub name: Text,
    /// The declared type, in canonical spelling, and whether it is an array; `None` when the Rust type says it.
    pub ty: Option<(Text, bool)>,
    /// `DEFAULT`.
    pub default: Option<Text>,
    /// `GENERATED ALWAYS AS`.
    pub generated: Option<Text>,
    /// `AS IDENTITY`.
    pub identity: Option<Identity>,
    /// `COLLATE`.
    pub collation: Option<Text>,
    /// The comment.
    pub comment: Option<Text>,
    /// What it refers to.
    pub reference: ReferenceDraft,
    /// The name of its foreign key, should it be one.
    pub foreign_key: Text,
    /// Of its foreign key.
    pub on_delete: Action,
    /// Of its foreign key.
    pub on_update: Action,
    /// Of its foreign key.
    pub deferrable: Deferrable,
}

/// What a column refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceDraft {
    /// What its type says: `Id<Account>`.
    ByType,
    /// Nothing, whatever its type says.
    Never,
    /// A model that is named, by its place in the list of targets, and a field of it; its primary key without.
    Target(usize, Option<Text>),
}

/// A unique constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueDraft {
    /// The name.
    pub name: Text,
    /// The columns.
    pub columns: List<Text>,
    /// When it is checked.
    pub deferrable: Deferrable,
}

/// A check constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckDraft {
    /// The name.
    pub name: Text,
    /// The condition.
    pub expr: Text,
}

/// A foreign key of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyDraft {
    /// The name.
    pub name: Text,
    /// The referencing columns.
    pub columns: List<Text>,
    /// The place in the list of targets.
    pub target: usize,
    /// The referenced fields; empty for the primary key.
    pub fields: List<Text>,
    /// `ON DELETE`.
    pub on_delete: Action,
    /// `ON UPDATE`.
    pub on_update: Action,
    /// When it is checked.
    pub deferrable: Deferrable,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDraft {
    /// The name.
    pub name: Text,
    /// The keys.
    pub keys: List<IndexKeyDraft>,
    /// Whether it is unique.
    pub unique: bool,
    /// The access method.
    pub method: Text,
    /// The columns it carries along.
    pub include: List<Text>,
    /// The predicate.
    pub predicate: Option<Text>,
}

/// A key of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKeyDraft {
    /// The column, or the expression.
    pub on: Text,
    /// Whether it is an expression.
    pub is_expr: bool,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST` or `NULLS LAST`, as written.
    pub nulls_first: Option<bool>,
    /// The operator class.
    pub opclass: Option<Text>,
    /// The collation.
    pub collation: Option<Text>,
}

/// What a column's Rust type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// The PostgreSQL type; `None` where nothing is known, which only a declared type allows.
    pub ty: Option<ColumnType>,
    /// Whether it is an `Option`.
    pub nullable: bool,
    /// The table and column that an `Id<T>` refers to.
    pub references: Option<(QName, String)>,
}

/// A model that a foreign key names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its table.
    pub table: QName,
    /// The columns of its primary key.
    pub primary_key: Vec<String>,
    /// Its fields and the columns they are.
    pub columns: Vec<(String, String)>,
}

impl Target {
    /// The column of a field. A column's own name will do, too.
    pub fn column(&self, field: &str) -> Option<&str> {
        let by_field = self.columns.iter().find(|(name, _)| name == field);
        by_field
            .or_else(|| self.columns.iter().find(|(_, column)| column == field))
            .map(|(_, column)| column.as_str())
    }
}

fn texts(list: &[Text]) -> Vec<String> {
    list.iter().map(|text| text.to_string()).collect()
}

fn text(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.to_string())
}

fn expr(text: &Option<Text>) -> Option<Expr> {
    text.as_ref().map(|text| Expr::new(text.to_string()))
}

impl TableDraft {
    /// The table, from what the columns' types say (one for each column) and from the targets of its foreign keys.
    pub fn assemble(&self, columns: &[ColumnInfo], targets: &[Target]) -> Table {
        let qname = QName::in_schema(self.schema.to_string(), self.name.to_string());
        let mut table = Table::new(qname);
        for (draft, info) in self.columns.iter().zip(columns) {
            table.columns.push(self.column(draft, info));
            if let Some(key) = self.column_key(draft, info, targets) {
                table.foreign_keys.insert(draft.foreign_key.to_string(), key);
            }
        }
        if !self.primary_key.is_empty() {
            table.primary_key =
                Some(PrimaryKey { name: name::primary_key(&self.name), columns: texts(&self.primary_key) });
        }
        for unique in self.uniques.iter() {
            let value = Unique { columns: texts(&unique.columns), deferrable: unique.deferrable };
            table.uniques.insert(unique.name.to_string(), value);
        }
        for check in self.checks.iter() {
            table.checks.insert(check.name.to_string(), Check { expr: Expr::new(check.expr.to_string()) });
        }
        for key in self.foreign_keys.iter() {
            if let Some(target) = targets.get(key.target) {
                table.foreign_keys.insert(key.name.to_string(), key.assemble(target));
            }
        }
        for index in self.indexes.iter() {
            table.indexes.insert(index.name.to_string(), index.assemble());
        }
        table.comment = text(&self.comment);
        table
    }

    fn column(&self, draft: &ColumnDraft, info: &ColumnInfo) -> Column {
        let ty = match (&draft.ty, &info.ty) {
            (Some((name, array)), _) => {
                ColumnType { element: ElementType::Sql(name.to_string()), array: *array }
            }
            (None, Some(ty)) => ty.clone(),
            // Unreachable: only a declared type allows that nothing is known. `text` holds anything.
            (None, None) => ColumnType::sql("text"),
        };
        Column {
            name: draft.name.to_string(),
            ty,
            not_null: !info.nullable,
            default: expr(&draft.default),
            generated: expr(&draft.generated),
            identity: draft.identity,
            collation: text(&draft.collation),
            comment: text(&draft.comment),
        }
    }

    fn column_key(&self, draft: &ColumnDraft, info: &ColumnInfo, targets: &[Target]) -> Option<ForeignKey> {
        let (references, column) = match &draft.reference {
            ReferenceDraft::Never => return None,
            ReferenceDraft::ByType => {
                let (table, column) = info.references.clone()?;
                let own_table = table.schema == self.schema && table.name == self.name;
                // A model's own key refers to nothing.
                if own_table && self.primary_key.contains(&draft.name) {
                    return None;
                }
                (table, column)
            }
            ReferenceDraft::Target(at, field) => {
                let target = targets.get(*at)?;
                let column = match field {
                    Some(field) => target.column(field).unwrap_or(field).to_owned(),
                    None => target.primary_key.first()?.clone(),
                };
                (target.table.clone(), column)
            }
        };
        Some(ForeignKey {
            columns: vec![draft.name.to_string()],
            references,
            referenced_columns: vec![column],
            on_delete: draft.on_delete,
            on_update: draft.on_update,
            deferrable: draft.deferrable,
        })
    }
}

impl ForeignKeyDraft {
    fn assemble(&self, target: &Target) -> ForeignKey {
        let referenced_columns = if self.fields.is_empty() {
            target.primary_key.clone()
        } else {
            self.fields.iter().map(|field| target.column(field).unwrap_or(field).to_owned()).collect()
        };
        ForeignKey {
            columns: texts(&self.columns),
            references: target.table.clone(),
            referenced_columns,
            on_delete: self.on_delete,
            on_update: self.on_update,
            deferrable: self.deferrable,
        }
    }
}

impl IndexDraft {
    fn assemble(&self) -> Index {
        Index {
            keys: self.keys.iter().map(IndexKeyDraft::assemble).collect(),
            unique: self.unique,
            method: self.method.to_string(),
            include: texts(&self.include),
            predicate: expr(&self.predicate),
        }
    }
}

impl IndexKeyDraft {
    /// The key. `NULLS` that the order implies anyway are left out, as PostgreSQL leaves them out.
    pub fn assemble(&self) -> IndexKey {
        let on = match self.is_expr {
            true => IndexOn::Expr(Expr::new(self.on.to_string())),
            false => IndexOn::Column(self.on.to_string()),
        };
        IndexKey {
            on,
            descending: self.descending,
            nulls_first: self.nulls_first.filter(|first| *first != self.descending),
            opclass: text(&self.opclass),
            collation: text(&self.collation),
        }
    }
}

/// All tables and enum types together.
///
/// A declared type that is the name of one of these enum types (`#[column(type = "stage")]`) becomes that enum
/// type here, where all are known.
pub fn schema(tables: impl IntoIterator<Item = Table>, enums: impl IntoIterator<Item = Enum>) -> Schema {
    let enums: BTreeMap<QName, Enum> = enums.into_iter().map(|item| (item.name.clone(), item)).collect();
    let by_text: BTreeMap<String, &QName> = enums.keys().map(|name| (name::qualified(name), name)).collect();
    let mut tables: BTreeMap<QName, Table> =
        tables.into_iter().map(|table| (table.name.clone(), table)).collect();
    for column in tables.values_mut().flat_map(|table| &mut table.columns) {
        if let ElementType::Sql(text) = &column.ty.element
            && let Some(name) = by_text.get(text)
        {
            column.ty.element = ElementType::Enum((*name).clone());
        }
    }
    Schema { enums, tables }
}
