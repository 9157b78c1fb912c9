//! A state as a [`Schema`]: the tables, columns, constraints and indexes that structs can carry.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::object::table::Table as TableObject;
use whimbrel_schema::object::{self, column};
use whimbrel_schema::{Definition, Entry, Id, Kind, State, name};

use super::{behavior, names, parse, relation};
use crate::model::{
    Action, Check, Column, ColumnType, ElementType, Enum, Expr, Identity, Index, IndexOn, PrimaryKey, QName,
    Schema, Table, Unique,
};
use crate::validate::has_key;
use crate::{expr, types};

/// What structs carry of a state, and what they do not.
pub(super) struct Carried {
    pub(super) schema: Schema,
    /// Tables that are SQL as a whole, and why.
    pub(super) not_models: BTreeMap<QName, String>,
    /// Columns that no struct has, and why: they are added by SQL.
    pub(super) added: BTreeMap<Id, String>,
    /// Fields that hold a text because no Rust type stands for their type.
    pub(super) texts: BTreeMap<Id, String>,
    /// Domains: their names in SQL, and the type that each is made of.
    pub(super) domains: BTreeMap<String, String>,
}

pub(super) fn carried(state: &State) -> Carried {
    let mut reader = Reader::new(state);
    let mut schema = Schema::default();
    for (id, entry) in &state.objects {
        match &entry.definition {
            Definition::Enum(item) if item.labels.iter().any(String::is_empty) => {
                reader.not_models.insert(id.qname(), "a label of it is empty".to_owned());
            }
            Definition::Enum(item) if is_enum(item) => {
                let name = id.qname();
                let labels = item.labels.clone();
                schema
                    .enums
                    .insert(name.clone(), Enum { name, labels, comment: comment(entry.comment.as_ref()) });
            }
            Definition::Table(table) => {
                let name = id.qname();
                match reader.table(table, &name, entry) {
                    Ok(table) => drop(schema.tables.insert(name, table)),
                    Err(why) => drop(reader.not_models.insert(name, why)),
                }
            }
            _ => {}
        }
    }
    reader.foreign_keys(&mut schema);
    behavior::read(state, &mut schema);
    reader.policies(state, &mut schema);
    let Reader { not_models, added, texts, domains, .. } = reader;
    Carried { schema, not_models, added, texts, domains }
}

/// Whether a Rust enum can have its labels.
fn is_enum(item: &object::Enum) -> bool {
    !item.labels.is_empty() && !item.labels.iter().any(String::is_empty)
}

/// A comment that an attribute can have.
fn comment(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
}

/// The objects that are parts of a table.
#[derive(Default)]
struct Parts<'a> {
    columns: Vec<(&'a column::Column, &'a Entry)>,
    constraints: Vec<&'a object::Constraint>,
    indexes: Vec<&'a object::Index>,
}

struct Reader<'a> {
    parts: BTreeMap<QName, Parts<'a>>,
    /// Enum types by their names in SQL.
    enums: BTreeMap<String, QName>,
    domains: BTreeMap<String, String>,
    /// The names of relations and of their constraints.
    names: BTreeSet<QName>,
    not_models: BTreeMap<QName, String>,
    added: BTreeMap<Id, String>,
    texts: BTreeMap<Id, String>,
}

impl<'a> Reader<'a> {
    fn new(state: &'a State) -> Self {
        let (mut parts, mut enums) = (BTreeMap::<QName, Parts<'a>>::new(), BTreeMap::new());
        let (mut domains, mut names) = (BTreeMap::new(), BTreeSet::new());
        for (id, entry) in &state.objects {
            match &entry.definition {
                Definition::Column(column) => {
                    let table = parts.entry(id.qname()).or_default();
                    table.columns.push((column, entry));
                }
                Definition::Constraint(constraint) => {
                    names.insert(QName::new(&constraint.table.schema, &constraint.name));
                    parts.entry(id.qname()).or_default().constraints.push(constraint);
                }
                Definition::Index(index) => {
                    names.insert(id.qname());
                    let on = index.on.qname();
                    parts.entry(on).or_default().indexes.push(index);
                }
                Definition::Enum(item) if is_enum(item) => {
                    drop(enums.insert(item.name.type_sql(), id.qname()))
                }
                Definition::Domain(domain) => drop(domains.insert(domain.name.type_sql(), domain.ty.clone())),
                _ if id.names().count() == 2 => drop(names.insert(id.qname())),
                _ => {}
            }
        }
        for table in parts.values_mut() {
            table.columns.sort_by_key(|(column, _)| column.position);
        }
        let (not_models, added, texts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Reader { parts, enums, domains, names, not_models, added, texts }
    }

    /// A table without its foreign keys, or why it is not a model.
    fn table(&mut self, object: &TableObject, name: &QName, entry: &Entry) -> Result<Table, String> {
        if object.partition_of.is_some() {
            return Err("it is a partition".to_owned());
        }
        if !object.inherits.is_empty() {
            return Err("it inherits from another table".to_owned());
        }
        let parts = self.parts.remove(name).unwrap_or_default();
        let mut table = Table {
            comment: comment(entry.comment.as_ref()),
            relation: relation::relation(object),
            privileges: relation::privileges(&entry.privileges),
            ..Table::new(name.clone())
        };
        let mut added: Vec<(Id, String)> = Vec::new();
        for (column, entry) in &parts.columns {
            match (self.column(column, entry), added.last()) {
                (Ok(column), None) => table.columns.push(column),
                (Ok(_), Some((id, why))) => return Err(format!("column {}: {why}", id.name())),
                (Err(why), _) => {
                    added.push((Id::new(Kind::Table, &column.table).part(Kind::Column, &column.name), why))
                }
            }
        }
        if table.columns.is_empty() {
            return Err("it has no column that a field stands for".to_owned());
        }
        if let Some(by) = &object.partition_by {
            let key = parse::partition_key(by);
            let plain = |name: &String| table.column(name).is_some_and(|column| column.generated.is_none());
            if !key.is_some_and(|(_, columns)| columns.iter().all(plain)) {
                return Err("its partition key is more than fields".to_owned());
            }
        }
        let reads = |expr: &Expr| added.iter().any(|(id, _)| expr::mentions(&expr.0, id.name()));
        if let Some(column) = table.columns.iter().find(|column| column.generated.iter().any(reads)) {
            return Err(format!("column {} is generated from one that no field stands for", column.name));
        }
        for constraint in &parts.constraints {
            self.constraint(&mut table, constraint);
        }
        let key = table.primary_key.as_ref().map(|key| &key.columns);
        table.uniques.retain(|_, unique| Some(&unique.columns) != key);
        for object in &parts.indexes {
            let index = parse::index(&object.using, object.unique).filter(|index| is_of(&table, index));
            let index = index.filter(|index| !expressions(index).any(reads));
            table.indexes.extend(index.map(|index| (object.name.clone(), index)));
        }
        let texts = parts.columns.iter().filter_map(|(column, _)| {
            let unknown = table.column(&column.name).is_some_and(|field| !self.has_rust_type(field));
            let id = Id::new(Kind::Table, &column.table).part(Kind::Column, &column.name);
            unknown.then(|| (id, column.ty.clone()))
        });
        self.texts.extend(texts.collect::<Vec<_>>());
        self.added.extend(added);
        self.parts.insert(name.clone(), parts);
        Ok(table)
    }

    fn column(&self, object: &column::Column, entry: &Entry) -> Result<Column, String> {
        let ty = self.column_type(&object.ty)?;
        if object.generated.as_ref().is_some_and(|generated| generated.r#virtual) {
            return Err("it is a virtual generated column".to_owned());
        }
        let bounds = object.identity.as_ref().map(|identity| identity.options.min..=identity.options.max);
        if bounds.is_some_and(|bounds| !bounds.contains(&1)) {
            return Err("its identity cannot begin at 1".to_owned());
        }
        let collation = object.collation.as_ref().map(|name| match name.schema.as_str() {
            "pg_catalog" => name.name.clone(),
            schema => format!("{schema}.{}", name.name),
        });
        if object.collation.as_ref().is_some_and(|name| name.schema.contains('.') || name.name.contains('.'))
        {
            return Err("the name of its collation has a dot".to_owned());
        }
        let identity = object.identity.as_ref().map(|identity| match identity.always {
            true => Identity::Always,
            false => Identity::ByDefault,
        });
        Ok(Column {
            expand: None,
            unfilled: false,
            not_null: object.not_null,
            default: object.default.clone().map(Expr),
            generated: object.generated.as_ref().map(|generated| Expr::new(&generated.expression)),
            identity,
            collation,
            comment: comment(entry.comment.as_ref()),
            privileges: relation::privileges(&entry.privileges),
            ..Column::new(&object.name, ty)
        })
    }

    fn has_rust_type(&self, column: &Column) -> bool {
        match &column.ty.element {
            ElementType::Sql(sql) => types::rust(sql, &self.domains).is_some(),
            ElementType::Enum(_) => true,
        }
    }

    /// A type that a field can have.
    fn column_type(&self, text: &str) -> Result<ColumnType, String> {
        let (element, array) = match text.strip_suffix("[]") {
            Some(element) => (element, true),
            None => (text, false),
        };
        let ty = match self.enums.get(element) {
            Some(name) => ColumnType::enumeration(name.clone()),
            None => types::canonical(element).map_err(|error| error.message)?,
        };
        let known = match &ty.element {
            ElementType::Sql(sql) => sql == element,
            ElementType::Enum(_) => true,
        };
        match known {
            true => Ok(if array { ty.array_of() } else { ty }),
            false => Err(format!("a field cannot have the type {text}")),
        }
    }

    /// Adds what an attribute says of a constraint; of foreign keys, see below.
    fn constraint(&self, table: &mut Table, object: &object::Constraint) {
        let has = |columns: &[String]| columns.iter().all(|name| table.column(name).is_some());
        let key_name = name::primary_key(&table.name.name);
        match object.ty {
            ConstraintType::PrimaryKey => {
                let plain = object.definition == format!("PRIMARY KEY ({})", name::list(&object.columns));
                // Under another name it is renamed by SQL.
                let free = object.name == key_name
                    || !self.names.contains(&QName::new(&table.name.schema, &key_name));
                if plain && free && has(&object.columns) {
                    table.primary_key = Some(PrimaryKey { name: key_name, columns: object.columns.clone() });
                }
            }
            ConstraintType::Unique if !object.twin => {
                let Some((columns, deferrable)) = parse::unique(&object.definition) else { return };
                if has(&columns) && !table.uniques.values().any(|other| other.columns == columns) {
                    table.uniques.insert(object.name.clone(), Unique { columns, deferrable });
                }
            }
            ConstraintType::Check
                if !object.not_valid && has(&object.columns) && names::is_ident(&object.name) =>
            {
                if let Some(condition) = parse::check(&object.definition) {
                    table.checks.insert(object.name.clone(), Check { expr: Expr::new(condition) });
                }
            }
            _ => {}
        }
    }

    /// Policies of models, as far as they read fields.
    fn policies(&self, state: &State, schema: &mut Schema) {
        for (id, entry) in &state.objects {
            let Definition::Policy(policy) = &entry.definition else { continue };
            let name = id.qname();
            let secured = |table: &Table| match &table.relation {
                Some(Definition::Table(relation)) => relation.row_security,
                _ => false,
            };
            let texts: Vec<&String> = policy.using.iter().chain(&policy.check).collect();
            let mut added = self.added.keys().filter(|column| column.qname() == id.qname());
            let reads_fields =
                !added.any(|column| texts.iter().any(|text| expr::mentions(text, column.name())));
            if schema.tables.get(&name).is_some_and(secured) && relation::is_said(policy) && reads_fields {
                let mut made = State::default();
                made.insert(entry.definition.clone(), None);
                schema.companions.extend(made.objects);
            }
        }
    }

    /// Foreign keys of models to models, when all are known.
    fn foreign_keys(&self, schema: &mut Schema) {
        let mut keys = Vec::new();
        for (name, table) in &schema.tables {
            let constraints = self.parts.get(name).map_or(&[][..], |parts| &parts.constraints);
            for constraint in constraints.iter().filter(|constraint| !constraint.not_valid) {
                let Some(references) = &constraint.references else { continue };
                let references = QName::new(&references.schema, &references.name);
                let Some(key) = parse::foreign_key(&constraint.definition, references) else { continue };
                let Some(target) = schema.tables.get(&key.references) else { continue };
                let nullable = |name: &String| table.column(name).is_some_and(|column| !column.not_null);
                let given = |name: &String| {
                    nullable(name) || table.column(name).is_some_and(|column| column.default.is_some())
                };
                let possible = [key.on_delete, key.on_update].into_iter().all(|action| match action {
                    Action::SetNull => key.columns.iter().all(nullable),
                    Action::SetDefault => key.columns.iter().all(given),
                    _ => true,
                });
                let has = key.columns.iter().all(|name| table.column(name).is_some());
                if possible && has && has_key(target, &key.referenced_columns) {
                    keys.push((name.clone(), constraint.name.clone(), key));
                }
            }
        }
        for (table, name, key) in keys {
            if let Some(table) = schema.tables.get_mut(&table) {
                table.foreign_keys.insert(name, key);
            }
        }
    }
}

/// Whether an index is over fields, and carries none that is a key.
fn is_of(table: &Table, index: &Index) -> bool {
    let keys: Vec<&String> = index
        .keys
        .iter()
        .filter_map(|key| match &key.on {
            IndexOn::Column(name) => Some(name),
            IndexOn::Expr(_) => None,
        })
        .collect();
    let mut columns = keys.iter().copied().chain(&index.include);
    columns.all(|name| table.column(name).is_some()) && !index.include.iter().any(|name| keys.contains(&name))
}

fn expressions(index: &Index) -> impl Iterator<Item = &Expr> {
    let keys = index.keys.iter().filter_map(|key| match &key.on {
        IndexOn::Expr(expr) => Some(expr),
        IndexOn::Column(_) => None,
    });
    keys.chain(&index.predicate)
}
