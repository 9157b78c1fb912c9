//! Pairs of states in which something only has another name: it is renamed, with what uses it, and back.

mod common;

use common::{Database, Wanted, text};
use whimbrel_schema::rename::{self, Declared, Rename};
use whimbrel_schema::{Step, plan};

/// A name, the old and the new state, and what is declared: the words before a name, the name, what is within it, and the old name.
type Pair = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str, &'static str, &'static str)],
);

const PAIRS: &[Pair] = &[
    (
        "parts of tables",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TABLE t (a integer, b integer, CONSTRAINT a1 CHECK (a > 0));
         CREATE INDEX b1 ON t (a); CREATE POLICY \"C 1\" ON t USING (a > 0); COMMENT ON POLICY \"C 1\" ON t IS 'p';
         CREATE TRIGGER d1 AFTER INSERT ON t EXECUTE FUNCTION f(); ALTER TABLE t DISABLE TRIGGER d1;
         CREATE CONSTRAINT TRIGGER e1 AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
         CREATE RULE g1 AS ON DELETE TO t DO ALSO SELECT 1; CREATE STATISTICS h1 ON a, b FROM t",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TABLE t (a integer, b integer, CONSTRAINT a2 CHECK (a > 0));
         CREATE INDEX b2 ON t (a); CREATE POLICY \"C 2\" ON t USING (a > 0); COMMENT ON POLICY \"C 2\" ON t IS 'p';
         CREATE TRIGGER \"order\" AFTER INSERT ON t EXECUTE FUNCTION f(); ALTER TABLE t DISABLE TRIGGER \"order\";
         CREATE CONSTRAINT TRIGGER e2 AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
         CREATE RULE g2 AS ON DELETE TO t DO ALSO SELECT 1; CREATE STATISTICS h2 ON a, b FROM t",
        &[],
    ),
    (
        "a view, a materialized view and what reads them",
        "CREATE TABLE t (a integer); CREATE VIEW v1 AS SELECT a FROM t; GRANT SELECT ON v1 TO test_reader; COMMENT ON COLUMN v1.a IS 'a'; CREATE VIEW w1 AS SELECT a FROM v1;
         CREATE RULE r AS ON INSERT TO v1 DO INSTEAD NOTHING; CREATE MATERIALIZED VIEW m1 AS SELECT a FROM w1; CREATE INDEX m1_a_idx ON m1 (a); CREATE VIEW x AS SELECT a FROM m1",
        "CREATE TABLE t (a integer); CREATE VIEW v2 AS SELECT a FROM t; GRANT SELECT ON v2 TO test_reader; COMMENT ON COLUMN v2.a IS 'a'; CREATE VIEW w2 AS SELECT a FROM v2;
         CREATE RULE r AS ON INSERT TO v2 DO INSTEAD NOTHING; CREATE MATERIALIZED VIEW m2 AS SELECT a FROM w2; CREATE INDEX m2_a_idx ON m2 (a); CREATE VIEW x AS SELECT a FROM m2",
        &[],
    ),
    (
        "columns of a view, and one more",
        "CREATE TABLE t (a integer, b text); CREATE VIEW v AS SELECT a, b FROM t; ALTER VIEW v ALTER a SET DEFAULT 1; CREATE VIEW w AS SELECT a AS x FROM v",
        "CREATE TABLE t (a integer, b text); CREATE VIEW v AS SELECT a AS c, b, 1 AS d FROM t; ALTER VIEW v ALTER c SET DEFAULT 1; CREATE VIEW w AS SELECT c AS x FROM v",
        &[],
    ),
    (
        "a column of a materialized view",
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a, 2 AS b; CREATE UNIQUE INDEX i ON m (a); CREATE VIEW w AS SELECT a FROM m",
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS c, 2 AS b; CREATE UNIQUE INDEX i ON m (c); CREATE VIEW w AS SELECT c AS a FROM m",
        &[("CREATE MATERIALIZED VIEW", "m", "c", "a")],
    ),
    (
        "routines and what calls them",
        "CREATE FUNCTION f1(a integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f1(a text) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 2';
         CREATE PROCEDURE p1(a integer, OUT b text) LANGUAGE plpgsql AS 'BEGIN b := 1; END'; CREATE FUNCTION g1() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE AGGREGATE a1(integer) (SFUNC = int4pl, STYPE = integer); GRANT EXECUTE ON FUNCTION f1(integer) TO test_reader;
         CREATE TABLE t (a integer DEFAULT f1(1) CHECK (f1(a) > 0)); CREATE INDEX i ON t (f1(a)); CREATE TRIGGER u BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g1();
         CREATE POLICY q ON t USING (f1('x'::text) = a); CREATE VIEW v AS SELECT a1(f1(a)) AS n FROM t",
        "CREATE FUNCTION f2(a integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f2(a text) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 2';
         CREATE PROCEDURE p2(a integer, OUT b text) LANGUAGE plpgsql AS 'BEGIN b := 1; END'; CREATE FUNCTION g2() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE AGGREGATE a2(integer) (SFUNC = int4pl, STYPE = integer); GRANT EXECUTE ON FUNCTION f2(integer) TO test_reader;
         CREATE TABLE t (a integer DEFAULT f2(1) CHECK (f2(a) > 0)); CREATE INDEX i ON t (f2(a)); CREATE TRIGGER u BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g2();
         CREATE POLICY q ON t USING (f2('x'::text) = a); CREATE VIEW v AS SELECT a2(f2(a)) AS n FROM t",
        &[],
    ),
    (
        "a function that changes as well",
        "CREATE FUNCTION f1() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f1() AS a",
        "CREATE FUNCTION f2() RETURNS integer LANGUAGE sql AS 'SELECT 2'; CREATE VIEW v AS SELECT f2() AS a",
        &[("CREATE FUNCTION", "f2", "", "f1")],
    ),
    (
        "types that columns have",
        "CREATE TYPE e1 AS ENUM ('a', 'b'); CREATE TYPE c1 AS (e e1, n integer); CREATE DOMAIN d1 AS c1[] CHECK (array_length(VALUE, 1) > 0);
         CREATE TYPE r1 AS RANGE (SUBTYPE = date); CREATE TYPE s1range AS RANGE (SUBTYPE = text); CREATE TYPE t1 AS RANGE (SUBTYPE = bigint, MULTIRANGE_TYPE_NAME = many);
         CREATE COLLATION k1 (LOCALE = 'C'); CREATE TABLE t (a d1, b c1, c e1 DEFAULT 'a', r r1, s s1range, u r1_multirange, k text COLLATE k1, CHECK (r <> r1('2020-01-01', '2021-01-01')));
         CREATE VIEW v AS SELECT a, r1_multirange(r) AS r, s1multirange(s) AS s FROM t",
        "CREATE TYPE e2 AS ENUM ('a', 'b'); CREATE TYPE c2 AS (e e2, n integer); CREATE DOMAIN d2 AS c2[] CHECK (array_length(VALUE, 1) > 0);
         CREATE TYPE r2 AS RANGE (SUBTYPE = date); CREATE TYPE s2range AS RANGE (SUBTYPE = text); CREATE TYPE t2 AS RANGE (SUBTYPE = bigint, MULTIRANGE_TYPE_NAME = many);
         CREATE COLLATION k2 (LOCALE = 'C'); CREATE TABLE t (a d2, b c2, c e2 DEFAULT 'a', r r2, s s2range, u r2_multirange, k text COLLATE k2, CHECK (r <> r2('2020-01-01', '2021-01-01')));
         CREATE VIEW v AS SELECT a, r2_multirange(r) AS r, s2multirange(s) AS s FROM t",
        &[],
    ),
    (
        "what is within types",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE c AS (a integer, b text); CREATE TABLE t (e e DEFAULT 'a', c c CHECK ((c).a > 0))",
        "CREATE TYPE e AS ENUM ('z', 'b', 'd'); CREATE TYPE c AS (x integer, b text); CREATE TABLE t (e e DEFAULT 'z', c c CHECK ((c).x > 0))",
        &[("CREATE TYPE", "e", "z", "a"), ("CREATE TYPE", "c", "x", "a")],
    ),
    (
        "checks of a domain",
        "CREATE DOMAIN d AS integer CONSTRAINT a CHECK (VALUE > 0) CONSTRAINT b CHECK (VALUE < 9); CREATE TABLE t (a d)",
        "CREATE DOMAIN d AS integer CONSTRAINT c CHECK (VALUE > 0) CONSTRAINT b CHECK (VALUE < 9); CREATE TABLE t (a d)",
        &[],
    ),
    (
        "a sequence, and a table with columns and what they own",
        "CREATE SEQUENCE s1; CREATE TABLE t1 (id serial PRIMARY KEY, a integer DEFAULT nextval('s1') CHECK (a > 0)); CREATE VIEW v AS SELECT id, a FROM t1",
        "CREATE SEQUENCE s2; CREATE TABLE t2 (id serial PRIMARY KEY, b integer DEFAULT nextval('s2') CHECK (b > 0)); CREATE VIEW v AS SELECT id, b AS a FROM t2",
        &[("CREATE SEQUENCE", "s2", "", "s1"), ("CREATE TABLE", "t2", "", "t1"), ("CREATE TABLE", "t2", "b", "a")],
    ),
    (
        "a schema with all that is in it",
        "CREATE SCHEMA a; CREATE TYPE a.e AS ENUM ('x'); CREATE TABLE a.t (e a.e); CREATE FUNCTION a.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
         CREATE VIEW v AS SELECT e, a.f() AS f FROM a.t; GRANT USAGE ON SCHEMA a TO test_reader",
        "CREATE SCHEMA b; CREATE TYPE b.e AS ENUM ('x'); CREATE TABLE b.t (e b.e); CREATE FUNCTION b.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
         CREATE VIEW v AS SELECT e, b.f() AS f FROM b.t; GRANT USAGE ON SCHEMA b TO test_reader",
        &[("CREATE SCHEMA", "b", "", "a")],
    ),
    (
        "text search",
        "CREATE TEXT SEARCH DICTIONARY d1 (TEMPLATE = simple); CREATE TEXT SEARCH CONFIGURATION c1 (PARSER = default);
         ALTER TEXT SEARCH CONFIGURATION c1 ADD MAPPING FOR word WITH d1; CREATE TABLE t (a text); CREATE INDEX i ON t USING gin (to_tsvector('c1', a))",
        "CREATE TEXT SEARCH DICTIONARY d2 (TEMPLATE = simple); CREATE TEXT SEARCH CONFIGURATION c2 (PARSER = default);
         ALTER TEXT SEARCH CONFIGURATION c2 ADD MAPPING FOR word WITH d2; CREATE TABLE t (a text); CREATE INDEX i ON t USING gin (to_tsvector('c2', a))",
        &[],
    ),
    (
        "a name that another one frees",
        "CREATE VIEW a AS SELECT 1 AS a; CREATE VIEW b AS SELECT 2 AS b",
        "CREATE MATERIALIZED VIEW a AS SELECT 3 AS c; CREATE VIEW c AS SELECT 1 AS a; CREATE VIEW d AS SELECT 2 AS b",
        &[],
    ),
];

/// Those with further changes.
const OTHERS: &[&str] = &[
    "a function that changes as well",
    "a name that another one frees",
    "columns of a view, and one more",
    "what is within types",
];

#[tokio::test]
async fn each_pair_is_renamed_and_back() {
    let mut failed = Vec::new();
    for (name, old, new, declared) in PAIRS {
        let Some(mut database) = Database::new("rename_old").await else { return };
        let mut other = Database::new("rename_new").await.unwrap();
        common::roles(&mut other.conn, &["test_reader"]).await;
        database.run(old).await.unwrap();
        other.run(new).await.unwrap();
        let (before, after) = (Wanted::of(&mut database).await, Wanted::of(&mut other).await);
        let there = declared.iter().map(|(what, name, within, old)| Declared {
            what: (*what).to_owned(),
            schema: None,
            name: (*name).to_owned(),
            within: within.split_whitespace().map(str::to_owned).collect(),
            old: (*old).to_owned(),
        });
        let result = round_trip(&mut database, (&before, &after), &there.collect::<Vec<_>>()).await;
        match result {
            Err(error) => failed.push(format!("{name}: {error}")),
            Ok(steps) => {
                let others = || steps.iter().flat_map(|step| &step.statements);
                let is_other = |sql: &String| !sql.contains(" RENAME ");
                if !OTHERS.contains(name) && others().any(is_other) {
                    failed.push(format!("{name}: more than renames:\n{}", text(&steps)));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What is done after renames that a server carries out.
async fn round_trip(
    database: &mut Database,
    (before, after): (&Wanted, &Wanted),
    declared: &[Declared],
) -> Result<Vec<Step>, String> {
    let (mut renames, mut prev) = (Vec::new(), before.state.clone());
    loop {
        let more = rename::ready(&prev, &after.state, declared);
        if more.is_empty() {
            break;
        }
        let up: Vec<Step> = more.iter().flat_map(|rename| rename.up.clone()).collect();
        database.apply(&up).await?;
        prev = database.state().await;
        renames.extend(more);
    }
    let parts = rename::parts(&mut prev, &after.state);
    let up: Vec<Step> = parts.iter().flat_map(|rename| rename.up.clone()).collect();
    database.apply(&up).await?;
    renames.extend(parts);
    let steps = plan(&prev, &after.state).map_err(|error| error.to_string())?;
    database.apply(&steps).await?;
    after.check(database).await?;
    let mut down = plan(&after.state, &prev).map_err(|error| error.to_string())?;
    down.extend(renames.iter().rev().flat_map(|Rename { down, .. }| down.clone()));
    database.apply(&down).await?;
    before.check(database).await?;
    Ok(steps)
}
