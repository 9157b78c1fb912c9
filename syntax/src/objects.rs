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
use whimbrel_schema::object::{Enum, Namespace, Table};
use whimbrel_schema::{Definition, Id, Kind, State};

use crate::expr;
use crate::model::{self, Action, Deferrable, ElementType, IndexKey, IndexOn, Schema};
use crate::parts::{Part, parts};

/// The objects that a schema consists of.
pub fn state(schema: &Schema) -> State {
    let mut state = State::default();
    let names = schema.enums.keys().chain(schema.tables.keys());
    let schemas: BTreeSet<&String> = names.map(|name| &name.schema).collect();
    for name in schemas {
        if name != model::DEFAULT_SCHEMA {
            state.insert(Definition::Namespace(Namespace { name: name.clone() }), None);
        }
    }
    for item in schema.enums.values() {
        let definition = Enum { name: qname(&item.name), labels: item.labels.clone() };
        state.insert(Definition::Enum(definition), item.comment.clone());
    }
    for table in schema.tables.values() {
        Parts { schema, table, name: qname(&table.name) }.add_to(&mut state);
    }
    state
}

/// What a schema could say of a state: the enum types and tables that it has, with their columns, constraints and
/// indexes. Migrations written by hand may make more, and set what no model can.
pub fn described(found: &State, schema: &Schema) -> State {
    let whole = |id: &Id| model::QName::in_schema(&id.qname().schema, &id.qname().name);
    let mut described = State::default();
    for (id, entry) in &found.objects {
        let definition = match &entry.definition {
            Definition::Enum(_) if schema.enums.contains_key(&whole(id)) => entry.definition.clone(),
            Definition::Table(table) if schema.tables.contains_key(&whole(id)) => {
                Definition::Table(Table { name: table.name.clone(), ..Table::default() })
            }
            Definition::Column(column) if schema.tables.contains_key(&whole(id)) => {
                let column = column.clone();
                let (storage, compression, statistics, options) = (None, None, None, Vec::new());
                Definition::Column(Column { storage, compression, statistics, options, ..column })
            }
            Definition::Constraint(constraint) if schema.tables.contains_key(&whole(id)) => {
                let constraint = constraint.clone();
                Definition::Constraint(Constraint {
                    options: Vec::new(),
                    clustered: false,
                    replica_identity: false,
                    ..constraint
                })
            }
            Definition::Index(index) if schema.tables.contains_key(&whole(&index.on)) => {
                let (statistics, clustered, replica_identity) = (Vec::new(), false, false);
                Definition::Index(Index { statistics, clustered, replica_identity, ..index.clone() })
            }
            _ => continue,
        };
        described.insert(definition, entry.comment.clone());
        described.depend(id, entry.depends.iter().cloned());
    }
    described
}

/// The name as `whimbrel_schema` has it.
pub fn qname(name: &model::QName) -> QName {
    QName::new(&name.schema, &name.name)
}

struct Parts<'a> {
    schema: &'a Schema,
    table: &'a model::Table,
    name: QName,
}

impl Parts<'_> {
    fn add_to(&self, state: &mut State) {
        let table = Table { name: self.name.clone(), ..Table::default() };
        state.insert(Definition::Table(table), self.table.comment.clone());
        for (column, position) in self.table.columns.iter().zip(1..) {
            let definition = Definition::Column(self.column(column, position));
            let id = definition.id();
            state.insert(definition, column.comment.clone());
            let reads = column.generated.iter().flat_map(|expr| self.mentioned(&expr.0));
            state.depend(&id, reads.chain(enum_type(column)));
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

    fn column_id(&self, name: &str) -> Id {
        Id::new(Kind::Table, &self.name).part(Kind::Column, name)
    }

    /// The columns whose names stand in an expression, and their enum types: labels are of the type.
    fn mentioned(&self, text: &str) -> Vec<Id> {
        let columns = self.table.columns.iter().filter(|column| expr::mentions(text, &column.name));
        columns
            .flat_map(|column| [self.column_id(&column.name)].into_iter().chain(enum_type(column)))
            .collect()
    }

    fn column(&self, column: &model::Column, position: i32) -> Column {
        let array = if column.ty.array { "[]" } else { "" };
        let ty = match &column.ty.element {
            ElementType::Sql(text) => format!("{text}{array}"),
            ElementType::Enum(name) => format!("{}{array}", qname(name).sql()),
        };
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
            constraint.references = Some(qname(&key.references));
            let depends = ids(&key.columns).into_iter().chain(self.referenced(key)).collect();
            all.push((constraint, depends));
        }
        all
    }

    /// What a foreign key needs in the table it refers to: the columns, and the keys and unique indexes over them.
    fn referenced(&self, key: &model::ForeignKey) -> Vec<Id> {
        let id = Id::new(Kind::Table, &qname(&key.references));
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
            on: Id::new(Kind::Table, &self.name),
            name: name.to_owned(),
            unique: index.unique,
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

fn enum_type(column: &model::Column) -> Option<Id> {
    match &column.ty.element {
        ElementType::Enum(name) => Some(Id::new(Kind::Enum, &qname(name))),
        ElementType::Sql(_) => None,
    }
}

fn foreign_key(key: &model::ForeignKey) -> String {
    format!(
        "FOREIGN KEY ({}) REFERENCES {}({}){}{}{}",
        list(&key.columns),
        qname(&key.references).sql(),
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
