//! What the models describe before the second stage of a change.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::{Id, Kind};

use crate::expand;
use crate::model::{Schema, Table};

/// `next`, but what is `left` to the second stage as `prev` has it. Files of objects are those of `next`.
pub(crate) fn before(next: &Schema, prev: &Schema, left: &BTreeSet<Id>) -> Schema {
    let mut schema = next.clone();
    for id in left {
        put(&mut schema.companions, Some(&prev.companions), id);
        let name = id.qname();
        match id.kind {
            Kind::Constraint | Kind::Column => {
                if let Some((table, before)) = schema.tables.get_mut(&name).zip(prev.tables.get(&name)) {
                    part(table, before, id);
                }
            }
            _ if id.names().count() == 2 => put(&mut schema.tables, Some(&prev.tables), &name),
            _ => {}
        }
    }
    for table in schema.tables.values_mut() {
        let before = prev.tables.get(&table.name).map(|table| &table.indexes);
        let mut names: BTreeSet<String> =
            table.indexes.keys().chain(before.into_iter().flat_map(BTreeMap::keys)).cloned().collect();
        names.retain(|name| left.contains(&Id::of(Kind::Index, &[&table.name.schema, name])));
        names.iter().for_each(|name| put(&mut table.indexes, before, name));
    }
    schema
}

fn part(table: &mut Table, before: &Table, id: &Id) {
    let name = id.name().to_owned();
    if id.kind == Kind::Column {
        let in_step = expand::in_step(table);
        let column = table.columns.iter_mut().find(|column| column.name == name);
        let before = before.columns.iter().find(|column| column.name == name);
        let Some(column) = column else { return };
        if before.is_none() && !in_step.contains(&name) {
            table.columns.retain(|column| column.name != name);
            return;
        }
        column.not_null = before.is_some_and(|before| before.not_null);
        column.unfilled = in_step.contains(&name) && before.is_none_or(|before| before.unfilled);
        return;
    }
    let [is, was] =
        [&table.primary_key, &before.primary_key].map(|key| key.as_ref().is_some_and(|key| key.name == name));
    if is || was {
        table.primary_key.clone_from(&before.primary_key);
    }
    put(&mut table.uniques, Some(&before.uniques), &name);
    put(&mut table.checks, Some(&before.checks), &name);
    put(&mut table.foreign_keys, Some(&before.foreign_keys), &name);
}

/// Puts back what stood under a name.
fn put<K: Clone + Ord, V: Clone>(parts: &mut BTreeMap<K, V>, before: Option<&BTreeMap<K, V>>, name: &K) {
    match before.and_then(|before| before.get(name)) {
        Some(value) => drop(parts.insert(name.clone(), value.clone())),
        None => drop(parts.remove(name)),
    }
}
