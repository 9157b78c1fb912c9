//! Statistics objects.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub name: QName,
    /// The table or materialized view.
    pub on: Id,
    /// `CREATE STATISTICS …`, as `pg_get_statisticsobjdef` prints it, but with the columns in the order of their names:
    /// PostgreSQL keeps that in which the table has them.
    pub definition: String,
    /// The statistics target, when it is not that of the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<i32>,
}

impl Statistics {
    fn set_target(&self) -> Step {
        let alter = format!("ALTER {} SET STATISTICS {}", self.address(), self.target.unwrap_or(-1));
        Step::new(format!("Change the statistics target of {}.", self.id()), alter)
    }
}

impl Object for Statistics {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_statistic_ext'::regclass AS class, s.oid, 0 AS part, s.stxnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, s.stxname),
        'on', json_build_object('kind', CASE c.relkind WHEN 'm' THEN 'materialized_view' ELSE 'table' END,
            'path', json_build_array(cn.nspname, c.relname)),
        'definition', coalesce(replace(pg_get_statisticsobjdef(s.oid), ' ON ' || k.by_place, ' ON ' || k.by_name),
            pg_get_statisticsobjdef(s.oid)), 'target', nullif(s.stxstattarget, -1)) AS definition
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid AND c.relkind IN ('r', 'p', 'm')
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS by_place,
    string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) AS by_name
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (s.stxkeys::int2[])) k",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Statistics, &self.name)
    }

    fn address(&self) -> String {
        format!("STATISTICS {}", self.name.sql())
    }

    fn part_of(&self) -> Option<Id> {
        Some(self.on.clone())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.on.qname())
    }

    fn depends(&self) -> Vec<Id> {
        Id::schema(&self.name).into_iter().chain([self.on.clone()]).collect()
    }

    /// The target would be lost.
    fn is_rebuilt(&self) -> bool {
        self.target.is_none()
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let create = Step::new(format!("Create {}.", self.id()), self.definition.clone());
        let mut steps = vec![create.locks(self.relation(), Lock::ShareUpdateExclusive)];
        if self.target.is_some() {
            steps.push(self.set_target());
        }
        steps
    }

    fn drop(&self) -> Vec<Step> {
        let drop = Step::new(format!("Drop {}.", self.id()), format!("DROP {}", self.address()));
        vec![drop.locks(self.relation(), Lock::ShareUpdateExclusive)]
    }

    fn rename(&self, to: &str) -> Step {
        Step::new(
            format!("Rename {} to {to}.", self.id()),
            format!("ALTER {} RENAME TO {}", self.address(), quote(to)),
        )
    }

    fn keeps_needs(&self) -> bool {
        true
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        let name = to.qname();
        let definition = self.definition.replacen(&self.name.full(), &name.full(), 1);
        Some(Statistics { name, definition, ..self.clone() })
    }

    fn alter(&self, next: &Self) -> Alter {
        if self.definition != next.definition {
            return Alter::Replace;
        }
        let target = (self.target != next.target).then(|| next.set_target());
        Alter::steps(target.into_iter().collect())
    }
}
