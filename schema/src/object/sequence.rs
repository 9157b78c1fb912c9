//! Sequences that somebody created, `serial` columns' among them. Those of identity columns belong to the column.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::enum_type::{give_way, old_name};
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Later, Object};
use crate::name::{QName, literal, quote};
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: QName,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    #[serde(flatten)]
    pub options: SequenceOptions,
    /// The table of that column is unlogged: PostgreSQL 15 and later change the sequence with the table.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owner_unlogged: bool,
    /// The column with which it is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<Id>,
}

/// What a sequence counts, as `pg_sequence` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceOptions {
    /// `bigint`, `integer` or `smallint`.
    pub data_type: String,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cache: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cycle: bool,
}

/// The JSON of [`SequenceOptions`] for a `pg_sequence s`, without the outer parentheses of the call.
macro_rules! sequence_options {
    () => {
        "'data_type', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
    'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle"
    };
}

pub(super) use sequence_options;

impl SequenceOptions {
    /// The options that a sequence of this type and direction has when no other is given.
    pub fn new(data_type: &str, increment: i64) -> Self {
        let (low, high) = match data_type {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let (min, max, start) = if increment < 0 { (low, -1, -1) } else { (1, high, 1) };
        SequenceOptions {
            data_type: data_type.to_owned(),
            start,
            increment,
            min,
            max,
            cache: 1,
            cycle: false,
        }
    }

    /// The options that differ from those of `base`: `INCREMENT BY 2`, `CYCLE`.
    pub(super) fn changes(&self, base: &SequenceOptions) -> Vec<String> {
        let numbers = [
            ("INCREMENT BY", self.increment, base.increment),
            ("MINVALUE", self.min, base.min),
            ("MAXVALUE", self.max, base.max),
            ("START WITH", self.start, base.start),
            ("CACHE", self.cache, base.cache),
        ];
        let changed = numbers.into_iter().filter(|(_, value, base)| value != base);
        let mut changes: Vec<String> = changed.map(|(word, value, _)| format!("{word} {value}")).collect();
        if self.cycle != base.cycle {
            changes.push(if self.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
        }
        changes
    }

    /// What `AS type` does to the options: limits that were those of the old type become those of the new one.
    fn retype(&mut self, data_type: &str) {
        let old = SequenceOptions::new(&self.data_type, self.increment);
        let new = SequenceOptions::new(data_type, self.increment);
        if self.max == old.max {
            self.max = new.max;
        }
        if self.min == old.min {
            self.min = new.min;
        }
        self.data_type = new.data_type;
    }

    /// No value is within the limits of both.
    fn is_apart_from(&self, other: &SequenceOptions) -> bool {
        self.max < other.min || other.max < self.min
    }

    /// Goes on after the last value that a column has, where that is within what the sequence counts.
    pub(super) fn go_on_after(&self, sequence: &QName, table: &QName, column: &str) -> String {
        let (column, start) = (quote(column), self.start);
        let (last, reached) = match self.increment < 0 {
            true => (format!("greatest(min({column}), {})", self.min), format!("min({column}) <= {start}")),
            false => (format!("least(max({column}), {})", self.max), format!("max({column}) >= {start}")),
        };
        let sequence = literal(&sequence.sql());
        format!("SELECT setval({sequence}, {last}) FROM {} HAVING {reached}", table.sql())
    }

    /// Goes on where another sequence stands, as far as that is within the limits.
    pub(super) fn go_on_from(&self, sequence: &QName, from: &QName) -> String {
        let within = format!("least(greatest(last_value, {}), {})", self.min, self.max);
        let sequence = literal(&sequence.sql());
        format!(
            "SELECT setval({sequence}, {within}, is_called AND last_value = {within}) FROM {}",
            from.sql()
        )
    }

    /// What a sequence of this type is given beyond its type, with a space before it.
    pub(super) fn sql(&self) -> String {
        let base = SequenceOptions { increment: 1, ..SequenceOptions::new(&self.data_type, self.increment) };
        self.changes(&base).iter().map(|option| format!(" {option}")).collect()
    }
}

impl Sequence {
    /// Narrower limits are refused while the sequence stands outside of them.
    fn keep_within(&self, next: &SequenceOptions) -> Option<Step> {
        let prev = &self.options;
        if (next.min <= prev.min && next.max >= prev.max) || prev.is_apart_from(next) {
            return None;
        }
        let limits =
            SequenceOptions { min: next.min.max(prev.min), max: next.max.min(prev.max), ..next.clone() };
        let set = limits.go_on_from(&self.name, &self.name);
        Some(Step::new(format!("Set the value of {} to one within its limits.", self.id()), set))
    }

    /// Its name while an identity takes its place.
    pub(crate) fn old_name(name: &QName) -> QName {
        old_name(name)
    }

    fn persist(&self) -> Step {
        let set = if self.unlogged { "UNLOGGED" } else { "LOGGED" };
        let alter = format!("ALTER {} SET {set}", self.address());
        Step::new(format!("Set {} to {}.", self.id(), set.to_lowercase()), alter)
            .locks(self.relation(), Lock::AccessExclusive)
    }

    fn owned(&self, by: Option<&Id>) -> Step {
        let (column, what) = match by {
            Some(id) => (format!("{}.{}", id.qname().sql(), quote(id.name())), id.to_string()),
            None => ("NONE".to_owned(), "nothing".to_owned()),
        };
        Step::new(
            format!("Set the owner of {} to {what}.", self.id()),
            format!("ALTER {} OWNED BY {column}", self.address()),
        )
        .locks(self.relation(), Lock::ShareRowExclusive)
    }
}

impl Object for Sequence {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, c.relnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, c.relname), 'unlogged', c.relpersistence = 'u', ",
        sequence_options!(),
        ",
    'owner_unlogged', coalesce(t.relpersistence = 'u' AND current_setting('server_version_num')::integer >= 150000, false),
    'owned_by', CASE WHEN a.attname IS NOT NULL
        THEN json_build_object('kind', 'column', 'path', json_build_array(tn.nspname, t.relname, a.attname)) END) AS definition,
    c.relacl AS acl, c.relowner AS owner, 's'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
WHERE c.relkind = 'S' AND d.deptype IS DISTINCT FROM 'i'"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::Sequence, &self.name)
    }

    fn address(&self) -> String {
        format!("SEQUENCE {}", self.name.sql())
    }

    fn part_of(&self) -> Option<Id> {
        self.owned_by.clone()
    }

    fn relation(&self) -> Option<QName> {
        Some(self.name.clone())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    /// Another type of its column leaves it as it is.
    fn is_rebuilt(&self) -> bool {
        true
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let unlogged = if self.unlogged { "UNLOGGED " } else { "" };
        let options = self.options.sql();
        let data_type = match self.options.data_type.as_str() {
            "bigint" => String::new(),
            other => format!(" AS {other}"),
        };
        let create = format!("CREATE {unlogged}{}{data_type}{options}", self.address());
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    /// What counts the values of a column can go on after those.
    fn drop(&self) -> Vec<Step> {
        let drop = Step::new(format!("Drop {}.", self.id()), format!("DROP {}", self.address()))
            .locks(self.relation(), Lock::AccessExclusive);
        vec![match self.owned_by {
            Some(_) => drop,
            None => drop.hazard(HazardKind::DataLoss, format!("drops {} and its value", self.id())),
        }]
    }

    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        let (rename, last) = give_way(&self.address(), &self.name);
        let lock = |steps: Vec<Step>, name: QName| -> Vec<Step> {
            steps.into_iter().map(|step| step.locks([name.clone()], Lock::AccessExclusive)).collect()
        };
        Some((lock(rename, self.name.clone()), lock(last, old_name(&self.name))))
    }

    /// One that belongs to a column goes on after the values of that.
    fn renamed(&self, to: &Id) -> Option<Self> {
        self.owned_by.as_ref().map(|_| Sequence { name: to.qname(), ..self.clone() })
    }

    fn shape(&self) -> Option<Vec<String>> {
        if self.owned_by.is_some() { None } else { Some(vec![self.options.data_type.clone()]) }
    }

    fn alter(&self, next: &Self) -> Alter {
        let mut steps = Vec::new();
        if self.options != next.options {
            let mut action = String::new();
            let mut base = self.options.clone();
            if base.data_type != next.options.data_type {
                action = format!(" AS {}", next.options.data_type);
                base.retype(&next.options.data_type);
            }
            for option in next.options.changes(&base) {
                action.push_str(&format!(" {option}"));
            }
            steps.extend(self.keep_within(&next.options));
            if self.options.is_apart_from(&next.options) {
                action.push_str(" RESTART");
            }
            let alter = format!("ALTER {}{action}", self.address());
            steps.push(
                Step::new(format!("Change the options of {}.", self.id()), alter)
                    .locks(self.relation(), Lock::ShareRowExclusive),
            );
        }
        let owner = |sequence: &Sequence| sequence.owned_by.as_ref().map(Id::qname);
        let changes_with_owner = self.owner_unlogged != next.owner_unlogged && owner(self) == owner(next);
        if self.unlogged != next.unlogged && !changes_with_owner {
            steps.push(next.persist());
        }
        // A column that is dropped would take it along. The new owner is set when it is there.
        let leaves = self.owned_by.is_some() && self.owned_by != next.owned_by;
        let free = leaves.then(|| self.owned(None));
        Alter::split(free.into_iter().collect(), steps)
    }

    fn later(&self) -> Option<Later> {
        let owner = self.owned_by.clone()?;
        let mut steps = vec![self.owned(Some(&owner))];
        if self.unlogged != self.owner_unlogged {
            steps.push(self.persist());
        }
        let go_on = Step::new(
            format!("Set the value of {} after those of {owner}.", self.id()),
            self.options.go_on_after(&self.name, &owner.qname(), owner.name()),
        );
        let table = Id::new(Kind::Table, &owner.qname());
        Some(Later { depends: vec![owner, table], steps, of_existing: vec![go_on] })
    }

    fn owner_from(&self) -> Option<Id> {
        self.owned_by.clone()
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Sequences)
    }
}
