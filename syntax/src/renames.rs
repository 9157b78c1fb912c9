//! Which declared renames apply, what the previous schema is called after them, and their statements.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use whimbrel_schema::rename::Declared;

use crate::expr;
use crate::model::{Column, ElementType, Enum, Expr, IndexOn, QName, Schema, Table};
use crate::name;
use crate::objects::schemas;

mod companions;
mod steps;

/// What the author of the models declared and no comparison of two schemas could know.
///
/// Renames are declared (`renamed_from`), never guessed; a hint that does not fit the previous schema is ignored
/// by `diff`, since `renamed_from` may stay in the source after the rename was carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// New table name -> old one.
    pub tables: BTreeMap<QName, QName>,
    /// (New table name, new column name) -> old column name.
    pub columns: BTreeMap<(QName, String), String>,
    /// New enum type name -> old one.
    pub enums: BTreeMap<QName, QName>,
    /// (New enum type name, new label) -> old label.
    pub labels: BTreeMap<(QName, String), String>,
    /// What files of objects declare; only a server can carry it out.
    pub objects: Vec<Declared>,
}

impl Hints {
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.enums.is_empty() && self.labels.is_empty()
    }
}

/// The previous schema in the names of the next one.
#[derive(Debug, Clone)]
pub struct Renamed {
    pub schema: Schema,
    /// The renames that applied; new names to old ones.
    pub(crate) hints: Hints,
    /// Sequences of identity columns that are named after a table or column: new names and old ones.
    sequences: Vec<(QName, String)>,
    /// PostgreSQL schemas that come into being, and go, with what moves into them and out of them.
    created: Vec<String>,
    dropped: Vec<String>,
    /// The names of tables and types before.
    taken: BTreeSet<QName>,
}

/// Applies those renames that fit: the old name was there and is gone or taken over by another rename, the new one
/// was not there or is renamed itself.
///
/// A rename may stay in the source after its migration, so one whose new name was already there has no effect.
/// Two names can therefore not be exchanged in one migration: that would look like a rename for ever.
impl Renamed {
    pub fn new(prev: &Schema, next: &Schema, hints: &Hints) -> Self {
        let mut tables = effective(&hints.tables, &keys(&prev.tables), &keys(&next.tables));
        tables.extend(companions::moved(prev, next, &tables));
        let enums = effective(&hints.enums, &keys(&prev.enums), &keys(&next.enums));
        let new_enum: BTreeMap<&QName, &QName> = enums.iter().map(|(new, old)| (old, new)).collect();
        let new_table: BTreeMap<&QName, &QName> = tables.iter().map(|(new, old)| (old, new)).collect();

        let mut labels = BTreeMap::new();
        let mut columns = BTreeMap::new();
        let mut schema = Schema::default();
        let mut sequences = Vec::new();
        for (old, definition) in &prev.enums {
            let name = new_enum.get(old).map_or(old, |new| *new).clone();
            let names = |definition: &Enum| definition.labels.iter().cloned().collect();
            let after = next.enums.get(&name).map(names);
            let renamed = effective_within(&hints.labels, &name, &names(definition), after);
            let new = |old: &String| {
                let rename = renamed.iter().find(|(_, from)| from == old);
                rename.map_or(old, |((_, new), _)| new).clone()
            };
            let definition =
                Enum { labels: definition.labels.iter().map(new).collect(), ..definition.clone() };
            labels.extend(renamed);
            schema.enums.insert(name.clone(), Enum { name, ..definition });
        }
        for (old, table) in &prev.tables {
            let name = new_table.get(old).map_or(old, |new| *new).clone();
            let names = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect();
            let after = next.tables.get(&name).map(names);
            let renamed = effective_within(&hints.columns, &name, &names(table), after);
            sequences.extend(renamed_sequences(table, &name, &renamed));
            columns.extend(renamed);
            schema.tables.insert(name.clone(), Table { name, ..table.clone() });
        }
        schema.companions.clone_from(&prev.companions);
        let applied = Hints { tables, columns, enums, labels, objects: Vec::new() };
        if !applied.is_empty() {
            let old_to_new = OldToNew::new(&applied);
            schema.tables.values_mut().for_each(|table| old_to_new.rename_table(table));
            schema.companions =
                schema.companions.values().map(|entry| old_to_new.rename_entry(entry)).collect();
        }
        let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
        let (before, after) = (schemas(prev), schemas(&schema));
        let created = owned(&after - &before);
        let dropped = owned(&(&before - &after) - &schemas(next));
        let taken = prev.tables.keys().chain(prev.enums.keys()).cloned().collect();
        Renamed { schema, hints: applied, sequences, created, dropped, taken }
    }
}

/// The sequences of identity columns follow the names of a table and its columns.
fn renamed_sequences(
    table: &Table,
    name: &QName,
    columns: &[((QName, String), String)],
) -> Vec<(QName, String)> {
    let identities = table.columns.iter().filter(|column| column.identity.is_some());
    let names = identities.map(|column| {
        let rename = columns.iter().find(|(_, old)| *old == column.name);
        let new = rename.map_or(&column.name, |((_, new), _)| new);
        let old = name::sequence(&table.name.name, &column.name);
        (QName::new(&name.schema, name::sequence(&name.name, new)), old)
    });
    names.filter(|(new, old)| new.name != *old).collect()
}

fn keys<V>(map: &BTreeMap<QName, V>) -> BTreeSet<QName> {
    map.keys().cloned().collect()
}

/// The renames (new -> old) that fit.
fn effective<K: Ord + Clone>(
    hints: &BTreeMap<K, K>,
    prev: &BTreeSet<K>,
    next: &BTreeSet<K>,
) -> BTreeMap<K, K> {
    let mut fitting: BTreeMap<K, K> = BTreeMap::new();
    let mut sources = BTreeSet::new();
    for (new, old) in hints {
        if next.contains(new) && prev.contains(old) && new != old && sources.insert(old) {
            fitting.insert(new.clone(), old.clone());
        }
    }
    // Each round keeps the chains of renames that begin at a name that is gone and end at one that was free.
    loop {
        let free = reached(&fitting, |new, old| (new, old), |new| !prev.contains(new));
        let gone = reached(&fitting, |new, old| (old, new), |old| !next.contains(old));
        let before = fitting.len();
        fitting.retain(|new, old| free.contains(new) && gone.contains(old));
        if fitting.len() == before {
            return fitting;
        }
    }
}

/// One end of every rename that is `open`, or that the other end of a reached rename makes open.
fn reached<'a, K: Ord + Clone>(
    renames: &'a BTreeMap<K, K>,
    ends: impl Fn(&'a K, &'a K) -> (&'a K, &'a K),
    open: impl Fn(&K) -> bool,
) -> BTreeSet<K> {
    let mut reached: BTreeSet<K> = BTreeSet::new();
    let mut opened: BTreeSet<&K> = BTreeSet::new();
    loop {
        let before = reached.len();
        for (new, old) in renames {
            let (this, other) = ends(new, old);
            if open(this) || opened.contains(this) {
                reached.insert(this.clone());
                opened.insert(other);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The hints (owner, new) -> old that belong to one owner.
fn of_owner(hints: &BTreeMap<(QName, String), String>, owner: &QName) -> BTreeMap<String, String> {
    let mine = hints.iter().filter(|((name, _), _)| name == owner);
    mine.map(|((_, new), old)| (new.clone(), old.clone())).collect()
}

/// The renames of labels or columns of one owner that fit.
fn effective_within(
    hints: &BTreeMap<(QName, String), String>,
    owner: &QName,
    prev: &BTreeSet<String>,
    next: Option<BTreeSet<String>>,
) -> Vec<((QName, String), String)> {
    let mine = of_owner(hints, owner);
    let Some(next) = next.filter(|_| !mine.is_empty()) else { return Vec::new() };
    let fitting = effective(&mine, prev, &next);
    fitting.into_iter().map(|(new, old)| ((owner.clone(), new), old)).collect()
}

/// The same renames from old to new; owners are new names.
struct OldToNew {
    tables: BTreeMap<QName, QName>,
    enums: BTreeMap<QName, QName>,
    columns: BTreeMap<(QName, String), String>,
    labels: BTreeMap<(QName, String), String>,
}

impl OldToNew {
    fn new(hints: &Hints) -> Self {
        let flip =
            |map: &BTreeMap<QName, QName>| map.iter().map(|(new, old)| (old.clone(), new.clone())).collect();
        let flip_owned = |map: &BTreeMap<(QName, String), String>| {
            map.iter().map(|((owner, new), old)| ((owner.clone(), old.clone()), new.clone())).collect()
        };
        OldToNew {
            tables: flip(&hints.tables),
            enums: flip(&hints.enums),
            columns: flip_owned(&hints.columns),
            labels: flip_owned(&hints.labels),
        }
    }

    fn column(&self, table: &QName, old: &str) -> Option<String> {
        self.columns.get(&(table.clone(), old.to_owned())).cloned()
    }

    /// Carries the renames out in a table that has its new name already.
    fn rename_table(&self, table: &mut Table) {
        let name = table.name.clone();
        table.relation = table.relation.as_ref().map(|relation| self.rename_definition(relation));
        let rename = |column: &mut String| {
            if let Some(new) = self.column(&name, column) {
                *column = new;
            }
        };
        // A type is renamed wherever its name stands, a column only in its own table.
        let word = |old: &str| {
            self.column(&name, old).or_else(|| {
                let mut types = self.enums.iter().filter(|(from, to)| from.name == old && to.name != old);
                types.next().map(|(_, to)| to.name.clone())
            })
        };
        let rewrite = |expr: &mut Expr| expr.0 = expr::rename_words(&expr.0, &word);

        for column in &mut table.columns {
            rename(&mut column.name);
            self.rename_type(column);
            column.default.iter_mut().chain(&mut column.generated).for_each(rewrite);
            if let Some(expand) = &mut column.expand {
                rename(&mut expand.from);
                let texts = [&mut expand.forward, &mut expand.back, &mut expand.default];
                texts.into_iter().flatten().for_each(rewrite);
            }
        }
        if let Some(key) = &mut table.primary_key {
            key.columns.iter_mut().for_each(rename);
        }
        table.uniques.values_mut().flat_map(|unique| &mut unique.columns).for_each(rename);
        table.checks.values_mut().for_each(|check| rewrite(&mut check.expr));
        for key in table.foreign_keys.values_mut() {
            key.columns.iter_mut().for_each(rename);
            if let Some(new) = self.tables.get(&key.references) {
                key.references = new.clone();
            }
            for column in &mut key.referenced_columns {
                if let Some(new) = self.column(&key.references, column) {
                    *column = new;
                }
            }
        }
        for index in table.indexes.values_mut() {
            for key in &mut index.keys {
                match &mut key.on {
                    IndexOn::Column(column) => rename(column),
                    IndexOn::Expr(expr) => rewrite(expr),
                }
            }
            index.include.iter_mut().for_each(rename);
            index.predicate.iter_mut().for_each(rewrite);
        }
    }

    /// The enum type of a column, and its labels in the column's default.
    fn rename_type(&self, column: &mut Column) {
        let ElementType::Enum(ty) = &mut column.ty.element else { return };
        if let Some(new) = self.enums.get(ty) {
            *ty = new.clone();
        }
        if let Some(default) = &mut column.default {
            let label = |old: &str| self.labels.get(&(ty.clone(), old.to_owned())).cloned();
            default.0 = expr::rename_literals(&default.0, &label);
        }
    }
}
