//! Privileges that are of no use: those on objects of a schema that their role may not use.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::name::quote;
use whimbrel_schema::privilege::Privilege;
use whimbrel_schema::{Id, Kind, State};

use crate::output::Output;

/// Names the roles that are granted something new and may not use its schema, as far as these states tell.
pub fn warn(before: &State, after: &State, output: &Output) {
    for ((schema, role), objects) in unusable(before, after) {
        let objects: Vec<String> = objects.into_iter().map(|id| id.to_string()).collect();
        output.warn(format!(
            "{role} may not use the schema {schema}, without which its privileges there are of no use: {}",
            objects.join(", ")
        ));
        let to = if role == "PUBLIC" { role.into() } else { quote(role) };
        output.hint(format!(
            "unless it may as a member of another role, write into a file of objects: GRANT USAGE ON SCHEMA {} TO {to};",
            quote(schema)
        ));
    }
}

/// The schemas and roles, each with the objects on which something is granted.
fn unusable<'a>(before: &State, after: &'a State) -> BTreeMap<(&'a str, &'a str), BTreeSet<&'a Id>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (id, entry) in after.objects.iter().filter(|(id, _)| id.names().count() > 1) {
        let is_new = |granted: &&Privilege| {
            !before.objects.get(id).is_some_and(|entry| entry.privileges.contains(granted))
        };
        let granted = entry.privileges.iter().filter(|one| !one.revoked && !one.to.is_empty());
        for granted in granted.filter(is_new).filter(|one| !may_use(after, id.outermost(), &one.to)) {
            found.entry((id.outermost(), granted.to.as_str())).or_default().insert(id);
        }
    }
    found
}

/// Whether a role may use a schema; the schema public everybody may, unless that is revoked.
fn may_use(state: &State, schema: &str, role: &str) -> bool {
    let privileges = state.objects.get(&Id::global(Kind::Namespace, schema)).map(|entry| &entry.privileges);
    let mut usage = privileges.into_iter().flatten().filter(|one| one.privilege == "USAGE");
    let is_public = schema == whimbrel_schema::name::DEFAULT_SCHEMA;
    let for_all = is_public && !usage.clone().any(|one| one.revoked && one.to == "PUBLIC");
    for_all || usage.any(|one| !one.revoked && [role, "PUBLIC"].contains(&one.to.as_str()))
}
