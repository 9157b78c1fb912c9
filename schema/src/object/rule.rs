//! Rules of tables and views, but for the one that makes a view what it is.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::trigger::{Enabled, on_and_enabled};
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The table or view.
    pub on: Id,
    pub name: String,
    /// `CREATE RULE …`, as `pg_get_ruledef` prints it, without its semicolon.
    pub definition: String,
    #[serde(default, skip_serializing_if = "Enabled::is_default")]
    pub enabled: Enabled,
}

impl Rule {
    fn enable(&self) -> Step {
        self.enabled
            .step(&self.id(), &self.on, "RULE", &self.name)
            .locks(self.relation(), Lock::AccessExclusive)
    }
}

impl Object for Rule {
    const CATALOG: Query = Query::new(concat!(
        "SELECT 'pg_rewrite'::regclass AS class, r.oid, 0 AS part, c.relnamespace AS namespace,
    json_build_object('name', r.rulename, 'definition', rtrim(pg_get_ruledef(r.oid), ';'), ",
        on_and_enabled!("r.ev_enabled"),
        ") AS definition
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND r.oid >= 16384 AND c.relkind IN ('r', 'p', 'v')"
    ));

    fn id(&self) -> Id {
        self.on.part(Kind::Rule, &self.name)
    }

    fn address(&self) -> String {
        format!("RULE {} ON {}", quote(&self.name), self.on.qname().sql())
    }

    fn part_of(&self) -> Option<Id> {
        Some(self.on.clone())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.on.qname())
    }

    fn depends(&self) -> Vec<Id> {
        vec![self.on.clone()]
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let create = Step::new(format!("Create {}.", self.id()), self.definition.clone());
        let mut steps = vec![create.locks(self.relation(), Lock::AccessExclusive)];
        if !self.enabled.is_default() {
            steps.push(self.enable());
        }
        steps
    }

    fn keeps_needs(&self) -> bool {
        true
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        let text = |name: &str| format!(" RULE {} ", quote(name));
        let definition = self.definition.replacen(&text(&self.name), &text(to.name()), 1);
        Some(Rule { name: to.name().to_owned(), definition, ..self.clone() })
    }

    fn alter(&self, next: &Self) -> Alter {
        if self.definition != next.definition {
            return Alter::Replace;
        }
        let enable = (self.enabled != next.enabled).then(|| next.enable());
        Alter::steps(enable.into_iter().collect())
    }
}
