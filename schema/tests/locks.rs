//! What each step claims to lock, to rewrite and to read is what PostgreSQL locks, rewrites and reads.
//!
//! Each step of many plans is run in a transaction of its own; before its end `pg_locks` shows what it holds.

mod common;
#[path = "random/dice.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod dice;
#[path = "random/world.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use common::Database;
use dice::Dice;
use sqlx::{AssertSqlSafe, Connection, Row};
use whimbrel_schema::name::QName;
use whimbrel_schema::plan::{online, stages};
use whimbrel_schema::step::{HazardKind, Lock};
use whimbrel_schema::{Definition, Id, Kind, State, Step, plan};

/// Pairs of random schemas, and the seed of the first.
const PAIRS: usize = 12;
const SEED: u64 = 0x10c5;

/// Changes that the other sources do not have.
const CHANGES: &[(&str, &str)] = &[
    (
        "CREATE TABLE p (id integer, t text) PARTITION BY RANGE (id); CREATE TABLE rest PARTITION OF p DEFAULT;
         CREATE TABLE c (id integer, t text)",
        "CREATE TABLE p (id integer, t text) PARTITION BY RANGE (id); CREATE TABLE rest PARTITION OF p DEFAULT;
         CREATE TABLE c PARTITION OF p FOR VALUES FROM (1) TO (2)",
    ),
    (
        "CREATE TABLE p (id integer, t text); CREATE TABLE c (id integer, t text)",
        "CREATE TABLE p (id integer, t text); CREATE TABLE c () INHERITS (p)",
    ),
    (
        "CREATE TABLE o (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, o integer, n integer, w varchar(5),
            s smallint NOT NULL, d integer NOT NULL DEFAULT 1, x text) WITH (fillfactor = 50);
         CREATE INDEX i ON t (n); CREATE VIEW v AS SELECT 1 AS a; CREATE SEQUENCE q;
         CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE INDEX mi ON m (a)",
        "CREATE TABLE o (id integer PRIMARY KEY); CREATE UNLOGGED TABLE t (id integer PRIMARY KEY, o integer REFERENCES o,
            n integer NOT NULL, w varchar(9), s integer NOT NULL, d integer, x text COLLATE \"C\" CHECK (x <> ''),
            y uuid DEFAULT gen_random_uuid(), z integer DEFAULT 3, u integer UNIQUE) WITH (autovacuum_enabled = false);
         CREATE INDEX i ON t (n); ALTER TABLE t CLUSTER ON i; CREATE VIEW v WITH (security_barrier) AS SELECT 1 AS a;
         CREATE SEQUENCE q CYCLE OWNED BY t.id;
         CREATE MATERIALIZED VIEW m WITH (fillfactor = 50) AS SELECT 1 AS a; CREATE INDEX mi ON m (a); ALTER TABLE m CLUSTER ON mi",
    ),
    ("CREATE TABLE t (i integer)", "CREATE TABLE t (i integer) WITH (user_catalog_table = true)"),
    (
        "CREATE DOMAIN d AS integer; CREATE DOMAIN e AS d; CREATE TABLE t (d d, e e); CREATE TABLE untouched (i integer)",
        "CREATE DOMAIN d AS integer CHECK (VALUE > 0) NOT NULL; CREATE DOMAIN e AS d; CREATE TABLE t (d d, e e, n d DEFAULT 1);
         CREATE TABLE untouched (i integer)",
    ),
    (
        "CREATE TABLE t (i integer NOT NULL)",
        "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE FUNCTION g() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';
         CREATE FUNCTION f2(integer) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
         CREATE FUNCTION not_random() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1'; CREATE DOMAIN fresh AS uuid DEFAULT gen_random_uuid();
         CREATE OPERATOR ### (FUNCTION = f2, RIGHTARG = integer);
         CREATE TABLE t (i integer GENERATED ALWAYS AS IDENTITY, f integer DEFAULT f(), g integer DEFAULT g(), s serial, l oid DEFAULT lo_creat(-1),
            n integer DEFAULT not_random(), d fresh, o integer DEFAULT (### 1), w timestamptz DEFAULT now(), z text DEFAULT clock_timestamp()::text)",
    ),
];

/// What PostgreSQL does to what depends on a column whose type keeps what is stored.
const TYPES: [&str; 2] = [
    "CREATE TABLE t (checked varchar(20) CHECK (checked <> ''), later varchar(20), expression varchar(20), predicate varchar(20),
        plain varchar(20) UNIQUE, sorted text, bare text, elements varchar(20)[], words varchar(20)[], free varchar(20)[]);
     ALTER TABLE t ADD CONSTRAINT later CHECK (later <> '') NOT VALID; CREATE INDEX ON t (lower(expression));
     CREATE INDEX ON t (plain) WHERE predicate <> ''; CREATE INDEX ON t (sorted);
     CREATE TABLE p (id integer, a varchar(20)) PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p (CHECK (a <> '')) DEFAULT;
     CREATE TABLE q (id integer, a varchar(20)) PARTITION BY RANGE (id); CREATE TABLE d PARTITION OF q DEFAULT",
    "CREATE TABLE t (checked varchar(40) CHECK (checked <> ''), later varchar(40), expression varchar(40), predicate varchar(40),
        plain varchar(40) UNIQUE, sorted text COLLATE \"C\", bare text COLLATE \"C\", elements varchar(40)[], words text[], free varchar[]);
     ALTER TABLE t ADD CONSTRAINT later CHECK (later <> '') NOT VALID; CREATE INDEX ON t (lower(expression));
     CREATE INDEX ON t (plain) WHERE predicate <> ''; CREATE INDEX ON t (sorted);
     CREATE TABLE p (id integer, a varchar(40)) PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p (CHECK (a <> '')) DEFAULT;
     CREATE TABLE q (id integer, a varchar(40)) PARTITION BY RANGE (id); CREATE TABLE d PARTITION OF q DEFAULT",
];

/// A table, an index with its table, a view or a sequence.
struct Relation {
    kind: String,
    /// What a lock on it is a lock on.
    on: QName,
    file: Option<i64>,
    scans: i64,
}

const RELATIONS: &str = "SELECT c.oid::int8, c.relkind::text, n.nspname, t.relname, pg_relation_filenode(c.oid)::int8,
        coalesce(pg_stat_get_xact_numscans(c.oid), 0)
    FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I') AND n.nspname NOT LIKE 'pg\\_%'";

/// A parent stands for its children, a table for the sequences of its columns, and a partitioned table for those that
/// refer to it.
const PARENTS: &str = "WITH RECURSIVE up (child, parent) AS (
        SELECT inhrelid, inhparent FROM pg_inherits
        UNION ALL SELECT objid, refobjid FROM pg_depend WHERE classid = 'pg_class'::regclass
            AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
        UNION ALL SELECT o.conrelid, p.relid FROM pg_constraint o
            JOIN pg_class k ON k.oid = o.confrelid AND k.relkind = 'p' CROSS JOIN LATERAL pg_partition_tree(k.oid) p),
    every (child, parent) AS (SELECT * FROM up UNION SELECT every.child, up.parent FROM every JOIN up ON up.child = every.parent)
    SELECT c.oid::int8, n.nspname, p.relname FROM every JOIN pg_class c ON c.oid = child AND c.oid >= 16384
    JOIN pg_class p ON p.oid = parent JOIN pg_namespace n ON n.oid = p.relnamespace";

/// The relations that stand before a plan, and what stands for each of them.
type Old = BTreeMap<i64, BTreeSet<QName>>;

async fn old(database: &mut Database) -> Old {
    let mut old: Old = relations(database).await.into_keys().map(|oid| (oid, BTreeSet::new())).collect();
    parents(database, &mut old).await;
    old
}

/// Adds what stands for what as things are now.
async fn parents(database: &mut Database, old: &mut Old) {
    for row in sqlx::query(PARENTS).fetch_all(&mut database.conn).await.unwrap() {
        let parent = QName::new(row.get::<String, _>(1), row.get::<String, _>(2));
        if let Some(parents) = old.get_mut(&row.get(0)) {
            parents.insert(parent);
        }
    }
}

async fn relations(database: &mut Database) -> BTreeMap<i64, Relation> {
    let rows = sqlx::query(RELATIONS).fetch_all(&mut database.conn).await.unwrap();
    let relation = |row: sqlx::postgres::PgRow| {
        let on = QName::new(row.get::<String, _>(2), row.get::<String, _>(3));
        (row.get(0), Relation { kind: row.get(1), on, file: row.get(4), scans: row.get(5) })
    };
    rows.into_iter().map(relation).collect()
}

const LOCKS: &str =
    "SELECT relation::int8, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'";

const GRANTED: &str =
    "SELECT relation::int8, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND granted";

fn lock(mode: &str) -> Lock {
    match mode {
        "AccessShareLock" | "RowShareLock" | "RowExclusiveLock" => Lock::None,
        "ShareUpdateExclusiveLock" => Lock::ShareUpdateExclusive,
        "ShareLock" => Lock::Share,
        "ShareRowExclusiveLock" => Lock::ShareRowExclusive,
        _ => Lock::AccessExclusive,
    }
}

/// The differences between what the steps claim and what they do, each once.
#[derive(Default)]
struct Report {
    differences: BTreeMap<String, String>,
    steps: usize,
}

impl Report {
    fn differ(&mut self, what: &str, step: &Step, rest: &str) {
        let first = step.comment.split(' ').take(4).collect::<Vec<_>>().join(" ");
        let text = format!("{what}: {}\n    {rest}", step.statements.join(";\n    "));
        self.differences.entry(format!("{what} {first}")).or_insert(text);
    }

    /// Runs one step; `old` are the relations that stood before the plan.
    async fn run(
        &mut self,
        database: &mut Database,
        step: &Step,
        old: &Old,
        end: &str,
    ) -> Result<(), String> {
        let sql = step.statements.join(";\n");
        let begin = "SET search_path = public; SET check_function_bodies = off; BEGIN";
        sqlx::raw_sql(begin).execute(&mut database.conn).await.unwrap();
        let before = relations(database).await;
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut database.conn).await {
            sqlx::raw_sql("ROLLBACK").execute(&mut database.conn).await.unwrap();
            return Err(format!("{error}: {sql}"));
        }
        self.steps += 1;
        let locks = sqlx::query(LOCKS).fetch_all(&mut database.conn).await.unwrap();
        let after = relations(database).await;
        let locks = locks.iter().map(|row| (row.get(0), lock(row.get(1))));
        self.compare(step, &before, old, locks, &after);
        sqlx::raw_sql(AssertSqlSafe(end.to_owned())).execute(&mut database.conn).await.unwrap();
        Ok(())
    }

    /// Runs a step that PostgreSQL does not take in a transaction. Somebody who writes keeps it from its end, and meanwhile
    /// `pg_locks` shows what it holds.
    async fn run_concurrently(
        &mut self,
        database: &mut Database,
        step: &Step,
        old: &Old,
    ) -> Result<(), String> {
        let sql = "SET search_path = public; SET lock_timeout = '20s'";
        sqlx::raw_sql(sql).execute(&mut database.conn).await.unwrap();
        let before = relations(database).await;
        let pid: i32 =
            sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut database.conn).await.unwrap();
        let (mut writer, mut watcher) = (database.another().await, database.another().await);
        let mut writer = writer.begin().await.unwrap();
        for locked in &step.locks {
            let lock = format!("LOCK TABLE {} IN ROW EXCLUSIVE MODE", locked.on.sql());
            sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *writer).await.unwrap();
        }
        let watch = async {
            let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)";
            while !sqlx::query_scalar::<_, bool>(waits).bind(pid).fetch_one(&mut watcher).await.unwrap() {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            let locks = sqlx::query(GRANTED).bind(pid).fetch_all(&mut watcher).await.unwrap();
            writer.commit().await.unwrap();
            locks.iter().map(|row| (row.get(0), lock(row.get(1)))).collect::<Vec<(i64, Lock)>>()
        };
        let statement = AssertSqlSafe(step.statements[0].clone());
        let run = sqlx::raw_sql(statement).execute(&mut database.conn);
        let (done, locks) = tokio::join!(run, watch);
        done.map_err(|error| format!("{error}: {}", step.statements[0]))?;
        self.steps += 1;
        self.compare(step, &before, old, locks.into_iter(), &before);
        Ok(())
    }

    /// The second of two stages.
    async fn migrate_online(
        &mut self,
        database: &mut Database,
        from: &State,
        to: &State,
    ) -> Result<(), String> {
        let old = old(database).await;
        for step in &online(from, to).map_err(|error| error.to_string())? {
            assert_eq!(step.statements.len(), 1, "{}", step.comment);
            let long = |kind| [HazardKind::LongLock, HazardKind::Rewrite].contains(&kind);
            let is_long = step.hazards.iter().any(|hazard| long(hazard.kind));
            assert!(step.transactional || !is_long, "{}", step.comment);
            match step.statements[0].contains(" CONCURRENTLY ") {
                true => self.run_concurrently(database, step, &old).await?,
                false => self.run(database, step, &old, "COMMIT").await?,
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        step: &Step,
        all: &BTreeMap<i64, Relation>,
        old: &Old,
        locks: impl Iterator<Item = (i64, Lock)>,
        after: &BTreeMap<i64, Relation>,
    ) {
        let before: BTreeMap<&i64, &Relation> = all.iter().filter(|(oid, _)| old.contains_key(oid)).collect();
        let mut held: BTreeMap<&QName, Lock> = BTreeMap::new();
        let mut parents: BTreeMap<&QName, BTreeSet<&QName>> = BTreeMap::new();
        for (oid, lock) in locks {
            let Some(relation) = before.get(&oid) else { continue };
            let strongest = held.entry(&relation.on).or_default();
            *strongest = lock.max(*strongest);
            parents.entry(&relation.on).or_default().extend(&old[&oid]);
        }
        let mut claimed: BTreeMap<&QName, Lock> = BTreeMap::new();
        for locked in &step.locks {
            let strongest = claimed.entry(&locked.on).or_default();
            *strongest = locked.lock.max(*strongest);
        }
        for (on, claim) in &claimed {
            let held = held.get(on).copied().unwrap_or_default();
            let partitioned = before.values().any(|relation| relation.kind == "p" && relation.on == **on);
            // That of an index that is new itself is on the index alone.
            let new = held == Lock::None && step.statements[0].starts_with("COMMENT ON INDEX ");
            if held != *claim && !new && !(partitioned && *claim == Lock::Share) {
                self.differ("lock", step, &format!("claims {claim:?} on {on}, holds {held:?}"));
            }
        }
        for (on, held) in held.iter().filter(|(on, held)| **held != Lock::None && !claimed.contains_key(*on))
        {
            let through = parents[on].iter().any(|parent| claimed.contains_key(*parent));
            // One of a partition that is new itself.
            let new = step.locks.is_empty() && step.statements[0].contains(" PARTITION OF ");
            if !new && (!through || *held > step.strongest_lock()) {
                self.differ("lock", step, &format!("claims nothing on {on}, holds {held:?}"));
            }
        }
        let claims = |kind| step.hazards.iter().any(|hazard| hazard.kind == kind);
        let stored = before.iter().filter(|(_, relation)| ["r", "m"].contains(&relation.kind.as_str()));
        let stored: Vec<_> =
            stored.filter_map(|(oid, relation)| Some((*relation, after.get(oid)?))).collect();
        let rewritten =
            stored.iter().find(|(before, after)| before.file != after.file).map(|(before, _)| &before.on);
        let scans_before = |oid: &i64| all.get(oid).map_or(0, |relation| relation.scans);
        let is_old = |on: &QName| before.values().any(|relation| relation.on == *on);
        // A sequence has one row.
        let mut relations = after.iter().filter(|(_, after)| after.kind != "S");
        let scanned = relations.find(|(oid, after)| after.scans > scans_before(oid) && is_old(&after.on));
        let scanned = scanned.map(|(_, relation)| &relation.on);
        // A partitioned table holds no rows itself.
        let partitioned =
            before.values().any(|relation| relation.kind == "p" && claimed.contains_key(&relation.on));
        let rewrites = claims(HazardKind::Rewrite);
        // Nobody knows whether a type of the user's own is stored in the same way.
        let retypes = step.statements[0].contains(" TYPE ");
        let partition = step.statements[0].contains(" PARTITION ");
        let scans = rewrites || claims(HazardKind::LongLock);
        // Empty tables need not be joined, and constraints may prove NOT NULL.
        let saved =
            scans && [" FOREIGN KEY ", " SET NOT NULL"].iter().any(|text| step.statements[0].contains(text));
        if rewrites != rewritten.is_some() && !(rewrites && (partitioned || retypes)) {
            self.differ("rewrite", step, &format!("claims {rewrites}, rewritten: {rewritten:?}"));
        }
        let blocks = step.strongest_lock() >= Lock::Share;
        // A column that is NOT NULL and has no default can only be added to an empty table.
        let empty = step.statements[0].contains("ADD COLUMN") && claims(HazardKind::MayFail);
        let unsure = rewrites && retypes;
        let unused = scans && (partitioned || step.locks.is_empty());
        if scans != (scanned.is_some() && blocks)
            && !unused
            && !empty
            && !unsure
            && !partition
            && !saved
            && rewritten.is_none()
        {
            self.differ("scan", step, &format!("claims {scans}, read: {scanned:?}"));
        }
    }

    async fn migrate(&mut self, database: &mut Database, from: &State, to: &State) -> Result<(), String> {
        let steps = plan(from, to).map_err(|error| error.to_string())?;
        let mut old = old(database).await;
        for step in &steps {
            parents(database, &mut old).await;
            self.run(database, step, &old, "COMMIT").await?;
        }
        Ok(())
    }

    fn finish(self, least: usize) {
        eprintln!("{} steps", self.steps);
        let texts: Vec<String> = self.differences.into_values().collect();
        assert!(texts.is_empty(), "{} differences\n{}", texts.len(), texts.join("\n"));
        assert!(self.steps >= least, "only {} steps", self.steps);
    }
}

/// Loads both sides, and migrates one to the other and back.
async fn both_ways(report: &mut Report, database: &mut Database, old: &str, new: &str) -> Result<(), String> {
    let empty = database.state().await;
    database.run(new).await?;
    let next = database.state().await;
    report.migrate(database, &next, &empty).await?;
    database.run(old).await?;
    let prev = database.state().await;
    report.migrate(database, &prev, &next).await?;
    report.migrate(database, &next, &prev).await?;
    report.migrate(database, &prev, &empty).await
}

#[tokio::test]
async fn locks_of_changes() {
    let Some(mut database) = Database::new("locks_changes").await else { return };
    let mut report = Report::default();
    for (old, new) in CHANGES.iter().chain([&(TYPES[0], TYPES[1])]) {
        both_ways(&mut report, &mut database, old, new).await.unwrap();
    }
    report.finish(60);
}

#[tokio::test]
async fn locks_of_online_forms() {
    let Some(mut database) = Database::new("locks_online").await else { return };
    let mut report = Report::default();
    for common::Online { old, new, .. } in common::ONLINE {
        let empty = database.state().await;
        database.run(new).await.unwrap();
        let next = database.state().await;
        database.apply(&plan(&next, &empty).unwrap()).await.unwrap();
        database.run(old).await.unwrap();
        let prev = database.state().await;
        let middle = stages(&prev, &next).middle;
        database.apply(&plan(&prev, &middle).unwrap()).await.unwrap();
        report.migrate_online(&mut database, &middle, &next).await.unwrap();
        report.migrate_online(&mut database, &next, &middle).await.unwrap();
        database.apply(&plan(&middle, &empty).unwrap()).await.unwrap();
    }
    report.finish(40);
}

#[tokio::test]
async fn locks_of_every_kind() {
    let Some(mut database) = common::everything("locks_everything").await else { return };
    let mut report = Report::default();
    let whole = database.state().await;
    let old = old(&mut database).await;
    for entry in whole.objects.values() {
        // Not everything has another name.
        let _ = report.run(&mut database, &entry.definition.rename("renamed"), &old, "ROLLBACK").await;
    }
    assert!(report.steps > 100, "{} renames", report.steps);
    let is_partitioned = |id: &Id| {
        let table =
            whole.objects.iter().find(|(table, _)| table.kind == Kind::Table && id.qname() == table.qname());
        table.is_some_and(|(_, entry)| matches!(&entry.definition, Definition::Table(table) if table.partition_by.is_some()))
    };
    for id in whole.objects.keys() {
        // A column of a partition key cannot be dropped.
        if id.kind == Kind::Column && is_partitioned(id) {
            continue;
        }
        let mut without = whole.clone();
        remove(&mut without, id);
        report.migrate(&mut database, &whole, &without).await.unwrap();
        report.migrate(&mut database, &without, &whole).await.unwrap();
    }
    report.finish(1000);
}

/// Removes an object and what depends on it.
fn remove(state: &mut State, id: &Id) {
    state.objects.remove(id);
    state.objects.retain(|_, entry| {
        !matches!(&entry.definition, Definition::Sequence(sequence) if sequence.owned_by.as_ref() == Some(id))
    });
    let dependents: Vec<Id> = state
        .objects
        .iter()
        .filter(|(_, entry)| entry.depends.contains(id))
        .map(|(id, _)| id.clone())
        .collect();
    for dependent in dependents {
        remove(state, &dependent);
    }
}

#[tokio::test]
async fn locks_of_the_corpus() {
    let Some(root) = whimbrel_scratch::shared("corpus/pgschema/testdata/diff") else { return };
    let Some(mut database) = Database::new("locks_corpus").await else { return };
    let mut report = Report::default();
    common::roles(&mut database.conn, common::CORPUS_ROLES).await;
    let version = database.conn.server_version_num().unwrap() / 10_000;
    for case in common::corpus(&root) {
        let text = |file: &str| std::fs::read_to_string(case.join(file)).unwrap_or_default();
        let setup = text("setup.sql");
        let (old, new) = (setup.clone() + &text("old.sql"), setup + &text("new.sql"));
        if let Err(error) = both_ways(&mut report, &mut database, &old, &new).await {
            let name = case.strip_prefix(&root).unwrap().display().to_string();
            match common::needs(&name, version) {
                Some(what) => eprintln!("{name} needs {what}"),
                None => panic!("{name}: {error}"),
            }
            database = Database::new("locks_corpus").await.unwrap();
        }
    }
    report.finish(1000);
}

/// Those of the statements that the server takes in an empty database.
async fn taken(database: &mut Database, statements: &[String]) -> String {
    let conn = &mut database.conn;
    sqlx::raw_sql("SET search_path = public; BEGIN").execute(&mut *conn).await.unwrap();
    let mut taken = Vec::new();
    for statement in statements {
        let sql = AssertSqlSafe(format!("SAVEPOINT one; {statement}"));
        match sqlx::raw_sql(sql).execute(&mut *conn).await {
            Ok(_) => taken.push(statement.as_str()),
            Err(_) => drop(sqlx::raw_sql("ROLLBACK TO one").execute(&mut *conn).await.unwrap()),
        }
    }
    sqlx::raw_sql("ROLLBACK").execute(conn).await.unwrap();
    taken.join(";\n")
}

#[tokio::test]
async fn locks_of_random_schemas() {
    let Some(mut database) = Database::new("locks_random").await else { return };
    common::roles(&mut database.conn, &world::ROLES).await;
    let mut report = Report::default();
    let places = world::places();
    let mut dice = Dice(SEED);
    for number in 0..PAIRS {
        let (prev, next) = dice::pair(dice.roll(), &places);
        let sql = [prev, next].map(|genes| world::statements(&genes, &places));
        let taken = [taken(&mut database, &sql[0]).await, taken(&mut database, &sql[1]).await];
        let outcome = both_ways(&mut report, &mut database, &taken[0], &taken[1]).await;
        outcome.unwrap_or_else(|error| panic!("pair {number}: {error}"));
    }
    report.finish(1000);
}
