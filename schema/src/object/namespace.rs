//! Schemas. `public` is always there, so it is neither created nor dropped.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{DEFAULT_SCHEMA, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Namespace {
    pub name: String,
}

impl Object for Namespace {
    const CATALOG: Query = Query::with_acl(
        "SELECT 'pg_namespace'::regclass AS class, oid, 0 AS part, oid AS namespace,
    json_build_object('name', nspname) AS definition, nspacl AS acl, nspowner AS owner, 'n'::\"char\" AS acl_type
FROM pg_catalog.pg_namespace",
    );

    fn id(&self) -> Id {
        Id::global(Kind::Namespace, &self.name)
    }

    fn address(&self) -> String {
        format!("SCHEMA {}", quote(&self.name))
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        if self.name == DEFAULT_SCHEMA {
            return Vec::new();
        }
        vec![Step::new(format!("Create {}.", self.id()), format!("CREATE {}", self.address()))]
    }

    fn drop(&self) -> Vec<Step> {
        if self.name == DEFAULT_SCHEMA {
            return Vec::new();
        }
        vec![Step::new(format!("Drop {}.", self.id()), format!("DROP {}", self.address()))]
    }

    fn alter(&self, _: &Self) -> Alter {
        Alter::Same
    }

    /// `public` is the server's.
    fn has_owner(&self) -> bool {
        self.name != DEFAULT_SCHEMA
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Schemas)
    }
}
