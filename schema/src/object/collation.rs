//! Collations. The version of the library that they come from is the server's, and is not compared.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::enum_type::give_way;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::QName;
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collation {
    pub name: QName,
    /// `PROVIDER = …` and the like, in a fixed order.
    pub options: Vec<String>,
}

/// A collation, where it is not the one that its type has.
macro_rules! own_collation {
    ($collation:literal, $of_type:literal) => {
        concat!(
            "CASE WHEN ",
            $collation,
            " <> ",
            $of_type,
            " THEN (SELECT json_build_array(cn.nspname, co.collname) FROM pg_catalog.pg_collation co
            JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = ",
            $collation,
            ") END"
        )
    };
}

pub(super) use own_collation;

impl Object for Collation {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_collation'::regclass AS class, c.oid, 0 AS part, c.collnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, c.collname), 'options', (SELECT json_agg(o.text ORDER BY o.place) FROM (VALUES
        (1, 'PROVIDER = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END),
        (2, 'DETERMINISTIC = ' || CASE WHEN NOT c.collisdeterministic THEN 'false' END),
        (3, 'LOCALE = ' || quote_literal(CASE WHEN c.collprovider IN ('i', 'b')
            THEN coalesce(j.all ->> 'colllocale', j.all ->> 'colliculocale', c.collcollate) END)),
        (4, 'LC_COLLATE = ' || quote_literal(CASE WHEN c.collprovider = 'c' THEN c.collcollate END)),
        (5, 'LC_CTYPE = ' || quote_literal(CASE WHEN c.collprovider = 'c' THEN c.collctype END)),
        (6, 'RULES = ' || quote_literal(j.all ->> 'collicurules'))) o (place, text)
        WHERE o.text IS NOT NULL)) AS definition
FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT to_jsonb(c) AS all) j
WHERE c.oid >= 16384",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Collation, &self.name)
    }

    fn address(&self) -> String {
        format!("COLLATION {}", self.name.full())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let create = format!("CREATE {} ({})", self.address(), self.options.join(", "));
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        Some(give_way(&self.address(), &self.name))
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(Collation { name: to.qname(), ..self.clone() })
    }

    fn alter(&self, _: &Self) -> Alter {
        Alter::Replace
    }
}
