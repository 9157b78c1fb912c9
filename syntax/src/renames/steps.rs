//! Renames as statements, in an order in which every new name is free.

use std::collections::BTreeMap;

use whimbrel_schema::change::Action;
use whimbrel_schema::rename::Rename;
use whimbrel_schema::step::Lock;
use whimbrel_schema::{Change, Id, Kind, Step};

use super::Renamed;
use crate::model::QName;
use crate::name::{literal, quote};

impl Renamed {
    /// How the renames are carried out: schemas that are needed, types and tables, then what is in them.
    pub fn steps(&self) -> Vec<Rename> {
        let hints = &self.hints;
        let mut renames: Vec<Rename> = self.created.iter().map(|name| schema(name, true)).collect();
        for (old, new) in in_order(&hints.enums) {
            renames.push(self.whole(Kind::Enum, "TYPE", &old, &new));
        }
        for (old, new) in in_order(&hints.tables) {
            renames.push(self.whole(Kind::Table, "TABLE", &old, &new));
        }
        for (table, columns) in by_owner(&hints.columns) {
            let on = format!("ALTER TABLE {} RENAME COLUMN", table.sql());
            for (old, new) in in_order(&columns) {
                let step = |from: &str, to: &str| {
                    let sql = format!("{on} {} TO {}", quote(from), quote(to));
                    Step::new(format!("Rename column {table}.{from} to {to}."), sql)
                        .locks([table.clone()], Lock::AccessExclusive)
                };
                let id = Id::new(Kind::Table, table).part(Kind::Column, &new);
                renames.push(reversible(id, old.clone(), step(&old, &new), step(&new, &old)));
            }
        }
        let mut sequences: BTreeMap<QName, QName> = BTreeMap::new();
        for (new, old) in &self.sequences {
            sequences.insert(new.clone(), QName::new(&new.schema, old));
        }
        for (old, new) in in_order(&sequences) {
            // A hand-written migration may have given it another name.
            renames.push(self.whole(Kind::Sequence, "SEQUENCE IF EXISTS", &old, &new));
        }
        for (ty, labels) in by_owner(&hints.labels) {
            for (old, new) in in_order(&labels) {
                let step = |from: &str, to: &str| {
                    let name = ty.type_sql();
                    let sql = format!("ALTER TYPE {name} RENAME VALUE {} TO {}", literal(from), literal(to));
                    Step::new(format!("Rename label '{from}' of enum type {ty} to '{to}'."), sql)
                };
                let id = Id::new(Kind::Enum, ty).part(Kind::Enum, &new);
                renames.push(reversible(id, old.clone(), step(&old, &new), step(&new, &old)));
            }
        }
        renames.extend(self.dropped.iter().map(|name| schema(name, false)));
        renames
    }

    fn whole(&self, kind: Kind, word: &str, old: &QName, new: &QName) -> Rename {
        let id = Id::new(kind, new);
        let up = self.moved(kind, word, old, new);
        let down = self.moved(kind, word, new, old);
        Rename { change: Change::renamed(id, old.to_string()), up, down }
    }

    /// Renames and moves; the name in between must be free.
    fn moved(&self, kind: Kind, word: &str, from: &QName, to: &QName) -> Vec<Step> {
        let mut now = from.clone();
        let is_type = kind == Kind::Enum;
        let mut steps = Vec::new();
        let first = QName { name: to.name.clone(), ..from.clone() };
        let rename_first = !self.taken.contains(&first);
        for rename in [rename_first, !rename_first] {
            let (comment, action) = if rename {
                (format!("Rename {kind} {now} to {}.", to.name), format!("RENAME TO {}", quote(&to.name)))
            } else {
                (
                    format!("Move {kind} {now} to schema {}.", to.schema),
                    format!("SET SCHEMA {}", quote(&to.schema)),
                )
            };
            let same = if rename { now.name == to.name } else { now.schema == to.schema };
            if !same {
                let name = if is_type { now.type_sql() } else { now.sql() };
                let step = Step::new(comment, format!("ALTER {word} {name} {action}"));
                steps.push(step.locks((!is_type).then(|| now.clone()), Lock::AccessExclusive));
            }
            if rename {
                now.name.clone_from(&to.name);
            } else {
                now.schema.clone_from(&to.schema);
            }
        }
        steps
    }
}

fn reversible(id: Id, old: String, up: Step, down: Step) -> Rename {
    Rename { change: Change::renamed(id, old), up: vec![up], down: vec![down] }
}

fn schema(name: &str, create: bool) -> Rename {
    let id = Id::global(Kind::Namespace, name);
    let made = vec![Step::new(format!("Create {id}."), format!("CREATE SCHEMA {}", quote(name)))];
    let gone = vec![Step::new(format!("Drop {id}."), format!("DROP SCHEMA {}", quote(name)))];
    let (action, up, down) = if create { (Action::Create, made, gone) } else { (Action::Drop, gone, made) };
    Rename { change: Change { action, object: id, aspects: Vec::new() }, up, down }
}

/// Renames (old, new), of new names to old ones, each after the one that frees its new name. There is no circle: one of
/// its names would be there before and after, and is therefore not renamed.
fn in_order<K: Ord + Clone>(renames: &BTreeMap<K, K>) -> Vec<(K, K)> {
    let mut pending: Vec<(K, K)> = renames.iter().map(|(new, old)| (old.clone(), new.clone())).collect();
    let mut ordered = Vec::with_capacity(pending.len());
    while let Some(at) = pending.iter().position(|(_, new)| !pending.iter().any(|(old, _)| old == new)) {
        ordered.push(pending.remove(at));
    }
    ordered.extend(pending);
    ordered
}

/// Renames by the table or type they are in.
fn by_owner(renames: &BTreeMap<(QName, String), String>) -> BTreeMap<&QName, BTreeMap<String, String>> {
    let mut owners: BTreeMap<&QName, BTreeMap<String, String>> = BTreeMap::new();
    for ((owner, new), old) in renames {
        owners.entry(owner).or_default().insert(new.clone(), old.clone());
    }
    owners
}
