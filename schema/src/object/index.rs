//! Indexes that belong to no constraint. Those of a partition that it has from its parent belong to the parent.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::table::Table;
use crate::catalog::Query;
use crate::kind::{Alter, Find, Id, Object, Online};
use crate::lex::{self, Token};
use crate::name::{self, QName, qualified, quote};
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// The table or materialized view.
    pub on: Id,
    pub name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// It is that of a partitioned table alone: not each partition has its part of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// What stands after `USING`, as `pg_get_indexdef` prints it: `btree (lower(email)) WHERE …`.
    pub using: String,
    /// The statistics targets of columns that are expressions, by their number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statistics: Vec<(i32, i32)>,
    /// The table is clustered by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clustered: bool,
    /// Logical replication knows a row by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica_identity: bool,
}

impl Index {
    /// `CREATE INDEX`, with `how` after these words.
    fn create_sql(&self, how: &str, name: &str) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        let using = match self.using.strip_prefix("btree ") {
            Some(keys) => keys.to_owned(),
            None => format!("USING {}", self.using),
        };
        let only = if self.incomplete { "ONLY " } else { "" };
        format!("CREATE {unique}INDEX {how}{} ON {only}{} {using}", quote(name), self.on.qname().sql())
    }

    /// Whether a key is an expression, or there is a predicate.
    fn has_expressions(&self) -> bool {
        let (mut depth, mut begins) = (0_usize, false);
        let mut tokens = lex::tokens(&self.using).peekable();
        while let Some(token) = tokens.next() {
            let call = tokens.peek() == Some(&Token::Sign("("));
            match token {
                Token::Sign("(") if begins => return true,
                Token::Sign("(") => (depth, begins) = (depth + 1, depth == 0),
                Token::Sign(")") => (depth, begins) = (depth.saturating_sub(1), false),
                Token::Sign(",") => begins = depth == 1,
                Token::Blank(_) => {}
                _ if begins && call => return true,
                _ if depth == 0 && token.is("WHERE") => return true,
                _ => begins = false,
            }
        }
        false
    }

    /// What rows may do to a unique index.
    fn may_fail(&self, create: Step) -> Step {
        if !self.unique {
            return create;
        }
        let message = format!("two rows of {} may have the same key ({})", self.on.qname(), self.name);
        create.hazard(HazardKind::MayFail, message)
    }

    /// Whether PostgreSQL makes an index of a partition a part of this one of its table, when this is created: the order of
    /// keys and storage parameters do not matter to it.
    pub(crate) fn attaches(&self, part: &Index) -> bool {
        let keys = |index: &Index| {
            let (keys, rest) = index.using.split_once(" WITH (").unwrap_or((&index.using, ""));
            let rest = rest.split_once(')').map_or("", |(_, rest)| rest);
            let words = [" DESC", " NULLS FIRST", " NULLS LAST"];
            words.iter().fold(format!("{keys}{rest}"), |text, word| text.replace(word, ""))
        };
        !self.incomplete && self.unique == part.unique && keys(self) == keys(part)
    }

    fn create_concurrently(&self, name: &str) -> Step {
        let comment =
            format!("Create {} on {}, while reads and writes continue.", self.id(), self.on.qname());
        let create = Step::new(comment, self.create_sql("CONCURRENTLY ", name)).apart();
        self.may_fail(create.locks(self.relation(), Lock::ShareUpdateExclusive))
    }

    /// What is said of it once it is there.
    fn after_create(&self) -> Vec<Step> {
        let statistics = self.statistics(&[]).into_iter().map(|step| step.lock(Lock::None));
        let chosen = (self.clustered, self.replica_identity);
        statistics.chain(choose(&self.on.qname(), &self.name, (false, false), chosen).1).collect()
    }

    fn drop_concurrently(&self) -> Vec<Step> {
        let mut steps = self.drop();
        let comment =
            format!("Drop {} from {}, while reads and writes continue.", self.id(), self.on.qname());
        let drop = format!("DROP INDEX CONCURRENTLY {}", qualified(self.on.outermost(), &self.name));
        steps.pop();
        steps.push(Step::new(comment, drop).locks(self.relation(), Lock::ShareUpdateExclusive).apart());
        steps
    }

    /// The new one is there before the old one goes.
    fn exchange(&self, next: &Self, find: &Find<'_>) -> Vec<Step> {
        let named = |name: &str| Index { name: name.to_owned(), ..next.clone() };
        let new = named(&name::free(&next.name, "new", |name| find(&named(name).id()).is_some()));
        let mut steps = vec![next.create_concurrently(&new.name)];
        steps.extend(new.after_create());
        let replica_identity = self.replica_identity && !next.replica_identity;
        steps.extend(Index { replica_identity, ..self.clone() }.drop_concurrently());
        steps.push(new.rename(&next.name).lock(Lock::None).apart());
        steps
    }

    fn statistics(&self, prev: &[(i32, i32)]) -> Vec<Step> {
        let reset =
            prev.iter().filter(|(column, _)| !self.statistics.iter().any(|(other, _)| other == column));
        let reset = reset.map(|(column, _)| (*column, -1));
        let set = self.statistics.iter().filter(|target| !prev.contains(target)).copied();
        let step = |(column, target): (i32, i32)| {
            let alter = format!("ALTER {} ALTER COLUMN {column} SET STATISTICS {target}", self.address());
            Step::new(format!("Change the statistics target of {}.", self.id()), alter)
                .locks(self.relation(), Lock::ShareUpdateExclusive)
        };
        reset.chain(set).map(step).collect()
    }
}

/// What a table uses an index for: (clustering, replica identity), before and after. What it stops to use one for comes
/// first, since another index may take its place.
pub(super) fn choose(
    table: &QName,
    index: &str,
    prev: (bool, bool),
    next: (bool, bool),
) -> (Vec<Step>, Vec<Step>) {
    let step = |chosen: bool, comment: String, action: &str| {
        chosen.then(|| Table::alter_step(table, comment, action)).into_iter()
    };
    let mark = |step: Step| step.lock(Lock::ShareUpdateExclusive);
    let unset =
        step(prev.0 && !next.0, format!("Stop clustering {table} by an index."), "SET WITHOUT CLUSTER")
            .map(mark);
    let unset = unset.chain(step(
        prev.1 && !next.1,
        format!("Set the replica identity of {table} to the default."),
        "REPLICA IDENTITY DEFAULT",
    ));
    let name = quote(index);
    let set =
        step(!prev.0 && next.0, format!("Set {table} to cluster on {index}."), &format!("CLUSTER ON {name}"))
            .map(mark);
    let set = set.chain(step(
        !prev.1 && next.1,
        format!("Set the replica identity of {table} to {index}."),
        &format!("REPLICA IDENTITY USING INDEX {name}"),
    ));
    (unset.collect(), set.collect())
}

impl Object for Index {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_class'::regclass AS class, ic.oid, 0 AS part, ic.relnamespace AS namespace,
    json_build_object('on', json_build_object('kind', CASE c.relkind WHEN 'm' THEN 'materialized_view' ELSE 'table' END,
            'path', json_build_array(n.nspname, c.relname)),
        'name', ic.relname, 'unique', i.indisunique, 'incomplete', NOT i.indisvalid,
        'using', substr(d.text, strpos(d.text, ' USING ') + 7),
        'statistics', (SELECT coalesce(json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum), '[]')
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = ic.oid AND a.attstattarget >= 0),
        'clustered', i.indisclustered, 'replica_identity', i.indisreplident) AS definition
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid AND c.relkind IN ('r', 'p', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT substr(pg_get_indexdef(i.indexrelid, 0, true), length(CASE WHEN i.indisunique THEN
    'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END || quote_ident(ic.relname) || ' ON ' || c.oid::regclass::text)) AS text OFFSET 0) d
WHERE (i.indisvalid OR ic.relkind = 'I') AND NOT ic.relispartition AND c.relnamespace <> 11 AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
    WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Index, &QName::new(self.on.outermost(), &self.name))
    }

    fn address(&self) -> String {
        format!("INDEX {}", qualified(self.on.outermost(), &self.name))
    }

    fn part_of(&self) -> Option<Id> {
        Some(self.on.clone())
    }

    fn relation(&self) -> Option<QName> {
        Some(self.on.qname())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn depends(&self) -> Vec<Id> {
        vec![self.on.clone()]
    }

    /// Statistics targets would be lost, and whole rows read as they were.
    fn is_rebuilt(&self) -> bool {
        self.statistics.is_empty() && !self.using.contains(".*")
    }

    /// PostgreSQL does not look whether an expression or a predicate means the same.
    fn reads_when_rebuilt(&self, collation: bool) -> bool {
        collation || self.has_expressions()
    }

    fn computed(&self) -> Option<String> {
        Some(format!("REINDEX {}", self.address()))
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let table = self.on.qname();
        let create = Step::new(format!("Create {} on {table}.", self.id()), self.create_sql("", &self.name));
        let create = self
            .may_fail(create.locks(self.relation(), Lock::Share))
            .hazard(HazardKind::LongLock, format!("blocks writes to {table} while {} is built", self.name));
        let mut steps = vec![create];
        steps.extend(self.after_create());
        steps
    }

    fn drop(&self) -> Vec<Step> {
        let drop = Step::new(
            format!("Drop {} from {}.", self.id(), self.on.qname()),
            format!("DROP {}", self.address()),
        );
        // Without it nothing would be replicated, not even the primary key.
        let (mut steps, _) =
            choose(&self.on.qname(), &self.name, (false, self.replica_identity), (false, false));
        steps.push(drop.locks(self.relation(), Lock::AccessExclusive));
        steps
    }

    fn rename(&self, to: &str) -> Step {
        let sql = format!("ALTER {} RENAME TO {}", self.address(), quote(to));
        Step::new(format!("Rename {} to {to}.", self.id()), sql)
            .locks(self.relation(), Lock::ShareUpdateExclusive)
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(Index { name: to.name().to_owned(), ..self.clone() })
    }

    /// PostgreSQL has no such form for the indexes of partitioned tables.
    fn online(prev: Option<&Self>, next: Option<&Self>, find: &Find<'_>) -> Option<Online<Self>> {
        if Table::is_partitioned(find(&next.or(prev)?.on)) {
            return None;
        }
        match (prev, next) {
            (None, Some(next)) => {
                let mut steps = vec![next.create_concurrently(&next.name)];
                steps.extend(next.after_create());
                Online::create(steps)
            }
            (Some(prev), None) => Online::change(prev.clone(), prev.drop_concurrently()),
            (Some(prev), Some(next)) if prev.on == next.on && prev.alter(next) == Alter::Replace => {
                Online::change(prev.clone(), prev.exchange(next, find))
            }
            _ => None,
        }
    }

    fn keeps_needs(&self) -> bool {
        true
    }

    fn alter(&self, next: &Self) -> Alter {
        let form = |index: &Self| (index.on.clone(), index.unique, index.incomplete, index.using.clone());
        if form(self) != form(next) {
            return Alter::Replace;
        }
        let mut steps = next.statistics(&self.statistics);
        let (prev, chosen) =
            ((self.clustered, self.replica_identity), (next.clustered, next.replica_identity));
        let (unset, set) = choose(&self.on.qname(), &self.name, prev, chosen);
        steps.extend(set);
        Alter::split(unset, steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_told_from_columns() {
        let table = Id::new(Kind::Table, &QName::new("public", "t"));
        let check = |using: &str, expected: bool| {
            let index = Index {
                on: table.clone(),
                name: "i".to_owned(),
                unique: false,
                incomplete: false,
                using: using.to_owned(),
                statistics: Vec::new(),
                clustered: false,
                replica_identity: false,
            };
            assert_eq!(index.has_expressions(), expected, "{using}");
        };
        check(
            "btree (a, \"where (\" COLLATE \"C\" text_pattern_ops DESC) INCLUDE (b) WITH (fillfactor='70')",
            false,
        );
        check("gist (a gist_trgm_ops (siglen='32'), b)", false);
        check("btree (lower(a))", true);
        check("btree (b, (a || 'x'::text))", true);
        check("btree (a) WHERE b > 0", true);
    }
}
