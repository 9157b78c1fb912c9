//! Extensions. Their version is the server's choice, and is not compared. Only some roles may create one, so that it is often
//! there before the migration that needs it: that one creates it unless it is there, and undoing the migration leaves it.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{DEFAULT_SCHEMA, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    pub name: String,
    /// Where its objects are.
    pub schema: String,
}

impl Extension {
    /// Whether `ty` is called `next_ty` when the extension has moved to the schema of `next`.
    pub(crate) fn moves(&self, next: &Self, ty: &str, next_ty: &str) -> bool {
        let name = |extension: &Self, ty: &str| match extension.schema.as_str() {
            DEFAULT_SCHEMA => Some(ty.to_owned()),
            schema => Some(ty.strip_prefix(&format!("{}.", quote(schema)))?.to_owned()),
        };
        let names = [name(self, ty), name(next, next_ty)];
        self.schema != next.schema && names[0].is_some() && names[0] == names[1]
    }
}

impl Object for Extension {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_extension'::regclass AS class, e.oid, 0 AS part, 0 AS namespace,
    json_build_object('name', e.extname, 'schema', n.nspname) AS definition
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'",
    );

    fn id(&self) -> Id {
        Id::global(Kind::Extension, &self.name)
    }

    fn address(&self) -> String {
        format!("EXTENSION {}", quote(&self.name))
    }

    fn depends(&self) -> Vec<Id> {
        if self.schema == DEFAULT_SCHEMA {
            Vec::new()
        } else {
            vec![Id::global(Kind::Namespace, &self.schema)]
        }
    }

    fn may_precede(&self) -> bool {
        true
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let schema = match self.schema.as_str() {
            DEFAULT_SCHEMA => String::new(),
            schema => format!(" SCHEMA {}", quote(schema)),
        };
        let create = format!("CREATE EXTENSION IF NOT EXISTS {}{schema}", quote(&self.name));
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    fn alter(&self, next: &Self) -> Alter {
        let set = format!("ALTER {} SET SCHEMA {}", self.address(), quote(&next.schema));
        let change = (self.schema != next.schema)
            .then(|| Step::new(format!("Move {} to schema {}.", self.id(), next.schema), set));
        Alter::steps(change.into_iter().collect())
    }
}
