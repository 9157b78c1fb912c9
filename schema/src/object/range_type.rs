//! Range types, each with its multirange type.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::cast::Values;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, clip, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RangeType {
    pub name: QName,
    /// `SUBTYPE = …` and the like, in a fixed order.
    pub options: Vec<String>,
    /// The type of its multiranges.
    pub multirange: QName,
}

/// The name that PostgreSQL gives to the multirange type of a range type.
fn multirange(range: &str) -> String {
    let name = match range.contains("range") {
        true => range.replacen("range", "multirange", 1),
        false => format!("{}_multirange", clip(range, 52)),
    };
    clip(&name, 63).to_owned()
}

impl RangeType {
    fn subtype(&self) -> &str {
        self.options.iter().find_map(|option| option.strip_prefix("SUBTYPE = ")).unwrap_or_default()
    }
}

impl Object for RangeType {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_type'::regclass AS class, t.oid, 0 AS part, t.typnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, t.typname), 'options', (SELECT json_agg(o.text ORDER BY o.place) FROM (VALUES
        (1, 'SUBTYPE = ' || format_type(r.rngsubtype, NULL)),
        (2, CASE WHEN NOT oc.opcdefault THEN format('SUBTYPE_OPCLASS = %I.%I', ocn.nspname, oc.opcname) END),
        (3, CASE WHEN r.rngcollation <> s.typcollation THEN format('COLLATION = %I.%I', cn.nspname, col.collname) END),
        (4, 'SUBTYPE_DIFF = ' || ", super::aggregate::routine!("r.rngsubdiff"), ")) o (place, text)
        WHERE o.text IS NOT NULL), 'multirange', json_build_array(mn.nspname, m.typname)) AS definition,
    t.typacl AS acl, t.typowner AS owner, 'T'::\"char\" AS acl_type
FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
JOIN pg_catalog.pg_type m ON m.oid = r.rngmultitypid JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
JOIN pg_catalog.pg_opclass oc ON oc.oid = r.rngsubopc JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
LEFT JOIN pg_catalog.pg_collation col ON col.oid = r.rngcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace
WHERE r.rngcanonical = 0"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::RangeType, &self.name)
    }

    fn address(&self) -> String {
        format!("TYPE {}", self.name.type_sql())
    }

    fn takes(&self) -> Vec<Id> {
        vec![Id::new(Kind::RangeType, &self.multirange)]
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let (options, multirange) = (self.options.join(", "), self.multirange.full());
        let create =
            format!("CREATE {} AS RANGE ({options}, MULTIRANGE_TYPE_NAME = {multirange})", self.address());
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    /// Its functions have its name and that of its multirange type, which is made of it unless another one is given.
    fn rename(&self, to: &str) -> Step {
        let (id, new) = (self.id(), QName::new(&self.name.schema, to));
        let next = self.renamed(&Id::new(Kind::RangeType, &new)).unwrap_or_else(|| self.clone());
        let subtype = self.subtype();
        let function = |from: &QName, arguments: String, to: &QName| {
            format!("ALTER FUNCTION {}({arguments}) RENAME TO {}", from.full(), quote(&to.name))
        };
        let mut rename = Step::new(
            format!("Rename {id} to {to}."),
            format!("ALTER {} RENAME TO {}", self.address(), quote(to)),
        );
        rename.statements.push(function(&self.name, format!("{subtype}, {subtype}"), &new));
        rename.statements.push(function(&self.name, format!("{subtype}, {subtype}, text"), &new));
        if next.multirange != self.multirange {
            let (old, many) = (&self.multirange, &next.multirange);
            rename.statements.push(format!("ALTER TYPE {} RENAME TO {}", old.type_sql(), quote(&many.name)));
            for arguments in [String::new(), new.type_sql(), format!("VARIADIC {}[]", new.type_sql())] {
                rename.statements.push(function(old, arguments, many));
            }
        }
        rename
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        let mut next = RangeType { name: to.qname(), ..self.clone() };
        if self.multirange.name == multirange(&self.name.name) {
            next.multirange.name = multirange(&next.name.name);
        }
        Some(next)
    }

    fn shape(&self) -> Option<Vec<String>> {
        Some(self.options.clone())
    }

    fn alter(&self, _: &Self) -> Alter {
        Alter::Replace
    }

    fn values(&self, next: &Self) -> Values {
        Values::between(self.subtype(), next.subtype())
    }

    fn holds(&self, _: &QName) -> bool {
        true
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Types)
    }
}
