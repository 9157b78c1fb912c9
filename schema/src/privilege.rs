//! Privileges, as what differs from those that an object has by default.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::name::quote;
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
    fn role(&self) -> String {
        match self.to.as_str() {
            "" => "CURRENT_USER".to_owned(),
            "PUBLIC" => "PUBLIC".to_owned(),
            role => quote(role).into_owned(),
        }
    }

    /// Grants or revokes it, whatever it stands for.
    fn statement(&self, grant: bool, target: &str) -> String {
        let role = self.role();
        match (grant, self.grantable && !self.to.is_empty()) {
            (true, false) => format!("GRANT {target} TO {role}"),
            (true, true) => format!("GRANT {target} TO {role} WITH GRANT OPTION"),
            (false, _) => format!("REVOKE {target} FROM {role}"),
        }
    }
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

/// The statements that lead from one list of privileges to another: what is revoked first, so that a changed grant
/// option is granted again. `target` completes a privilege to `privilege ON object`.
pub(crate) fn change(
    what: &str,
    prev: &[Privilege],
    next: &[Privilege],
    target: impl Fn(&str) -> Option<String>,
) -> Vec<Step> {
    let prev: BTreeSet<&Privilege> = prev.iter().collect();
    let next: BTreeSet<&Privilege> = next.iter().collect();
    let mut statements: [BTreeSet<String>; 2] = Default::default();
    for (privileges, added) in [(prev.difference(&next), false), (next.difference(&prev), true)] {
        for privilege in privileges {
            let grant = privilege.revoked != added;
            if let Some(target) = target(&privilege.privilege) {
                statements[usize::from(grant)].insert(privilege.statement(grant, &target));
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
