//! Views.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::table::options;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub name: QName,
    /// `security_barrier=true`, `check_option=local`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Its columns with their types.
    pub columns: Vec<(String, String)>,
    /// As `pg_get_viewdef` prints it, without its semicolon.
    pub query: String,
}

/// The columns of a view `c`, with their types and collations.
macro_rules! view_columns {
    () => {
        "(SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)
                || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END)
                ORDER BY a.attnum), '[]')
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"
    };
}

/// `WITH (…)` with a space before it; nothing without options.
pub(super) fn with(options: &[String]) -> String {
    if options.is_empty() { String::new() } else { format!(" WITH ({})", options.join(", ")) }
}

impl View {
    fn create_sql(&self, create: &str) -> String {
        format!("{create} VIEW {}{} AS\n{}", self.name.sql(), with(&self.options), self.query)
    }
}

impl Object for View {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, c.relnamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(n.nspname, c.relname), 'options', c.reloptions,
        'columns', ",
        view_columns!(),
        ",
        'query', rtrim(pg_get_viewdef(c.oid, true), ';'))) AS definition,
    c.relacl AS acl, c.relowner AS owner, 'r'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND c.oid >= 16384"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::View, &self.name)
    }

    fn address(&self) -> String {
        format!("VIEW {}", self.name.sql())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.name.clone())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        vec![Step::new(format!("Create {}.", self.id()), self.create_sql("CREATE"))]
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(View { name: to.qname(), ..self.clone() })
    }

    fn inner(&self) -> Vec<(&str, &str)> {
        self.columns.iter().map(|(name, ty)| (name.as_str(), ty.as_str())).collect()
    }

    fn rename_inner(&self, from: &str, to: &str) -> Option<Step> {
        let sql = format!("ALTER {} RENAME COLUMN {} TO {}", self.address(), quote(from), quote(to));
        let rename = Step::new(format!("Rename column {from} of {} to {to}.", self.id()), sql);
        Some(rename.locks(self.relation(), Lock::AccessExclusive))
    }

    /// `CREATE OR REPLACE` may add columns at the end, and nothing else.
    fn alter(&self, next: &Self) -> Alter {
        if !next.columns.starts_with(&self.columns) {
            return Alter::Replace;
        }
        let step = |what: &str, sql: String| {
            Step::new(format!("{what} {}.", self.id()), sql).locks(self.relation(), Lock::AccessExclusive)
        };
        if self.query != next.query {
            return Alter::InPlace(vec![step("Change", next.create_sql("CREATE OR REPLACE"))]);
        }
        Alter::steps(options(&self.options, &next.options, |action| {
            step("Change options of", format!("ALTER {} {action}", self.address()))
        }))
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ON TABLE {}", self.name.sql()))
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Tables)
    }
}
