//! What is left to a second stage, which others hardly wait for: what has an online form and is about a relation that was
//! there before, with everything new that needs it.

use std::collections::{BTreeMap, BTreeSet};

use super::Form;
use super::fates::{Fate, Fates, Object};
use crate::kind::{Alter, Id};
use crate::object::Definition;
use crate::state::{Entry, State};

/// Two states, and the one between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// What stands when the first stage is done, in one transaction. [`super::plan()`] leads to it from `prev`,
    /// [`super::online`] from it to `next`.
    pub middle: State,
    /// What the second stage creates, changes and drops.
    pub left: BTreeSet<Id>,
}

/// The state between two.
pub fn stages(prev: &State, next: &State) -> Stages {
    let mut left = Left::new(prev, next);
    left.leave_dependents();
    let mut middle = next.clone();
    for (id, entry) in &left.until {
        match entry {
            Some(entry) => middle.objects.insert((*id).clone(), entry.clone()),
            None => middle.objects.remove(*id),
        };
    }
    Stages { middle, left: left.until.into_keys().cloned().collect() }
}

struct Left<'a> {
    prev: &'a State,
    next: &'a State,
    /// What is left, as it is until then.
    until: BTreeMap<&'a Id, Option<Entry>>,
    /// What cannot be left.
    never: BTreeSet<&'a Id>,
}

impl<'a> Left<'a> {
    fn new(prev: &'a State, next: &'a State) -> Self {
        let fates = Fates::new(prev, next, Form::Short);
        let mut left = Left { prev, next, until: BTreeMap::new(), never: BTreeSet::new() };
        let (gone, new) = (names(&fates, Fate::drops), names(&fates, Fate::creates));
        for (&id, object) in &fates.of {
            let Some(entry) = object.before.or(object.after) else { continue };
            // Another object takes its name, or gives it up, in the first stage.
            let name = has_name(&entry.definition).then(|| name(id));
            let exchanged = |names: &BTreeMap<Name<'_>, BTreeSet<&Id>>| {
                let others = name.as_ref().and_then(|name| names.get(name));
                others.is_some_and(|others| others.iter().any(|other| *other != id))
            };
            if exchanged(&gone) || exchanged(&new) {
                continue;
            }
            if let Some(until) = until(&fates, next, id, object) {
                left.until.insert(id, until);
            }
        }
        left
    }

    /// What an object is when the first stage is done.
    fn middle(&self, id: &Id) -> Option<&Entry> {
        match self.until.get(id) {
            Some(until) => until.as_ref(),
            None => self.next.objects.get(id),
        }
    }

    /// Adds what is new and needs what is left. Where something needs it that was there before, nothing is left.
    fn leave_dependents(&mut self) {
        let next = self.next;
        while !self.until.is_empty() {
            let (mut more, mut not) = (BTreeMap::new(), BTreeSet::new());
            for id in next.objects.keys() {
                let Some(entry) = self.middle(id) else { continue };
                let before = self.prev.objects.get(id);
                let needs = entry.depends.iter().filter_map(|need| self.until.get_key_value(need));
                for (need, until) in needs.filter(|_| before != Some(entry)) {
                    if !self.is_needed(id, entry, need, until.as_ref()) {
                        continue;
                    }
                    // What was there and is to read values that are not there yet stays as it was.
                    let waits =
                        before.is_none() || until.as_ref().is_some_and(|until| !until.definition.is_filled());
                    if waits && !self.never.contains(id) && !self.until.contains_key(id) {
                        more.insert(id, before.cloned());
                    } else {
                        not.insert(*need);
                    }
                }
            }
            not.extend(self.until.keys().filter(|id| !self.stands(id)));
            if more.is_empty() && not.is_empty() {
                return;
            }
            self.until.extend(more);
            self.until.retain(|id, _| !not.contains(id));
            self.never.extend(not);
        }
    }

    /// Whether an object needs what another one becomes in the second stage.
    fn is_needed(&self, id: &Id, entry: &Entry, need: &Id, until: Option<&Entry>) -> bool {
        let (Some(until), Some(after)) = (until, self.next.objects.get(need)) else { return true };
        if !until.definition.is_filled() {
            return true;
        }
        let definition = &entry.definition;
        // Of what changes in place only neighbours can tell: a primary key, an index that was chosen.
        let can_tell = has_name(definition)
            && definition.part_of() == after.definition.part_of()
            && (definition.clause().is_some() || self.prev.objects.contains_key(id))
            && !self.until.contains_key(id);
        can_tell || until.definition.alter(&after.definition) == Alter::Replace
    }

    /// Whether the first stage leaves what it needs, and what it comes with.
    fn stands(&self, id: &Id) -> bool {
        let Some(Some(entry)) = self.until.get(id) else { return true };
        let leader = entry.definition.comes_with().filter(|leader| {
            self.prev.objects.get(leader).map(|entry| &entry.definition)
                != self.next.objects.get(leader).map(|entry| &entry.definition)
        });
        leader.is_none_or(|leader| self.until.contains_key(&leader))
            && entry.depends.iter().all(|need| self.middle(need).is_some())
    }
}

/// What an object is until the second stage, if it can be left to that.
fn until(fates: &Fates<'_>, next: &State, id: &Id, object: &Object<'_>) -> Option<Option<Entry>> {
    if !fates.is_in_existing(object) || fates.before_owner.contains(id) {
        return None;
    }
    let online = fates.online(object.before, object.after)?;
    let Some(before) = object.before else {
        // What has no values yet is there without them.
        return Some(
            online.until.zip(object.after).map(|(definition, after)| Entry { definition, ..after.clone() }),
        );
    };
    let own = object.after.map(|after| before.definition.alter(&after.definition));
    let moves = match own {
        // It would go with what it needs.
        None | Some(Alter::Replace) => {
            let stays = |user: &Id| object.after.is_some() || next.objects.contains_key(user);
            fates.dependents(id).any(stays) || before.depends.iter().any(|need| fates.blocks_dependents(need))
        }
        Some(_) => object.fate.drops(),
    };
    let definition = online.until.filter(|_| !moves)?;
    let after = object.after.unwrap_or(before);
    let depends = if definition == before.definition { &before.depends } else { &after.depends };
    Some(Some(Entry { definition, depends: depends.clone(), ..after.clone() }))
}

/// The schema and the last name: indexes share theirs with constraints and tables.
type Name<'a> = (&'a str, &'a str);

fn name(id: &Id) -> Name<'_> {
    (id.outermost(), id.name())
}

/// Columns share their names with nothing.
fn has_name(definition: &Definition) -> bool {
    definition.place() == i32::MAX
}

fn names<'a>(fates: &Fates<'a>, fate: impl Fn(&Fate) -> bool) -> BTreeMap<Name<'a>, BTreeSet<&'a Id>> {
    let mut names = BTreeMap::<_, BTreeSet<&Id>>::new();
    for (id, object) in fates.of.iter().filter(|(_, object)| fate(&object.fate)) {
        let entry = object.before.or(object.after);
        if entry.is_some_and(|entry| has_name(&entry.definition)) {
            names.entry(name(id)).or_default().insert(id);
        }
    }
    names
}
