//! Privileges, as what differs from those that an object has by default.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kind::Id;
use crate::name::quote;
use crate::state::State;
use crate::step::Step;

/// A privilege that was granted, or one that was taken away although an object of the kind has it by default.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Privilege {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
    /// A role; `PUBLIC` is everybody, and the empty text is the owner.
    pub to: String,
    /// `SELECT`, `USAGE`, …
    pub privilege: String,
    /// `WITH GRANT OPTION`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grantable: bool,
}

impl Privilege {
    fn role(&self, owner: Option<&str>) -> String {
        match self.to.as_str() {
            "" => role(owner),
            "PUBLIC" => "PUBLIC".to_owned(),
            role => quote(role).into_owned(),
        }
    }

    /// Grants or revokes it, whatever it stands for.
    fn statement(&self, grant: bool, target: &str, owner: Option<&str>) -> String {
        let role = self.role(owner);
        match (grant, self.grantable && !self.to.is_empty()) {
            (true, false) => format!("GRANT {target} TO {role}"),
            (true, true) => format!("GRANT {target} TO {role} WITH GRANT OPTION"),
            (false, _) => format!("REVOKE {target} FROM {role}"),
        }
    }
}

/// An owner as a statement names it.
pub(crate) fn role(owner: Option<&str>) -> String {
    owner.map_or_else(|| "CURRENT_USER".to_owned(), |role| quote(role).into_owned())
}

/// What several lists give together: a grant option beats none, and a grant what was revoked.
pub(crate) fn together(lists: Vec<Privilege>) -> Vec<Privilege> {
    let set: BTreeSet<Privilege> = lists.into_iter().collect();
    let has =
        |revoked, grantable, of: &Privilege| set.contains(&Privilege { revoked, grantable, ..of.clone() });
    let counts = |one: &&Privilege| match one.revoked {
        true => !has(false, false, one) && !has(false, true, one),
        false if has(true, one.grantable, one) => false,
        false => one.grantable || !has(false, true, one),
    };
    set.iter().filter(counts).cloned().collect()
}

/// Who owns the objects of a database.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Owners {
    /// The role that read it, and owns what no other does; empty if that is not known.
    pub user: String,
    /// The role that migrates: it owns the journal, or is the one that read it where there is none.
    pub migrator: String,
    pub others: BTreeMap<Id, String>,
}

/// Leaves out of two states what the owner of an object may do in one of them: an owner has every
/// privilege, granted or not. What an owner who reads its own objects has given up stays.
pub fn without_owners(one: (&mut State, &Owners), other: (&mut State, &Owners)) {
    for (id, entry) in &mut one.0.objects {
        let Some(counterpart) = other.0.objects.get_mut(id) else { continue };
        // What is given to another owner is granted again.
        if entry.definition.has_owner() && entry.owner != counterpart.owner {
            continue;
        }
        let others = [one.1, other.1].map(|owners| owners.others.get(id));
        let names = [0, 1].map(|at| others[at].unwrap_or(&[one.1, other.1][at].user));
        let owner = |privilege: &Privilege| match privilege.to.as_str() {
            "" => others.iter().any(Option::is_some),
            role => names.iter().any(|name| *name == role),
        };
        for privileges in [&mut entry.privileges, &mut counterpart.privileges] {
            privileges.retain(|privilege| !owner(privilege));
        }
    }
}

/// The statements that lead from one list of privileges to another: what is revoked first, so that a changed grant
/// option is granted again. `target` completes a privilege to `privilege ON object`. What `merged`, a new owner, was granted
/// is its own.
pub(crate) fn change(
    what: &str,
    (owner, merged): (Option<&str>, Option<&str>),
    prev: &[Privilege],
    next: &[Privilege],
    target: impl Fn(&str) -> Option<String>,
) -> Vec<Step> {
    let prev: BTreeSet<&Privilege> =
        prev.iter().filter(|privilege| Some(privilege.to.as_str()) != merged).collect();
    let next: BTreeSet<&Privilege> = next.iter().collect();
    let mut statements: [BTreeSet<String>; 2] = Default::default();
    for (privileges, added) in [(prev.difference(&next), false), (next.difference(&prev), true)] {
        for privilege in privileges {
            let grant = privilege.revoked != added;
            if let Some(target) = target(&privilege.privilege) {
                statements[usize::from(grant)].insert(privilege.statement(grant, &target, owner));
            }
        }
    }
    let [revoke, grant] = statements;
    let statements: Vec<String> = revoke.into_iter().chain(grant).collect();
    if statements.is_empty() {
        return Vec::new();
    }
    vec![Step { statements, ..Step::new(format!("Change privileges on {what}."), "") }]
}
