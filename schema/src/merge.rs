//! What the models want, and what somebody made beside them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::kind::Id;
use crate::object::Definition;
use crate::privilege::Privilege;
use crate::state::{Entry, State};

/// The state to reach: `wanted`, with everything in `found` that is not there because of `base`.
///
/// `base` is what the models described before, `wanted` what they describe now, `found` what the migrations made of it.
/// An object that `base` does not have was made by hand, and stays. A property that `base` and `wanted` agree about
/// stays as it was found.
pub fn merge(base: &State, wanted: &State, found: &State) -> State {
    let mut merged = State::default();
    let ids: BTreeSet<&Id> = wanted.objects.keys().chain(found.objects.keys()).collect();
    for id in ids {
        let entry = match (base.objects.get(id), wanted.objects.get(id), found.objects.get(id)) {
            (Some(base), Some(wanted), Some(found)) => Some(entry(base, wanted, found)),
            (_, Some(wanted), _) => Some(wanted.clone()),
            (None, None, found) => found.cloned(),
            (Some(_), None, _) => None,
        };
        merged.objects.extend(entry.map(|entry| (id.clone(), entry)));
    }
    follow(&mut merged, wanted, found);
    merged
}

/// What was made by hand and comes with something else, as a partition's column does with its parent's, changes and goes
/// with it.
fn follow(merged: &mut State, wanted: &State, found: &State) {
    let by_hand = found.objects.iter().filter(|(id, _)| !wanted.objects.contains_key(*id));
    let followers: Vec<(&Id, &Entry, Id)> =
        by_hand.filter_map(|(id, entry)| Some((id, entry, entry.definition.comes_with()?))).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for (id, entry, leader) in &followers {
            let Some(Entry { definition: next, .. }) = merged.objects.get(leader) else {
                changed |= merged.objects.remove(*id).is_some();
                continue;
            };
            let Some(Entry { definition: before, .. }) = found.objects.get(leader) else { continue };
            let next = definition(before, next, &entry.definition);
            if let Some(follower) = merged.objects.get_mut(*id)
                && follower.definition != next
            {
                follower.definition = next;
                changed = true;
            }
        }
    }
}

fn entry(base: &Entry, wanted: &Entry, found: &Entry) -> Entry {
    let by_hand = found.depends.difference(&base.depends);
    Entry {
        definition: definition(&base.definition, &wanted.definition, &found.definition),
        comment: choose(&base.comment, &wanted.comment, &found.comment),
        owner: choose(&base.owner, &wanted.owner, &found.owner),
        privileges: privileges(&base.privileges, &wanted.privileges, &found.privileges),
        depends: wanted.depends.iter().chain(by_hand).cloned().collect(),
    }
}

/// What is wanted, and what was granted and revoked by hand.
fn privileges(base: &[Privilege], wanted: &[Privilege], found: &[Privilege]) -> Vec<Privilege> {
    let by_hand = found.iter().filter(|privilege| !base.contains(privilege));
    // Revoked by hand is what was wanted before, is now, and is not there.
    let revoked = |privilege: &&Privilege| base.contains(privilege) && !found.contains(privilege);
    let merged: BTreeSet<&Privilege> =
        wanted.iter().filter(|privilege| !revoked(privilege)).chain(by_hand).collect();
    merged.into_iter().cloned().collect()
}

fn choose<T: Clone + PartialEq>(base: &T, wanted: &T, found: &T) -> T {
    if base == wanted { found.clone() } else { wanted.clone() }
}

/// Property by property; where they do not fit together, as it is wanted.
fn definition(base: &Definition, wanted: &Definition, found: &Definition) -> Definition {
    if base == wanted || base == found {
        return choose(base, wanted, found);
    }
    let (base, fields, found) = (properties(base), properties(wanted), properties(found));
    let names: BTreeSet<&String> = fields.keys().chain(found.keys()).collect();
    let mut merged = Map::new();
    for name in names {
        let value = choose(&base.get(name), &fields.get(name), &found.get(name));
        merged.extend(value.map(|value| (name.clone(), value.clone())));
    }
    serde_json::from_value(Value::Object(merged)).unwrap_or_else(|_| wanted.clone())
}

fn properties(definition: &Definition) -> Map<String, Value> {
    match serde_json::to_value(definition) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The objects of a state that need what it does not have, though `before` did: who, and what.
pub fn broken<'a>(state: &'a State, before: &State) -> Vec<(&'a Id, &'a Id)> {
    let needs = state.objects.iter().flat_map(|(id, entry)| entry.depends.iter().map(move |need| (id, need)));
    needs
        .filter(|(_, need)| !state.objects.contains_key(*need) && before.objects.contains_key(*need))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::name::QName;
    use crate::object::{Table, View};

    fn table(name: &str, change: impl FnOnce(&mut Table)) -> Definition {
        let mut table = Table { name: QName::new("public", name), ..Table::default() };
        change(&mut table);
        Definition::Table(table)
    }

    fn state(definitions: impl IntoIterator<Item = Definition>) -> State {
        let mut state = State::default();
        definitions.into_iter().for_each(|definition| state.insert(definition, None));
        state
    }

    #[test]
    fn what_was_granted_by_hand_stays() {
        let granted = |roles: &[&str]| -> Vec<Privilege> {
            let privilege = |to: &&str| Privilege {
                revoked: false,
                to: (*to).to_owned(),
                privilege: "SELECT".to_owned(),
                grantable: false,
            };
            roles.iter().map(privilege).collect()
        };
        let merged = privileges(
            &granted(&["dropped", "kept", "revoked"]),
            &granted(&["added", "kept", "revoked"]),
            &granted(&["by_hand", "dropped", "kept"]),
        );
        assert_eq!(merged, granted(&["added", "by_hand", "kept"]));
    }

    #[test]
    fn what_was_made_by_hand_stays() {
        let plain = |name| table(name, |_| {});
        let name = QName::new("public", "v");
        let view =
            View { name: name.clone(), options: Vec::new(), columns: Vec::new(), query: "SELECT".into() };
        let base = state([plain("kept"), plain("gone")]);
        let wanted = state([table("kept", |table| table.unlogged = true), plain("new")]);
        let found = state([
            table("kept", |table| table.row_security = true),
            plain("gone"),
            plain("by_hand"),
            Definition::View(view),
        ]);
        let mut found = found;
        let gone = Id::new(Kind::Table, &QName::new("public", "gone"));
        found.depend(&Id::new(Kind::View, &name), [gone.clone()]);

        let merged = merge(&base, &wanted, &found);
        let kept = table("kept", |table| (table.unlogged, table.row_security) = (true, true));
        let ids: Vec<String> = merged.objects.keys().map(ToString::to_string).collect();
        assert_eq!(ids, ["table by_hand", "table kept", "table new", "view v"]);
        assert_eq!(merged.objects[&kept.id()].definition, kept);
        assert_eq!(broken(&merged, &found), [(&Id::new(Kind::View, &name), &gone)]);
    }
}
