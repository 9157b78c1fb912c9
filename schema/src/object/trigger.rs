//! Triggers of tables and views. Those that a partition has from its parent belong to the parent.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::{Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// The table or view.
    pub on: Id,
    pub name: String,
    /// `CREATE TRIGGER …`, as `pg_get_triggerdef` prints it.
    pub definition: String,
    #[serde(default, skip_serializing_if = "Enabled::is_default")]
    pub enabled: Enabled,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enabled {
    /// But for sessions that apply what was replicated.
    #[default]
    Origin,
    Disabled,
    /// Only in sessions that apply what was replicated.
    Replica,
    Always,
}

impl Enabled {
    pub(super) fn is_default(&self) -> bool {
        *self == Enabled::Origin
    }

    /// `ALTER TABLE … ENABLE TRIGGER name` and the like; the same for rules.
    pub(super) fn step(self, id: &Id, on: &Id, word: &str, name: &str) -> Step {
        let (comment, action) = match self {
            Enabled::Origin => (format!("Enable {id}."), "ENABLE"),
            Enabled::Disabled => (format!("Disable {id}."), "DISABLE"),
            Enabled::Replica => (format!("Enable {id} on replicas."), "ENABLE REPLICA"),
            Enabled::Always => (format!("Enable {id}, also on replicas."), "ENABLE ALWAYS"),
        };
        Step::new(comment, format!("ALTER TABLE {} {action} {word} {}", on.qname().sql(), quote(name)))
    }
}

/// The table or view `c` in schema `n` as `on`, and when a trigger or rule fires as `enabled`.
macro_rules! on_and_enabled {
    ($column:literal) => {
        concat!(
            "'on', json_build_object('kind', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
            'path', json_build_array(n.nspname, c.relname)), 'enabled', CASE ",
            $column,
            " WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'origin' END"
        )
    };
}

pub(super) use on_and_enabled;

impl Trigger {
    fn enable(&self) -> Step {
        self.enabled
            .step(&self.id(), &self.on, "TRIGGER", &self.name)
            .locks(self.relation(), Lock::ShareRowExclusive)
    }
}

impl Object for Trigger {
    const CATALOG: Query = Query::new(concat!(
        "SELECT 'pg_trigger'::regclass AS class, t.oid, 0 AS part, c.relnamespace AS namespace,
    json_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid, true), ",
        on_and_enabled!("t.tgenabled"),
        ") AS definition
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relkind IN ('r', 'p', 'v')"
    ));

    fn id(&self) -> Id {
        self.on.part(Kind::Trigger, &self.name)
    }

    fn address(&self) -> String {
        format!("TRIGGER {} ON {}", quote(&self.name), self.on.qname().sql())
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
        let mut steps = vec![create.locks(self.relation(), Lock::ShareRowExclusive)];
        if !self.enabled.is_default() {
            steps.push(self.enable());
        }
        steps
    }

    fn keeps_needs(&self) -> bool {
        true
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        let text = |name: &str| format!(" TRIGGER {} ", quote(name));
        let definition = self.definition.replacen(&text(&self.name), &text(to.name()), 1);
        Some(Trigger { name: to.name().to_owned(), definition, ..self.clone() })
    }

    fn alter(&self, next: &Self) -> Alter {
        if self.definition != next.definition {
            return Alter::Replace;
        }
        let enable = (self.enabled != next.enabled).then(|| next.enable());
        Alter::steps(enable.into_iter().collect())
    }
}
