//! Domains with their constraints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::collation::own_collation;
use super::enum_type::give_way;
use crate::cast::Values;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    pub name: QName,
    /// The type of its values, as `format_type` prints it.
    #[serde(rename = "type")]
    pub ty: String,
    /// `COLLATE`, when it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QName>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// `CHECK (…)`, by name, as `pg_get_constraintdef` prints it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, String>,
}

/// Whether `ty` is the type of arrays of `element`.
pub(super) fn is_array_of(ty: &str, element: &QName) -> bool {
    ty.strip_suffix("[]") == Some(&element.type_sql())
}

/// What `pg_get_constraintdef` ends with where existing values were not checked.
const NOT_VALID: &str = " NOT VALID";

impl Domain {
    /// Without what may use other objects than types.
    fn bare(&self) -> Domain {
        Domain { default: None, checks: BTreeMap::new(), ..self.clone() }
    }

    fn add_check(&self, name: &str, check: &str) -> Step {
        self.step("Add a check to", &format!("ADD CONSTRAINT {} {check}", quote(name)))
    }

    /// A step that reads the tables that have it in a column.
    fn reads(&self, step: Step, may_fail: &str) -> Step {
        let blocks = format!(
            "blocks writes to the tables that have a column of type {} while every row is checked",
            self.name
        );
        let step = step.hazard(HazardKind::MayFail, may_fail);
        step.hazard(HazardKind::LongLock, blocks).locks([self.name.clone()], Lock::Share)
    }

    /// The new names of checks that are the same but for them, with the old ones.
    fn renamed_checks<'a>(&'a self, next: &'a Self) -> BTreeMap<&'a String, &'a String> {
        let mut renamed = BTreeMap::new();
        for (old, check) in self.checks.iter().filter(|(name, _)| !next.checks.contains_key(*name)) {
            let mut same =
                next.checks.iter().filter(|(name, text)| *text == check && !self.checks.contains_key(*name));
            if let Some((new, _)) = same.find(|(name, _)| !renamed.contains_key(name)) {
                renamed.insert(new, old);
            }
        }
        renamed
    }

    fn step(&self, what: &str, action: &str) -> Step {
        Step::new(format!("{what} {}.", self.id()), format!("ALTER {} {action}", self.address()))
    }
}

impl Object for Domain {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_type'::regclass AS class, t.oid, 0 AS part, t.typnamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(n.nspname, t.typname),
        'type', format_type(t.typbasetype, t.typtypmod), 'not_null', t.typnotnull, 'default', coalesce(pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::regclass), t.typdefault),
        'collation', ",
        own_collation!("t.typcollation", "b.typcollation"),
        ",
        'checks', (SELECT json_object_agg(o.conname, pg_get_constraintdef(o.oid) ORDER BY o.conname)
            FROM pg_catalog.pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'))) AS definition,
    t.typacl AS acl, t.typowner AS owner, 'T'::\"char\" AS acl_type
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd'"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::Domain, &self.name)
    }

    fn address(&self) -> String {
        format!("DOMAIN {}", self.name.type_sql())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let mut text = format!("CREATE {} AS {}", self.address(), self.ty);
        if let Some(collation) = &self.collation {
            text.push_str(&format!(" COLLATE {}", collation.full()));
        }
        if let Some(default) = &self.default {
            text.push_str(&format!(" DEFAULT {default}"));
        }
        if self.not_null {
            text.push_str(" NOT NULL");
        }
        let (late, checks): (Vec<_>, Vec<_>) =
            self.checks.iter().partition(|(_, check)| check.ends_with(NOT_VALID));
        for (name, check) in checks {
            text.push_str(&format!("\n    CONSTRAINT {} {check}", quote(name)));
        }
        let late = late.into_iter().map(|(name, check)| self.add_check(name, check));
        [Step::new(format!("Create {}.", self.id()), text)].into_iter().chain(late).collect()
    }

    fn computed(&self) -> Option<String> {
        let again = "drop and add its checks, so that rows are checked again";
        (!self.checks.is_empty()).then(|| again.to_owned())
    }

    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        let (rename, last) = give_way(&self.address(), &self.name);
        let steps = match self.alter(&self.bare()) {
            Alter::InPlace(steps) => steps,
            _ => Vec::new(),
        };
        Some((steps.into_iter().chain(rename).collect(), last))
    }

    /// Checks that PostgreSQL named after it would be named after the new name.
    fn renamed(&self, to: &Id) -> Option<Self> {
        let (old, name) = (format!("{}_", self.name.name), to.qname());
        let check = |(check, text): (&String, &String)| match check.strip_prefix(&old) {
            Some(rest) => (format!("{}_{rest}", name.name), text.clone()),
            None => (check.clone(), text.clone()),
        };
        Some(Domain { checks: self.checks.iter().map(check).collect(), name: name.clone(), ..self.clone() })
    }

    fn shape(&self) -> Option<Vec<String>> {
        Some(vec![self.ty.clone()])
    }

    fn alter(&self, next: &Self) -> Alter {
        if (&self.ty, &self.collation) != (&next.ty, &next.collation) {
            return Alter::Replace;
        }
        let mut steps = Vec::new();
        if self.default != next.default {
            let action =
                next.default.as_ref().map_or("DROP DEFAULT".to_owned(), |text| format!("SET DEFAULT {text}"));
            steps.push(self.step("Change the default of", &action));
        }
        let validates = |name: &String, check: &String| {
            let before = self.checks.get(name).and_then(|before| before.strip_suffix(NOT_VALID));
            before == Some(check)
        };
        let renamed = self.renamed_checks(next);
        for (new, old) in &renamed {
            let action = format!("RENAME CONSTRAINT {} TO {}", quote(old), quote(new));
            steps.push(self.step("Rename a check of", &action));
        }
        for (name, check) in self.checks.iter().filter(|(name, _)| !renamed.values().any(|old| old == name)) {
            let after = next.checks.get(name);
            if after != Some(check) && !after.is_some_and(|after| validates(name, after)) {
                steps.push(self.step("Drop a check of", &format!("DROP CONSTRAINT {}", quote(name))));
            }
        }
        let may_fail = format!("fails if a column of type {} has values that do not fit", self.name);
        let changed = |(name, check): &(&String, &String)| {
            self.checks.get(*name) != Some(check) && !renamed.contains_key(name)
        };
        for (name, check) in next.checks.iter().filter(changed) {
            let step = match validates(name, check) {
                true => self.step("Validate a check of", &format!("VALIDATE CONSTRAINT {}", quote(name))),
                false => self.add_check(name, check),
            };
            let checks = !check.ends_with(NOT_VALID);
            steps.push(if checks { self.reads(step, &may_fail) } else { step });
        }
        match (self.not_null, next.not_null) {
            (true, false) => steps.push(self.step("Drop NOT NULL from", "DROP NOT NULL")),
            (false, true) => {
                steps.push(self.reads(self.step("Set NOT NULL on", "SET NOT NULL"), &may_fail));
            }
            _ => {}
        }
        Alter::steps(steps)
    }

    /// Its default and its checks can be dropped and added again.
    fn release(&self, dependency: &Id, returns: bool) -> Option<(Self, Vec<Step>)> {
        match dependency.kind {
            Kind::Enum | Kind::Domain | Kind::Composite | Kind::RangeType => return None,
            Kind::Table | Kind::View | Kind::MaterializedView => return None,
            Kind::Namespace | Kind::Extension | Kind::Collation => return None,
            _ if !returns && dependency.kind != Kind::Function => return None,
            _ => {}
        }
        let released = self.bare();
        match self.alter(&released) {
            Alter::InPlace(steps) => Some((released, steps)),
            _ => None,
        }
    }

    fn values(&self, next: &Self) -> Values {
        Values::between(&self.ty, &next.ty)
    }

    fn holds(&self, ty: &QName) -> bool {
        is_array_of(&self.ty, ty)
    }

    fn is_refused_within(&self, next: &Self) -> bool {
        match self.alter(next) {
            Alter::InPlace(steps) => steps.iter().any(|step| !step.hazards.is_empty()),
            _ => false,
        }
    }

    fn is_computed(&self) -> bool {
        self.not_null || !self.checks.is_empty()
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Types)
    }
}
