//! Materialized views. Their indexes are objects of their own.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::table::{options, storage_parameters};
use super::view::with;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::QName;
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaterializedView {
    pub name: QName,
    /// Storage parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// As `pg_get_viewdef` prints it, without its semicolon.
    pub query: String,
    /// It was created without data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
}

impl Object for MaterializedView {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, c.relnamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(n.nspname, c.relname), 'options', ",
        storage_parameters!(),
        ",
        'query', rtrim(pg_get_viewdef(c.oid, true), ';'), 'empty', NOT c.relispopulated)) AS definition,
    c.relacl AS acl, c.relowner AS owner, 'r'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm'"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::MaterializedView, &self.name)
    }

    fn address(&self) -> String {
        format!("MATERIALIZED VIEW {}", self.name.sql())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.name.clone())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn reads_rows(&self) -> bool {
        !self.empty
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let no_data = if self.empty { "\nWITH NO DATA" } else { "" };
        let create = format!("CREATE {}{} AS\n{}{no_data}", self.address(), with(&self.options), self.query);
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    fn computed(&self) -> Option<String> {
        (!self.empty).then(|| format!("REFRESH {}", self.address()))
    }

    fn keeps_needs(&self) -> bool {
        true
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(MaterializedView { name: to.qname(), ..self.clone() })
    }

    fn alter(&self, next: &Self) -> Alter {
        if self.query != next.query {
            return Alter::Replace;
        }
        Alter::steps(options(&self.options, &next.options, |action| {
            let comment = format!("Change storage parameters of {}.", self.id());
            Step::new(comment, format!("ALTER {} {action}", self.address()))
                .locks(self.relation(), Lock::ShareUpdateExclusive)
        }))
    }

    fn passed_over(&self, next: &Self) -> Option<&'static str> {
        (self.empty != next.empty).then_some("data")
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ON TABLE {}", self.name.sql()))
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Tables)
    }
}
