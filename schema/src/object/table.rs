//! Tables: what belongs to a table as a whole. Columns, constraints and indexes are objects of their own, whose clauses
//! stand in `CREATE TABLE` where they can.

use serde::{Deserialize, Serialize};

use super::{Definition, Kind};
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::QName;
use crate::state::State;
use crate::step::{Action, HazardKind, Lock, Step};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: QName,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// `RANGE (created_at)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<String>,
    /// The types of the columns in the partition key, which cannot be changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition_types: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<PartitionOf>,
    /// Tables whose columns and checks it has, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<QName>,
    /// It has columns that only those declare.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherits_columns: bool,
    /// Constraints and indexes that it has from those, or from the table of which it is a partition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Id>,
    /// Those among them that each ATTACH PARTITION creates, since it takes none that is there: exclusion constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub created_by_attach: Vec<Id>,
    /// Storage parameters, `fillfactor=70`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub row_security: bool,
    /// Row-level security also holds for the owner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_row_security: bool,
    /// What logical replication knows a row by.
    #[serde(default, skip_serializing_if = "ReplicaIdentity::is_default")]
    pub replica_identity: ReplicaIdentity,
}

mod partition;

pub use partition::PartitionOf;

/// An index is chosen at the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    #[default]
    Default,
    Nothing,
    Full,
}

impl ReplicaIdentity {
    fn is_default(&self) -> bool {
        *self == ReplicaIdentity::Default
    }
}

/// The storage parameters of a table or materialized view `c`, with those of its TOAST table.
macro_rules! storage_parameters {
    () => {
        "(SELECT json_agg(o.text) FROM (SELECT unnest(c.reloptions) UNION ALL
            SELECT 'toast.' || unnest(x.reloptions) FROM pg_catalog.pg_class x WHERE x.oid = c.reltoastrelid) o (text))"
    };
}

pub(super) use storage_parameters;

impl Table {
    /// Whether something is a table whose rows are in partitions.
    pub(crate) fn is_partitioned(definition: Option<&Definition>) -> bool {
        matches!(definition, Some(Definition::Table(table)) if table.partition_by.is_some())
    }

    /// `ALTER TABLE …`, during which reads and writes of the table wait.
    pub(super) fn alter_step(name: &QName, comment: String, action: &str) -> Step {
        Step::new(comment, format!("ALTER TABLE {} {action}", name.sql()))
            .locks([name.clone()], Lock::AccessExclusive)
    }

    /// The same for an action that may share a statement with others.
    pub(super) fn action_step(name: &QName, comment: String, action: &str) -> Step {
        let shared = Action { table: name.sql(), action: action.to_owned() };
        Step { action: Some(shared), ..Table::alter_step(name, comment, action) }
    }

    fn step(&self, what: &str, action: &str) -> Step {
        Table::alter_step(&self.name, format!("{what} {}.", self.id()), action)
    }

    /// The tables between which it is a partition.
    fn beside(&self) -> Vec<QName> {
        self.partition_of
            .iter()
            .flat_map(|of| [of.parent.clone()].into_iter().chain(of.default.clone()))
            .collect()
    }

    /// Which partition it is, and of which table.
    fn bound(&self) -> Option<(&QName, &str)> {
        self.partition_of.as_ref().map(|of| (&of.parent, of.bound.as_str()))
    }

    /// What no CREATE TABLE says, as it differs from `prev`.
    fn settings(&self, prev: &Table) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.row_security != prev.row_security {
            let (what, action) = match self.row_security {
                true => ("Enable row-level security on", "ENABLE ROW LEVEL SECURITY"),
                false => ("Disable row-level security on", "DISABLE ROW LEVEL SECURITY"),
            };
            steps.push(self.step(what, action));
        }
        if self.force_row_security != prev.force_row_security {
            let (what, action) = match self.force_row_security {
                true => ("Force row-level security on", "FORCE ROW LEVEL SECURITY"),
                false => ("Do not force row-level security on", "NO FORCE ROW LEVEL SECURITY"),
            };
            steps.push(self.step(what, action));
        }
        if self.replica_identity != prev.replica_identity {
            let action = match self.replica_identity {
                ReplicaIdentity::Default => "REPLICA IDENTITY DEFAULT",
                ReplicaIdentity::Nothing => "REPLICA IDENTITY NOTHING",
                ReplicaIdentity::Full => "REPLICA IDENTITY FULL",
            };
            steps.push(self.step("Change the replica identity of", action));
        }
        steps
    }
}

impl Object for Table {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, c.relnamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(n.nspname, c.relname), 'unlogged', c.relpersistence = 'u',
        'partition_by', pg_get_partkeydef(c.oid),
        'partition_types', (SELECT json_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
            FROM pg_catalog.pg_partitioned_table k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.partrelid
                AND a.attnum = ANY (k.partattrs::int2[]) WHERE k.partrelid = c.oid AND a.attnum > 0),
        'partition_of', CASE WHEN c.relispartition THEN (SELECT json_build_object('parent', json_build_array(pn.nspname, p.relname),
                'bound', pg_get_expr(c.relpartbound, c.oid), 'default', (SELECT json_build_array(dn.nspname, d.relname)
                    FROM pg_catalog.pg_partitioned_table k JOIN pg_catalog.pg_class d ON d.oid = k.partdefid AND d.oid <> c.oid
                    JOIN pg_catalog.pg_namespace dn ON dn.oid = d.relnamespace WHERE k.partrelid = p.oid),
                'referenced', EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.confrelid = p.oid AND f.contype = 'f'))
            FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
            JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid) END,
        'inherits', CASE WHEN NOT c.relispartition THEN (SELECT json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno)
            FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
            JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid) END,
        'inherits_columns', CASE WHEN NOT c.relispartition AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
            THEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attinhcount > 0 AND NOT a.attislocal) END,
        'passed', CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid) THEN
            (SELECT json_agg(json_build_object('kind', x.kind, 'path', x.path)) FROM (
                SELECT 'constraint' AS kind, json_build_array(n.nspname, c.relname, o.conname) AS path
                FROM pg_catalog.pg_constraint o WHERE o.conrelid = c.oid AND o.contype IN ('p', 'u', 'c', 'x', 'f')
                    AND (NOT o.conislocal OR o.conparentid <> 0)
                UNION ALL SELECT 'index', json_build_array(n.nspname, ic.relname)
                FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid AND ic.relispartition
                WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
                    WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))) x) END,
        'created_by_attach', CASE WHEN c.relispartition THEN (SELECT json_agg(json_build_object('kind', 'constraint',
                'path', json_build_array(n.nspname, c.relname, o.conname)))
            FROM pg_catalog.pg_constraint o WHERE o.conrelid = c.oid AND o.contype = 'x' AND o.conparentid <> 0) END,
        'options', ",
        storage_parameters!(),
        ", 'row_security', c.relrowsecurity, 'force_row_security', c.relforcerowsecurity,
        'replica_identity', CASE WHEN c.relreplident = 'f' THEN 'full' WHEN c.relreplident = 'n' OR (c.relreplident = 'i'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisreplident)) THEN 'nothing' END)) AS definition,
    c.relacl AS acl, c.relowner AS owner, 'r'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::Table, &self.name)
    }

    fn address(&self) -> String {
        format!("TABLE {}", self.name.sql())
    }

    fn part_of(&self) -> Option<Id> {
        self.partition_of.as_ref().map(|of| Id::new(Kind::Table, &of.parent))
    }

    fn passed(&self) -> &[Id] {
        &self.passed
    }

    fn relation(&self) -> Option<QName> {
        Some(self.name.clone())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn depends(&self) -> Vec<Id> {
        let parents = self.partition_of.iter().map(|of| &of.parent).chain(&self.inherits);
        let parents = parents.map(|parent| Id::new(Kind::Table, parent));
        Id::schema(&self.name).into_iter().chain(parents).collect()
    }

    fn create(&self, clauses: &[String]) -> Vec<Step> {
        let unlogged = if self.unlogged { "UNLOGGED " } else { "" };
        let mut text = format!("CREATE {unlogged}{}", self.address());
        if let Some(of) = &self.partition_of {
            text.push_str(&format!(" PARTITION OF {}", of.parent.sql()));
        }
        match (clauses, &self.partition_of) {
            ([], Some(_)) => {}
            ([], None) => text.push_str(" ()"),
            (clauses, _) => text.push_str(&format!(" (\n    {}\n)", clauses.join(",\n    "))),
        }
        if let Some(of) = &self.partition_of {
            text.push_str(&format!(" {}", of.bound));
        }
        if !self.inherits.is_empty() {
            let parents: Vec<String> = self.inherits.iter().map(QName::sql).collect();
            text.push_str(&format!(" INHERITS ({})", parents.join(", ")));
        }
        if let Some(key) = &self.partition_by {
            text.push_str(&format!(" PARTITION BY {key}"));
        }
        if !self.options.is_empty() {
            text.push_str(&format!(" WITH ({})", self.options.join(", ")));
        }
        let mut create = Step::new(format!("Create {}.", self.id()), text)
            .locks(self.beside(), Lock::AccessExclusive)
            .locks(self.inherits.clone(), Lock::ShareUpdateExclusive);
        if let Some(default) = self.partition_of.as_ref().and_then(|of| of.default.as_ref()) {
            let may_fail = format!("rows of {default} may belong to {}", self.name);
            let blocks = format!("blocks reads and writes of {default} while its rows are checked");
            create = create.hazard(HazardKind::MayFail, may_fail).hazard(HazardKind::LongLock, blocks);
        }
        let mut steps = vec![create];
        steps.extend(self.settings(&Table::default()));
        steps
    }

    fn drop(&self) -> Vec<Step> {
        let mut drop = Step::new(format!("Drop {}.", self.id()), format!("DROP {}", self.address()));
        let parent = self.partition_of.as_ref().map(|of| of.parent.clone());
        // Foreign keys to the parent refer to its partitions as long as these are attached.
        if let Some(parent) = &parent {
            drop.statements
                .insert(0, format!("ALTER TABLE {} DETACH PARTITION {}", parent.sql(), self.name.sql()));
        }
        let drop = drop.locks([self.name.clone()].into_iter().chain(self.beside()), Lock::AccessExclusive);
        let drop = drop.hazard(HazardKind::DataLoss, format!("drops table {} and all its rows", self.name));
        vec![match &self.partition_of {
            Some(of) => of.leave(&self.name, drop),
            None => drop,
        }]
    }

    /// A partition key keeps the types of its columns.
    fn fixes(&self, ty: &QName) -> bool {
        self.partition_types.iter().any(|own| own.trim_end_matches("[]") == ty.type_sql())
    }

    fn computed(&self) -> Option<String> {
        self.partition_by.as_ref().map(|_| "move rows that belong to other partitions now".to_owned())
    }

    fn shape(&self) -> Option<Vec<String>> {
        Some(Vec::new())
    }

    fn alter(&self, next: &Self) -> Alter {
        // Columns that only a parent declares come and go with the table, and so do checks that come.
        let gains = next.partition_of.is_none() && next.passed.iter().any(|id| !self.passed.contains(id));
        let fixed = self.inherits_columns || next.inherits_columns || gains;
        let partitioning = |table: &Table| (table.partition_by.clone(), table.partition_types.clone());
        if partitioning(self) != partitioning(next) || (fixed && self.inherits != next.inherits) {
            return Alter::Replace;
        }
        let mut steps = Vec::new();
        if self.unlogged != next.unlogged {
            let (what, action) = match next.unlogged {
                true => ("Set unlogged on", "SET UNLOGGED"),
                false => ("Set logged on", "SET LOGGED"),
            };
            let step = self.step(what, action);
            steps.push(step.hazard(HazardKind::Rewrite, format!("{} is rewritten", self.name)));
        }
        let (mut early, mut late) = (Vec::new(), Vec::new());
        if self.bound() != next.bound() {
            if let Some(of) = &self.partition_of {
                let detach = format!("DETACH PARTITION {}", self.name.sql());
                let step = Table::alter_step(
                    &of.parent,
                    format!("Detach {} from {}.", self.id(), of.parent),
                    &detach,
                );
                let others = self.relation().into_iter().chain(of.default.clone());
                early.push(of.leave(&self.name, step.locks(others, Lock::AccessExclusive)));
            }
            if let Some(of) = &next.partition_of {
                let attach = format!("ATTACH PARTITION {} {}", self.name.sql(), of.bound);
                let step =
                    Table::alter_step(&of.parent, format!("Attach {} to {}.", self.id(), of.parent), &attach);
                let others = self.relation().into_iter().chain(of.default.clone());
                let step = step.lock(Lock::ShareUpdateExclusive).locks(others, Lock::AccessExclusive);
                let may_fail =
                    format!("rows of {} may not fit {}, or be in its default partition", self.name, of.bound);
                let blocks = format!(
                    "blocks reads and writes of {} and the default partition while their rows are checked",
                    self.name
                );
                let step = step.hazard(HazardKind::MayFail, may_fail).hazard(HazardKind::LongLock, blocks);
                // A partition of the same table only gets another place.
                let moves = self.partition_of.as_ref().is_some_and(|before| before.parent == of.parent);
                if moves { &mut steps } else { &mut late }.push(step);
            }
        }
        for gone in self.inherits.iter().filter(|parent| !next.inherits.contains(parent)) {
            early.push(self.step("Remove a parent of", &format!("NO INHERIT {}", gone.sql())));
        }
        for new in next.inherits.iter().filter(|parent| !self.inherits.contains(parent)) {
            let step = self.step("Add a parent to", &format!("INHERIT {}", new.sql()));
            late.push(step.locks([new.clone()], Lock::ShareUpdateExclusive));
        }
        steps.extend(options(&self.options, &next.options, |action| {
            let lock = if action.contains("user_catalog_table") {
                Lock::AccessExclusive
            } else {
                Lock::ShareUpdateExclusive
            };
            self.step("Change storage parameters of", action).lock(lock)
        }));
        steps.extend(next.settings(self));
        if late.is_empty() { Alter::split(early, steps) } else { Alter::Joined(early, steps, late) }
    }

    fn passed_on(&self, next: &Self, states: [&State; 2]) -> (Vec<Step>, Vec<Step>) {
        partition::passed_on(self, next, states)
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Tables)
    }
}

/// `SET (…)` and `RESET (…)` for storage parameters that changed; what is set stands after what stays.
pub(super) fn options(prev: &[String], next: &[String], step: impl Fn(&str) -> Step) -> Vec<Step> {
    let name = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    let (names, mut set) = (next.iter().map(name).collect::<Vec<_>>(), Vec::new());
    set.extend(next.iter().filter(|option| !prev.contains(option)).map(String::as_str));
    let stays = prev.iter().filter(|option| next.contains(option)).map(String::as_str);
    if !stays.chain(set.iter().copied()).eq(next.iter().map(String::as_str)) {
        set = next.iter().map(String::as_str).collect();
    }
    let reset: Vec<String> = prev.iter().map(name).filter(|gone| !names.contains(gone)).collect();
    let reset = (!reset.is_empty()).then(|| step(&format!("RESET ({})", reset.join(", "))));
    let set = (!set.is_empty()).then(|| step(&format!("SET ({})", set.join(", "))));
    reset.into_iter().chain(set).collect()
}
