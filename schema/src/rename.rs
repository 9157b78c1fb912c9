//! Objects that keep everything but their name.

use std::collections::VecDeque;

mod found;
mod similar;

pub use found::{Declared, ready};
pub use similar::similar;

use rustc_hash::FxHashMap;

use crate::change::Change;
use crate::kind::Id;
use crate::object::{Definition, Kind};
use crate::state::{Entry, State, pairs};
use crate::step::Step;

/// A rename: how it is carried out, and how it is undone.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    pub change: Change,
    pub up: Vec<Step>,
    pub down: Vec<Step>,
}

/// Renames in `prev` those parts of tables (constraints, indexes, policies, …) that `next` has under another name, and
/// returns what was renamed. A name that is taken is not given, and of several equal parts none is chosen.
pub fn parts(prev: &mut State, next: &State) -> Vec<Rename> {
    let mut taken = FxHashMap::default();
    for id in prev.objects.iter().filter(|(_, entry)| has_name(entry)).map(|(id, _)| id) {
        *taken.entry(name(id)).or_insert(0_usize) += 1;
    }
    let mut waiting: FxHashMap<Name, Vec<(Id, Id)>> = FxHashMap::default();
    let mut ready = VecDeque::new();
    for (from, to) in matches(prev, next) {
        match taken.contains_key(&name(&to)) {
            true => waiting.entry(name(&to)).or_default().push((from, to)),
            false => ready.push_back((from, to)),
        }
    }
    let (mut renames, mut ids) = (Vec::new(), FxHashMap::default());
    while let Some((from, to)) = ready.pop_front() {
        // Another may have taken the name since it was free.
        if taken.contains_key(&name(&to)) {
            continue;
        }
        let Some(rename) = rename(prev, &from, &to) else { continue };
        renames.push(rename);
        taken.insert(name(&to), 1);
        if let Some(count) = taken.get_mut(&name(&from)) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&name(&from));
                ready.extend(waiting.remove(&name(&from)).into_iter().flatten());
            }
        }
        ids.insert(from, to);
    }
    for entry in prev.objects.values_mut().filter(|_| !ids.is_empty()) {
        let renamed: Vec<(&Id, &Id)> = entry.depends.iter().filter_map(|id| ids.get_key_value(id)).collect();
        for (from, to) in renamed {
            entry.depends.remove(from);
            entry.depends.insert(to.clone());
        }
    }
    renames
}

/// The schema and the last name: what PostgreSQL might not give to two objects, since indexes share theirs with tables.
type Name = (String, String);

fn name(id: &Id) -> Name {
    (id.outermost().to_owned(), id.name().to_owned())
}

/// What it is a part of, if no other object's text has its name: as it has what has privileges.
fn part_of(definition: &Definition) -> Option<Id> {
    definition.part_of().filter(|_| definition.acl_class().is_none())
}

/// Columns share their names with nothing.
fn has_name(entry: &Entry) -> bool {
    entry.definition.place() == i32::MAX
}

/// Each new part of a table with the one part that is gone and the same but for its name.
fn matches(prev: &State, next: &State) -> Vec<(Id, Id)> {
    let mut gone: FxHashMap<(Kind, Id), Vec<(&Id, &Entry)>> = FxHashMap::default();
    let mut new = Vec::new();
    for (id, before, after) in pairs(prev, next) {
        let ((Some(entry), None) | (None, Some(entry))) = (before, after) else { continue };
        let Some(whole) = part_of(&entry.definition) else { continue };
        match before {
            Some(before) => gone.entry((id.kind, whole)).or_default().push((id, before)),
            None => new.push((id, entry, whole)),
        }
    }
    let the_one = |(to, after, whole): (&Id, &Entry, Id)| {
        let parts = gone.get(&(to.kind, whole))?.iter();
        let mut same =
            parts.filter(|(_, before)| before.definition.renamed(to).as_ref() == Some(&after.definition));
        let (from, _) = same.next()?;
        same.next().is_none().then(|| ((*from).clone(), to.clone()))
    };
    new.into_iter().filter_map(the_one).collect()
}

/// Gives an object its new name.
fn rename(state: &mut State, from: &Id, to: &Id) -> Option<Rename> {
    let mut entry = state.objects.remove(from)?;
    let definition = entry.definition.renamed(to)?;
    let (old, new) = (from.name(), to.name());
    let rename = Rename {
        change: Change::renamed(to.clone(), old.to_owned()),
        up: vec![entry.definition.rename(new)],
        down: vec![definition.rename(old)],
    };
    entry.definition = definition;
    state.objects.insert(to.clone(), entry);
    Some(rename)
}
