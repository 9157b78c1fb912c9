//! Columns of views and materialized views: what is said of each by itself.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewColumn {
    /// The view or materialized view.
    pub of: Id,
    pub name: String,
    /// What a row inserted into the view has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl ViewColumn {
    fn set_default(&self) -> Step {
        let action =
            self.default.as_ref().map_or("DROP DEFAULT".to_owned(), |text| format!("SET DEFAULT {text}"));
        let alter =
            format!("ALTER VIEW {} ALTER COLUMN {} {action}", self.of.qname().sql(), quote(&self.name));
        Step::new(format!("Change the default of {}.", self.id()), alter)
            .locks(self.relation(), Lock::AccessExclusive)
    }
}

impl Object for ViewColumn {
    const CATALOG: Query = Query::with_acl(
        "SELECT 'pg_class'::regclass AS class, c.oid, a.attnum::int4 AS part, c.relnamespace AS namespace,
    json_build_object('of', json_build_object('kind', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized_view' END, 'path', json_build_array(n.nspname, c.relname)),
        'name', a.attname, 'default', pg_get_expr(d.adbin, d.adrelid)) AS definition,
    a.attacl AS acl, c.relowner AS owner, 'c'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT * FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped OFFSET 0) a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384",
    );

    fn id(&self) -> Id {
        self.of.part(Kind::ViewColumn, &self.name)
    }

    fn address(&self) -> String {
        format!("COLUMN {}.{}", self.of.qname().sql(), quote(&self.name))
    }

    fn part_of(&self) -> Option<Id> {
        Some(self.of.clone())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.of.qname())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn depends(&self) -> Vec<Id> {
        vec![self.of.clone()]
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        self.default.iter().map(|_| self.set_default()).collect()
    }

    /// It goes with what it is a part of.
    fn drop(&self) -> Vec<Step> {
        Vec::new()
    }

    /// Of a materialized view: a view's columns are its own data.
    fn rename(&self, to: &str) -> Step {
        let (of, name) = (self.of.qname(), quote(&self.name));
        let sql = format!("ALTER MATERIALIZED VIEW {} RENAME COLUMN {name} TO {}", of.sql(), quote(to));
        Step::new(format!("Rename {} to {to}.", self.id()), sql).locks(self.relation(), Lock::AccessExclusive)
    }

    fn alter(&self, next: &Self) -> Alter {
        Alter::steps((self.default != next.default).then(|| next.set_default()).into_iter().collect())
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ({}) ON TABLE {}", quote(&self.name), self.of.qname().sql()))
    }
}
