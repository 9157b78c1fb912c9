//! A schema as objects: what the models declare, in the terms of `whimbrel_schema`.
//!
//! Texts (defaults, conditions) are as their author wrote them. A server prints them in its own way, so such a state is
//! compared with another of its kind, or after a server has read it.

use std::collections::BTreeSet;

use whimbrel_schema::name::{self, QName, list};
use whimbrel_schema::object::column::{Column, Generated, Identity};
use whimbrel_schema::object::constraint::{Constraint, ConstraintType};
use whimbrel_schema::object::index::Index;
use whimbrel_schema::object::sequence::SequenceOptions;
use whimbrel_schema::object::view_column::ViewColumn;
use whimbrel_schema::object::{Enum, MaterializedView, Namespace, Policy, Table, View};
use whimbrel_schema::privilege::Privilege;
use whimbrel_schema::{Definition, Entry, Id, Kind, State};

use crate::expr;
use crate::model::{self, Action, Deferrable, ElementType, IndexKey, IndexOn, Schema};
use crate::parts::{Part, parts};

mod described;

pub use crate::expand::{after_sync, pair_up};
pub use described::described;

/// The PostgreSQL schemas in use beside the default one.
pub fn schemas(schema: &Schema) -> BTreeSet<&str> {
    let names = schema.enums.keys().chain(schema.tables.keys()).map(|name| name.schema.as_str());
    let all = names.chain(schema.companions.keys().map(Id::outermost));
    all.filter(|name| *name != model::DEFAULT_SCHEMA).collect()
}

/// The objects that a schema consists of.
pub fn state(schema: &Schema) -> State {
    let mut state = State::default();
    for name in schemas(schema) {
        state.insert(Definition::Namespace(Namespace { name: name.to_owned() }), None);
    }
    for item in schema.enums.values() {
        let definition = Enum { name: item.name.clone(), labels: item.labels.clone() };
        state.insert(Definition::Enum(definition), item.comment.clone());
    }
    for table in schema.tables.values() {
        Parts { schema, table, name: table.name.clone() }.add_to(&mut state);
    }
    for entry in schema.companions.values() {
        add_entry(schema, entry, &mut state);
    }
    state
}

fn add_entry(schema: &Schema, entry: &Entry, state: &mut State) {
    let Entry { definition, comment, privileges, depends, .. } = entry;
    let id = definition.id();
    state.insert(definition.clone(), comment.clone());
    state.depend(&id, depends.iter().cloned());
    set_privileges(state, &id, privileges);
    if let Definition::Policy(Policy { using, check, .. }) = definition {
        let reads = using.iter().chain(check).flat_map(|text| relations(schema, text, Some(&id)));
        state.depend(&id, reads.collect::<Vec<_>>());
    }
}

fn set_privileges(state: &mut State, id: &Id, privileges: &[Privilege]) {
    if let Some(entry) = state.objects.get_mut(id) {
        entry.privileges = privileges.to_vec();
    }
}

/// The tables and views that a query names, or that a policy is of, with those of their columns that it names.
fn relations(schema: &Schema, text: &str, of: Option<&Id>) -> Vec<Id> {
    let (names, relations) = (expr::names(text), expr::relations(text));
    let all = text.contains('*');
    let own = of.map(Id::qname);
    let is_named =
        |table: &&model::Table| relations.contains(&table.name.name) || own.as_ref() == Some(&table.name);
    let companions = schema.companions.keys().filter(|companion| {
        companion.kind == Kind::Table && of != Some(companion) && relations.contains(&companion.qname().name)
    });
    let tables = schema.tables.values().filter(is_named);
    tables
        .flat_map(|table| {
            let parts = Parts { schema, table, name: table.name.clone() };
            let columns = table.columns.iter().filter(|column| all || names.contains(&column.name));
            let columns: Vec<Id> = columns.map(|column| parts.column_id(&column.name)).collect();
            [parts.id()].into_iter().chain(columns)
        })
        .chain(companions.cloned())
        .collect()
}

struct Parts<'a> {
    schema: &'a Schema,
    table: &'a model::Table,
    name: QName,
}

impl Parts<'_> {
    fn add_to(&self, state: &mut State) {
        state.insert(self.relation(), self.table.comment.clone());
        set_privileges(state, &self.id(), &self.table.privileges);
        if let Some(
            Definition::View(View { query, .. })
            | Definition::MaterializedView(MaterializedView { query, .. }),
        ) = &self.table.relation
        {
            state.depend(&self.id(), relations(self.schema, query, None));
            for column in &self.table.columns {
                let part = ViewColumn { of: self.id(), name: column.name.clone(), default: None };
                state.insert(Definition::ViewColumn(part), column.comment.clone());
                set_privileges(state, &self.column_id(&column.name), &column.privileges);
            }
        } else {
            self.add_columns(state);
        }
        for (constraint, depends) in self.constraints() {
            let id = Definition::Constraint(constraint.clone()).id();
            state.insert(Definition::Constraint(constraint), None);
            state.depend(&id, depends);
        }
        for (name, index) in &self.table.indexes {
            let definition = Definition::Index(self.index(name, index));
            let id = definition.id();
            state.insert(definition, None);
            state.depend(&id, self.index_columns(index));
        }
    }

    /// The relation itself, with what its columns say of it.
    fn relation(&self) -> Definition {
        let columns =
            || self.table.columns.iter().map(|column| (column.name.clone(), column_type(&column.ty)));
        match self.table.relation.clone() {
            None => Definition::Table(Table { name: self.name.clone(), ..Table::default() }),
            Some(Definition::View(view)) => Definition::View(View { columns: columns().collect(), ..view }),
            Some(Definition::Table(table)) => {
                let key = table.partition_by.as_deref().map(expr::names).unwrap_or_default();
                let types = columns().filter(|(name, _)| key.contains(name)).map(|(_, ty)| ty).collect();
                Definition::Table(Table { partition_types: types, ..table })
            }
            Some(other) => other,
        }
    }

    fn add_columns(&self, state: &mut State) {
        for (column, position) in self.table.columns.iter().zip(1..) {
            let definition = Definition::Column(self.column(column, position));
            let id = definition.id();
            state.insert(definition, column.comment.clone());
            let reads = column.generated.iter().flat_map(|expr| self.mentioned(&expr.0));
            state.depend(&id, reads.chain(enum_type(column)));
            set_privileges(state, &id, &column.privileges);
        }
    }

    fn id(&self) -> Id {
        let kind = self.table.relation.as_ref().map_or(Kind::Table, Definition::kind);
        Id::new(kind, &self.name)
    }

    fn column_id(&self, name: &str) -> Id {
        self.id().part(if self.table.is_view() { Kind::ViewColumn } else { Kind::Column }, name)
    }

    /// The columns whose names stand in an expression, and their enum types: labels are of the type.
    fn mentioned(&self, text: &str) -> Vec<Id> {
        let columns = self.table.columns.iter().filter(|column| expr::mentions(text, &column.name));
        columns
            .flat_map(|column| [self.column_id(&column.name)].into_iter().chain(enum_type(column)))
            .collect()
    }

    fn column(&self, column: &model::Column, position: i32) -> Column {
        let ty = column_type(&column.ty);
        let in_key = |key: &model::PrimaryKey| key.columns.contains(&column.name);
        let identity = column.identity.map(|identity| Identity {
            always: identity == model::Identity::Always,
            sequence: QName::new(&self.name.schema, name::sequence(&self.name.name, &column.name)),
            options: SequenceOptions::new(&ty, 1),
        });
        Column {
            table: self.name.clone(),
            name: column.name.clone(),
            position,
            ty,
            collation: column.collation.as_ref().map(|name| match name.split_once('.') {
                Some((schema, name)) => QName::new(schema, name),
                None => QName::new("pg_catalog", name),
            }),
            not_null: column.not_null
                || identity.is_some()
                || self.table.primary_key.as_ref().is_some_and(in_key),
            default: column.default.as_ref().map(|expr| expr.0.clone()),
            volatile: column.default.as_ref().is_some_and(|expr| expr::is_volatile(&expr.0)),
            generated: column
                .generated
                .as_ref()
                .map(|expr| Generated { expression: expr.0.clone(), r#virtual: false }),
            identity,
            ..Column::default()
        }
    }

    fn constraint(
        &self,
        name: &str,
        ty: ConstraintType,
        definition: String,
        columns: &[String],
    ) -> Constraint {
        Constraint {
            table: self.name.clone(),
            name: name.to_owned(),
            ty,
            definition,
            columns: columns.to_vec(),
            ..Constraint::default()
        }
    }

    /// The constraints, each with what it depends on beside its tables.
    fn constraints(&self) -> Vec<(Constraint, Vec<Id>)> {
        let table = self.table;
        let ids = |columns: &[String]| columns.iter().map(|name| self.column_id(name)).collect::<Vec<_>>();
        let mut all = Vec::new();
        if let Some(key) = &table.primary_key {
            let definition = format!("PRIMARY KEY ({})", list(&key.columns));
            let key_constraint =
                self.constraint(&key.name, ConstraintType::PrimaryKey, definition, &key.columns);
            all.push((key_constraint, ids(&key.columns)));
        }
        for (name, unique) in &table.uniques {
            let columns = &unique.columns;
            let definition = format!("UNIQUE ({}){}", list(columns), deferrable(unique.deferrable));
            let others = table.uniques.iter().filter(|(other, _)| *other < name);
            let keys = table.primary_key.iter().map(|key| &key.columns);
            let twin = keys.chain(others.map(|(_, other)| &other.columns)).any(|other| other == columns);
            let constraint = self.constraint(name, ConstraintType::Unique, definition, columns);
            all.push((Constraint { twin, ..constraint }, ids(columns)));
        }
        for (name, check) in &table.checks {
            let definition = format!("CHECK ({})", check.expr);
            let constraint = self.constraint(name, ConstraintType::Check, definition, &[]);
            all.push((constraint, self.mentioned(&check.expr.0)));
        }
        for (name, key) in &table.foreign_keys {
            let mut constraint =
                self.constraint(name, ConstraintType::ForeignKey, foreign_key(key), &key.columns);
            constraint.references = Some(key.references.clone());
            let depends = ids(&key.columns).into_iter().chain(self.referenced(key)).collect();
            all.push((constraint, depends));
        }
        all
    }

    /// What a foreign key needs in the table it refers to: the columns, and the keys and unique indexes over them.
    fn referenced(&self, key: &model::ForeignKey) -> Vec<Id> {
        let id = Id::new(Kind::Table, &key.references);
        let Some(table) = self.schema.tables.get(&key.references) else { return Vec::new() };
        let wanted: BTreeSet<&String> = key.referenced_columns.iter().collect();
        let columns = key.referenced_columns.iter().map(|name| id.part(Kind::Column, name));
        let keys = parts(table).into_iter().filter(|(_, part)| part.key().as_ref() == Some(&wanted));
        let keys = keys.map(|(name, part)| match part {
            Part::Index(_) => Id::new(Kind::Index, &QName::new(&key.references.schema, name)),
            _ => id.part(Kind::Constraint, name),
        });
        columns.chain(keys).collect()
    }

    fn index(&self, name: &str, index: &model::Index) -> Index {
        let keys: Vec<String> = index.keys.iter().map(index_key).collect();
        let mut using = format!("{} ({})", name::quote(&index.method), keys.join(", "));
        if !index.include.is_empty() {
            using.push_str(&format!(" INCLUDE ({})", list(&index.include)));
        }
        if let Some(predicate) = &index.predicate {
            using.push_str(&format!(" WHERE ({predicate})"));
        }
        Index {
            on: self.id(),
            name: name.to_owned(),
            unique: index.unique,
            incomplete: false,
            using,
            statistics: Vec::new(),
            clustered: false,
            replica_identity: false,
        }
    }

    fn index_columns(&self, index: &model::Index) -> Vec<Id> {
        let mut ids: Vec<Id> = index.include.iter().map(|name| self.column_id(name)).collect();
        for key in &index.keys {
            match &key.on {
                IndexOn::Column(name) => ids.push(self.column_id(name)),
                IndexOn::Expr(expr) => ids.extend(self.mentioned(&expr.0)),
            }
        }
        ids.extend(index.predicate.iter().flat_map(|predicate| self.mentioned(&predicate.0)));
        ids
    }
}

/// A type as `format_type` prints it.
pub fn column_type(ty: &model::ColumnType) -> String {
    let array = if ty.array { "[]" } else { "" };
    match &ty.element {
        ElementType::Sql(text) => format!("{text}{array}"),
        ElementType::Enum(name) => format!("{}{array}", name.type_sql()),
    }
}

fn enum_type(column: &model::Column) -> Option<Id> {
    match &column.ty.element {
        ElementType::Enum(name) => Some(Id::new(Kind::Enum, name)),
        ElementType::Sql(_) => None,
    }
}

fn foreign_key(key: &model::ForeignKey) -> String {
    format!(
        "FOREIGN KEY ({}) REFERENCES {}({}){}{}{}",
        list(&key.columns),
        key.references.sql(),
        list(&key.referenced_columns),
        action(" ON UPDATE", key.on_update),
        action(" ON DELETE", key.on_delete),
        deferrable(key.deferrable),
    )
}

fn action(event: &str, action: Action) -> String {
    let word = match action {
        Action::NoAction => return String::new(),
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    };
    format!("{event} {word}")
}

fn deferrable(deferrable: Deferrable) -> &'static str {
    match deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}

fn index_key(key: &IndexKey) -> String {
    let mut text = match &key.on {
        IndexOn::Column(column) => name::quote(column).into_owned(),
        IndexOn::Expr(expr) => format!("({expr})"),
    };
    if let Some(collation) = &key.collation {
        text.push_str(&format!(" COLLATE {}", dotted(collation)));
    }
    if let Some(opclass) = &key.opclass {
        let (name, parameters) = opclass.split_at(opclass.find('(').unwrap_or(opclass.len()));
        text.push_str(&format!(" {}{parameters}", dotted(name.trim())));
    }
    if key.descending {
        text.push_str(" DESC");
    }
    match key.nulls_first {
        Some(true) => text.push_str(" NULLS FIRST"),
        Some(false) => text.push_str(" NULLS LAST"),
        None => {}
    }
    text
}

/// A name that may carry its schema.
fn dotted(name: &str) -> String {
    name.split('.').map(|part| name::quote(part).into_owned()).collect::<Vec<_>>().join(".")
}
