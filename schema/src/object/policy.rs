//! Policies of row-level security.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub table: QName,
    pub name: String,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restrictive: bool,
    /// The roles it holds for; none means everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub using: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

impl Policy {
    fn roles(&self) -> String {
        match self.roles.as_slice() {
            [] => "PUBLIC".to_owned(),
            roles => crate::name::list(roles),
        }
    }

    fn step(&self, what: &str, sql: String) -> Vec<Step> {
        vec![Step::new(format!("{what} {}.", self.id()), sql).locks(self.relation(), Lock::AccessExclusive)]
    }

    fn conditions(using: Option<&String>, check: Option<&String>) -> String {
        let using = using.map_or_else(String::new, |text| format!(" USING ({text})"));
        let check = check.map_or_else(String::new, |text| format!(" WITH CHECK ({text})"));
        using + &check
    }
}

impl Object for Policy {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_policy'::regclass AS class, p.oid, 0 AS part, c.relnamespace AS namespace,
    json_strip_nulls(json_build_object('table', json_build_array(n.nspname, c.relname), 'name', p.polname,
        'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
            WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
        'restrictive', NOT p.polpermissive,
        'roles', (SELECT json_agg(r.rolname ORDER BY r.rolname) FROM pg_catalog.pg_roles r WHERE r.oid = ANY (p.polroles)),
        'using', pg_get_expr(p.polqual, p.polrelid, true), 'check', pg_get_expr(p.polwithcheck, p.polrelid, true))) AS definition
FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Table, &self.table).part(Kind::Policy, &self.name)
    }

    fn address(&self) -> String {
        format!("POLICY {} ON {}", quote(&self.name), self.table.sql())
    }

    fn part_of(&self) -> Option<Id> {
        Some(Id::new(Kind::Table, &self.table))
    }

    fn relation(&self) -> Option<QName> {
        Some(self.table.clone())
    }

    fn depends(&self) -> Vec<Id> {
        vec![Id::new(Kind::Table, &self.table)]
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let restrictive = if self.restrictive { " AS RESTRICTIVE" } else { "" };
        let command = if self.command == "ALL" { String::new() } else { format!(" FOR {}", self.command) };
        let to = if self.roles.is_empty() { String::new() } else { format!(" TO {}", self.roles()) };
        let conditions = Policy::conditions(self.using.as_ref(), self.check.as_ref());
        self.step("Create", format!("CREATE {}{restrictive}{command}{to}{conditions}", self.address()))
    }

    fn drop(&self) -> Vec<Step> {
        self.step("Drop", format!("DROP {}", self.address()))
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(Policy { name: to.name().to_owned(), ..self.clone() })
    }

    /// A condition can be changed, but not removed.
    fn alter(&self, next: &Self) -> Alter {
        let removed = |prev: &Option<String>, next: &Option<String>| prev.is_some() && next.is_none();
        if (&self.command, self.restrictive) != (&next.command, next.restrictive)
            || removed(&self.using, &next.using)
            || removed(&self.check, &next.check)
        {
            return Alter::Replace;
        }
        let to = if self.roles == next.roles { String::new() } else { format!(" TO {}", next.roles()) };
        let using = next.using.as_ref().filter(|_| self.using != next.using);
        let check = next.check.as_ref().filter(|_| self.check != next.check);
        let changes = to + &Policy::conditions(using, check);
        if changes.is_empty() {
            return Alter::Same;
        }
        Alter::InPlace(self.step("Change", format!("ALTER {}{changes}", self.address())))
    }
}
