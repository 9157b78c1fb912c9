//! Casts, but for those that come with a range type.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cast {
    /// The types, as `format_type` prints them.
    pub source: String,
    pub target: String,
    /// `WITH FUNCTION …` and when it is applied.
    pub definition: String,
}

impl Object for Cast {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_cast'::regclass AS class, c.oid, 0 AS part, 0::oid AS namespace,
    json_build_object('source', format_type(c.castsource, NULL), 'target', format_type(c.casttarget, NULL),
        'definition', CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT'
            ELSE 'WITHOUT FUNCTION' END || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT'
            ELSE '' END) AS definition
FROM pg_catalog.pg_cast c WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')",
    );

    fn id(&self) -> Id {
        Id::global(Kind::Cast, &format!("{} AS {}", self.source, self.target))
    }

    fn address(&self) -> String {
        format!("CAST ({} AS {})", self.source, self.target)
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        vec![Step::new(
            format!("Create {}.", self.id()),
            format!("CREATE {} {}", self.address(), self.definition),
        )]
    }

    fn alter(&self, _: &Self) -> Alter {
        Alter::Replace
    }
}
