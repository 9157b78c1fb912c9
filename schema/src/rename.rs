//! Objects that keep everything but their name.

use crate::change::Change;
use crate::kind::Id;
use crate::state::State;
use crate::step::Step;

/// A rename: how it is carried out, and how it is undone.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    pub change: Change,
    pub up: Vec<Step>,
    pub down: Vec<Step>,
}

/// Renames in `prev` those parts of tables (constraints, indexes) that `next` has under another name, and returns what
/// was renamed. A name that is taken is not given, and of several equal parts none is chosen.
pub fn parts(prev: &mut State, next: &State) -> Vec<Rename> {
    let mut pending: Vec<(Id, Id)> =
        next.objects.keys().filter_map(|to| Some((match_of(prev, next, to)?, to.clone()))).collect();
    let mut renames = Vec::new();
    while let Some(at) = pending.iter().position(|(_, to)| !prev.objects.keys().any(|id| same_name(id, to))) {
        let (from, to) = pending.remove(at);
        renames.extend(rename(prev, &from, &to));
    }
    renames
}

/// The one part that is gone and the same but for its name.
fn match_of(prev: &State, next: &State, to: &Id) -> Option<Id> {
    let after = next.objects.get(to).filter(|_| !prev.objects.contains_key(to))?;
    let whole = after.definition.part_of()?;
    let mut found = prev.objects.iter().filter(|(id, entry)| {
        id.kind == to.kind
            && !next.objects.contains_key(*id)
            && entry.definition.part_of().as_ref() == Some(&whole)
            && entry.definition.renamed(to).as_ref() == Some(&after.definition)
    });
    let from = found.next()?.0.clone();
    found.next().is_none().then_some(from)
}

/// Whether PostgreSQL might not give a name to one object while the other has it: indexes share theirs with tables.
fn same_name(one: &Id, other: &Id) -> bool {
    (one.path.first(), one.path.last()) == (other.path.first(), other.path.last())
}

/// Gives an object its new name, and its dependents with it.
fn rename(state: &mut State, from: &Id, to: &Id) -> Option<Rename> {
    let mut entry = state.objects.remove(from)?;
    let definition = entry.definition.renamed(to)?;
    let (old, new) = (from.path.last()?, to.path.last()?);
    let rename = Rename {
        change: Change::renamed(to.clone(), old.clone()),
        up: vec![entry.definition.rename(new)],
        down: vec![definition.rename(old)],
    };
    entry.definition = definition;
    state.objects.insert(to.clone(), entry);
    for entry in state.objects.values_mut() {
        if entry.depends.remove(from) {
            entry.depends.insert(to.clone());
        }
    }
    Some(rename)
}
