//! The sequences of identity columns: what is said of them beside the column, which has their options.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::QName;
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentitySequence {
    /// The column, by which it is known.
    pub of: Id,
    pub name: QName,
}

impl Object for IdentitySequence {
    const CATALOG: Query = Query::with_acl(
        "SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, c.relnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, c.relname),
        'of', json_build_object('kind', 'column', 'path', json_build_array(tn.nspname, t.relname, a.attname))) AS definition,
    c.relacl AS acl, c.relowner AS owner, 's'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S'",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Table, &self.of.qname()).part(Kind::IdentitySequence, self.of.name())
    }

    fn address(&self) -> String {
        format!("SEQUENCE {}", self.name.sql())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.name.clone())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn part_of(&self) -> Option<Id> {
        Some(self.of.clone())
    }

    fn depends(&self) -> Vec<Id> {
        vec![self.of.clone()]
    }

    fn takes(&self) -> Vec<Id> {
        vec![Id::new(Kind::Sequence, &self.name)]
    }

    /// It changes with the column, too.
    fn is_rebuilt(&self) -> bool {
        true
    }

    /// The column creates it.
    fn create(&self, _: &[String]) -> Vec<Step> {
        Vec::new()
    }

    /// It is dropped with the column.
    fn drop(&self) -> Vec<Step> {
        Vec::new()
    }

    /// The column renames it.
    fn alter(&self, _: &Self) -> Alter {
        Alter::Same
    }

    /// It has that of its table.
    fn has_owner(&self) -> bool {
        false
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Sequences)
    }
}
