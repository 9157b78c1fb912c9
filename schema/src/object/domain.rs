//! Domains with their constraints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::enum_type::give_way;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{HazardKind, Step};

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

impl Domain {
    /// Without what may call functions.
    fn bare(&self) -> Domain {
        Domain { default: None, checks: BTreeMap::new(), ..self.clone() }
    }

    fn step(&self, what: &str, action: &str) -> Step {
        Step::new(format!("{what} {}.", self.id()), format!("ALTER {} {action}", self.address()))
    }
}

impl Object for Domain {
    const CATALOG: Query = Query::with_acl(
        "SELECT 'pg_type'::regclass AS class, t.oid, 0 AS part, t.typnamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(n.nspname, t.typname),
        'type', format_type(t.typbasetype, t.typtypmod), 'not_null', t.typnotnull, 'default', coalesce(pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::regclass), t.typdefault),
        'collation', CASE WHEN t.typcollation <> b.typcollation THEN json_build_array(cn.nspname, col.collname) END,
        'checks', (SELECT json_object_agg(o.conname, pg_get_constraintdef(o.oid) ORDER BY o.conname)
            FROM pg_catalog.pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'))) AS definition,
    t.typacl AS acl, t.typowner AS owner, 'T'::\"char\" AS acl_type
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation col ON col.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace
WHERE t.typtype = 'd'",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Domain, &self.name)
    }

    fn address(&self) -> String {
        format!("DOMAIN {}", self.name.sql())
    }

    fn depends(&self) -> Vec<Id> {
        Id::schema(&self.name)
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let mut text = format!("CREATE {} AS {}", self.address(), self.ty);
        if let Some(collation) = &self.collation {
            text.push_str(&format!(" COLLATE {}", collation.sql()));
        }
        if let Some(default) = &self.default {
            text.push_str(&format!(" DEFAULT {default}"));
        }
        if self.not_null {
            text.push_str(" NOT NULL");
        }
        for (name, check) in &self.checks {
            text.push_str(&format!("\n    CONSTRAINT {} {check}", quote(name)));
        }
        vec![Step::new(format!("Create {}.", self.id()), text)]
    }

    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        let (rename, last) = give_way("DOMAIN", &self.name);
        let steps = match self.alter(&self.bare()) {
            Alter::InPlace(steps) => steps,
            _ => Vec::new(),
        };
        Some((steps.into_iter().chain(rename).collect(), last))
    }

    fn alter(&self, next: &Self) -> Alter {
        if (&self.ty, &self.collation) != (&next.ty, &next.collation) {
            return Alter::Replace;
        }
        let mut steps = Vec::new();
        if self.default != next.default {
            let action = next.default.as_ref().map_or("DROP DEFAULT".to_owned(), |text| format!("SET DEFAULT {text}"));
            steps.push(self.step("Change the default of", &action));
        }
        for (name, check) in &self.checks {
            if next.checks.get(name) != Some(check) {
                steps.push(self.step("Drop a check of", &format!("DROP CONSTRAINT {}", quote(name))));
            }
        }
        let may_fail = format!("fails if a column of type {} has values that do not fit", self.name);
        for (name, check) in &next.checks {
            if self.checks.get(name) != Some(check) {
                let step = self.step("Add a check to", &format!("ADD CONSTRAINT {} {check}", quote(name)));
                steps.push(step.hazard(HazardKind::MayFail, &may_fail));
            }
        }
        match (self.not_null, next.not_null) {
            (true, false) => steps.push(self.step("Drop NOT NULL from", "DROP NOT NULL")),
            (false, true) => {
                let step = self.step("Set NOT NULL on", "SET NOT NULL");
                steps.push(step.hazard(HazardKind::MayFail, &may_fail));
            }
            _ => {}
        }
        Alter::steps(steps)
    }

    /// Its default and its checks can be dropped and added again.
    fn release(&self, dependency: &Id, returns: bool) -> Option<(Self, Vec<Step>)> {
        if dependency.kind != Kind::Function || !returns {
            return None;
        }
        let released = self.bare();
        match self.alter(&released) {
            Alter::InPlace(steps) => Some((released, steps)),
            _ => None,
        }
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ON {}", self.address()))
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Types)
    }
}
