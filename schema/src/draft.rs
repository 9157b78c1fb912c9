//! A table as one item describes it: everything but what only other items know.
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
    pub schema: Text,
    pub name: Text,
    pub columns: List<ColumnDraft>,
    pub primary_key: List<Text>,
    pub uniques: List<UniqueDraft>,
    pub checks: List<CheckDraft>,
    pub foreign_keys: List<ForeignKeyDraft>,
    pub indexes: List<IndexDraft>,
    pub comment: Option<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDraft {
    pub name: Text,
    pub default: Option<Text>,
    pub generated: Option<Text>,
    pub identity: Option<Identity>,
    pub collation: Option<Text>,
    pub comment: Option<Text>,
    pub reference: ReferenceDraft,
    /// The name of its foreign key, should it be one.
    pub foreign_key: Text,
    pub on_delete: Action,
    pub on_update: Action,
    pub deferrable: Deferrable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceDraft {
    /// According to its type: `Id<Account>`.
    ByType,
    /// Nothing, whatever its type.
    Never,
    /// A model that is named: the index into the list of targets.
    Target(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueDraft {
    pub name: Text,
    pub columns: List<Text>,
    pub deferrable: Deferrable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckDraft {
    pub name: Text,
    pub expr: Text,
}

/// A foreign key of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyDraft {
    pub name: Text,
    pub columns: List<Text>,
    pub target: usize,
    pub on_delete: Action,
    pub on_update: Action,
    pub deferrable: Deferrable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDraft {
    pub name: Text,
    pub keys: List<IndexKeyDraft>,
    pub unique: bool,
    pub method: Text,
    pub include: List<Text>,
    pub predicate: Option<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKeyDraft {
    /// The column, or the expression.
    pub on: Text,
    pub is_expr: bool,
    pub descending: bool,
    /// `NULLS FIRST` or `NULLS LAST`, as written.
    pub nulls_first: Option<bool>,
    pub opclass: Option<Text>,
    pub collation: Option<Text>,
}

/// What is known of a column beside its draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// The PostgreSQL type: the declared one, otherwise that of the Rust type.
    pub ty: ColumnType,
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

/// A column's type as declared, in canonical spelling.
pub fn declared(element: &str, array: bool) -> ColumnType {
    ColumnType { element: ElementType::Sql(element.to_owned()), array }
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
    /// The table, from one info for each column and the targets of its foreign keys, in the order of the draft.
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
            table.foreign_keys.insert(key.name.to_string(), key.assemble(&targets[key.target]));
        }
        for index in self.indexes.iter() {
            table.indexes.insert(index.name.to_string(), index.assemble());
        }
        table.comment = text(&self.comment);
        table
    }

    fn column(&self, draft: &ColumnDraft, info: &ColumnInfo) -> Column {
        Column {
            name: draft.name.to_string(),
            ty: info.ty.clone(),
            not_null: !info.nullable,
            default: expr(&draft.default),
            generated: expr(&draft.generated),
            identity: draft.identity,
            collation: text(&draft.collation),
            comment: text(&draft.comment),
        }
    }

    fn column_key(&self, draft: &ColumnDraft, info: &ColumnInfo, targets: &[Target]) -> Option<ForeignKey> {
        let target = match &draft.reference {
            ReferenceDraft::Never => return None,
            ReferenceDraft::ByType => {
                let (table, column) = info.references.clone()?;
                let own_table = table.schema == self.schema && table.name == self.name;
                // A model's own key references nothing.
                if own_table && self.primary_key.contains(&draft.name) {
                    return None;
                }
                Target { table, columns: vec![column] }
            }
            ReferenceDraft::Target(at) => targets[*at].clone(),
        };
        Some(ForeignKey {
            columns: vec![draft.name.to_string()],
            references: target.table,
            referenced_columns: target.columns,
            on_delete: draft.on_delete,
            on_update: draft.on_update,
            deferrable: draft.deferrable,
        })
    }
}

impl ForeignKeyDraft {
    fn assemble(&self, target: &Target) -> ForeignKey {
        ForeignKey {
            columns: texts(&self.columns),
            references: target.table.clone(),
            referenced_columns: target.columns.clone(),
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
