//! What a schema could say of a state.

use whimbrel_schema::object::{Column, Constraint, Index, Table, ViewColumn};
use whimbrel_schema::privilege::Privilege;
use whimbrel_schema::{Definition, Entry, Id, State};

use crate::model::{self, QName, Schema};

/// What a schema could say of a state: the enum types, tables and views that it has, with their columns, constraints and
/// indexes, and what comes with them. Migrations written by hand may make more, and set what no model can, or this one
/// does not.
pub fn described(found: &State, schema: &Schema) -> State {
    let mut described = State::default();
    for (id, entry) in &found.objects {
        let Some((definition, declared)) = part(schema, id, &entry.definition) else { continue };
        let privileges = entry.privileges.iter().filter(|privilege| declared.contains(privilege)).cloned();
        let entry = Entry { definition, owner: None, privileges: privileges.collect(), ..entry.clone() };
        described.objects.insert(id.clone(), entry);
    }
    described
}

/// What the schema says of an object, and the privileges that it declares.
fn part<'a>(schema: &'a Schema, id: &Id, found: &Definition) -> Option<(Definition, &'a [Privilege])> {
    let whole = |id: &Id| QName::new(&id.qname().schema, &id.qname().name);
    let with = schema.companions.get(id);
    let table = || schema.tables.get(&whole(id));
    let privileges = with.map_or(&[] as &[_], |entry| &entry.privileges);
    let of_table = |table: &'a model::Table| {
        let column = table.columns.iter().find(|column| id.name() == column.name);
        column.map_or(&[] as &[_], |column| &column.privileges)
    };
    Some(match found {
        Definition::Enum(_) => (schema.enums.contains_key(&whole(id)).then(|| found.clone())?, privileges),
        Definition::Table(found) => match (with.map(|entry| &entry.definition), table()) {
            (Some(Definition::Table(declared)), _) => (shown(found, declared), privileges),
            (_, Some(table)) => match &table.relation {
                Some(Definition::Table(declared)) => (shown(found, declared), &table.privileges),
                _ => (shown(found, &Table::default()), &table.privileges),
            },
            _ => return None,
        },
        Definition::Column(column) if with.is_some() || table().is_some() => {
            let column = column.clone();
            let (storage, type_storage, compression, statistics) = (None, None, None, None);
            let options = Vec::new();
            let column = Column { storage, type_storage, compression, statistics, options, ..column };
            (Definition::Column(column), table().map_or(privileges, of_table))
        }
        Definition::IdentitySequence(_) if table().is_some() => (found.clone(), &[]),
        Definition::Constraint(constraint) if with.is_some() || table().is_some() => {
            let constraint = constraint.clone();
            let (options, index_comment, clustered, replica_identity) = (Vec::new(), None, false, false);
            let constraint = Constraint { options, index_comment, clustered, replica_identity, ..constraint };
            (Definition::Constraint(constraint), privileges)
        }
        Definition::Index(index) if schema.tables.contains_key(&whole(&index.on)) => {
            let (statistics, clustered, replica_identity) = (Vec::new(), false, false);
            let index = Index { statistics, clustered, replica_identity, ..index.clone() };
            (Definition::Index(index), privileges)
        }
        Definition::View(_) | Definition::MaterializedView(_) => (found.clone(), &table()?.privileges),
        Definition::ViewColumn(column) => {
            (Definition::ViewColumn(ViewColumn { default: None, ..column.clone() }), of_table(table()?))
        }
        _ => (with.map(|_| found.clone())?, privileges),
    })
}

/// A table as far as what is declared of it says more than that it is there.
fn shown(found: &Table, declared: &Table) -> Definition {
    let partitioned = declared.partition_by.is_some();
    Definition::Table(Table {
        name: found.name.clone(),
        unlogged: found.unlogged && declared.unlogged,
        partition_by: found.partition_by.clone().filter(|_| partitioned),
        partition_types: if partitioned { found.partition_types.clone() } else { Vec::new() },
        partition_of: found.partition_of.clone().filter(|_| declared.partition_of.is_some()),
        row_security: found.row_security && declared.row_security,
        force_row_security: found.force_row_security && declared.force_row_security,
        ..Table::default()
    })
}
