//! Small pairs of states, each migrated up, down and up again.

mod common;

use common::{Database, Wanted, text};
use whimbrel_schema::plan;

const PAIRS: &[(&str, &str, &str)] = &[
    (
        "a partition is attached",
        "CREATE TABLE p (id integer, t text) PARTITION BY RANGE (id); CREATE TABLE c (id integer, t text DEFAULT 'c')",
        "CREATE TABLE p (id integer, t text) PARTITION BY RANGE (id); CREATE TABLE c (id integer, t text DEFAULT 'c');
         ALTER TABLE p ATTACH PARTITION c FOR VALUES FROM (1) TO (2)",
    ),
    (
        "the parent's default changes, the partition's stays",
        "CREATE TABLE p (id integer, t text DEFAULT 'p', u text DEFAULT 'same') PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p (t DEFAULT 'c') DEFAULT",
        "CREATE TABLE p (id integer, t text DEFAULT 'q', u text DEFAULT 'other') PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p (t DEFAULT 'c') DEFAULT",
    ),
    (
        "the partition's own properties come and go",
        "CREATE TABLE p (id integer, t text) PARTITION BY RANGE (id); CREATE TABLE c PARTITION OF p DEFAULT;
         COMMENT ON COLUMN c.t IS 'old'",
        "CREATE TABLE p (id integer, t text) PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p (t DEFAULT 'c' NOT NULL) DEFAULT; COMMENT ON COLUMN c.t IS 'new';
         ALTER TABLE c ALTER COLUMN t SET STATISTICS 7, ALTER COLUMN t SET STORAGE EXTERNAL",
    ),
    (
        "columns of the parent are added, dropped and changed under what reads the partition's",
        "CREATE TABLE p (id integer, t varchar(10), gone text) PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p DEFAULT; CREATE VIEW v AS SELECT t FROM c; CREATE INDEX on_c ON c (t)",
        "CREATE TABLE p (id integer, t text, came integer NOT NULL DEFAULT 3) PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p DEFAULT; CREATE VIEW v AS SELECT t FROM c; CREATE INDEX on_c ON c (t)",
    ),
    (
        "an enum type of a partitioned table is made again",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE p (id integer, e e DEFAULT 'a') PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p (e DEFAULT 'b') DEFAULT",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE p (id integer, e e DEFAULT 'a') PARTITION BY RANGE (id);
         CREATE TABLE c PARTITION OF p (e DEFAULT 'b') DEFAULT",
    ),
    (
        "types that a column has are made again",
        "CREATE TYPE r AS RANGE (subtype = integer); CREATE COLLATION co (provider = libc, locale = 'C');
         CREATE TABLE t (r r, t text COLLATE co)",
        "CREATE TYPE r AS RANGE (subtype = bigint); CREATE COLLATION co (provider = libc, locale = 'POSIX');
         CREATE TABLE t (r r, t text COLLATE co)",
    ),
    (
        "text search changes under an index",
        "CREATE TEXT SEARCH CONFIGURATION s (PARSER = \"default\");
         ALTER TEXT SEARCH CONFIGURATION s ADD MAPPING FOR word, email WITH simple;
         CREATE TABLE t (t text); CREATE INDEX i ON t USING gin (to_tsvector('s', t))",
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, STOPWORDS = english);
         CREATE TEXT SEARCH CONFIGURATION s (PARSER = \"default\");
         ALTER TEXT SEARCH CONFIGURATION s ADD MAPPING FOR word, url WITH d, simple;
         CREATE TABLE t (t text); CREATE INDEX i ON t USING gin (to_tsvector('s', t))",
    ),
    (
        "statistics, rules and parameters of a key",
        "CREATE TABLE t (a integer, b integer, CONSTRAINT k PRIMARY KEY (a)); CREATE STATISTICS s ON a, b FROM t;
         ALTER STATISTICS s SET STATISTICS 5; CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
        "CREATE TABLE t (a bigint, b integer, CONSTRAINT k PRIMARY KEY (a) WITH (fillfactor = 50));
         CREATE STATISTICS s ON a, b FROM t; CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;
         ALTER TABLE t DISABLE RULE r; CREATE RULE n AS ON UPDATE TO t DO ALSO NOTIFY changed",
    ),
    (
        "what is said of columns of views and types",
        "CREATE TYPE c AS (a integer, b integer); COMMENT ON COLUMN c.a IS 'a'; CREATE VIEW v AS SELECT 1 AS a, 2 AS b;
         COMMENT ON COLUMN v.a IS 'a'; GRANT SELECT (a) ON v TO test_reader",
        "CREATE TYPE c AS (a integer, b text); COMMENT ON COLUMN c.b IS 'b'; CREATE VIEW v AS SELECT 1 AS a, 2 AS b, 3 AS c;
         COMMENT ON COLUMN v.c IS 'c'; GRANT SELECT (b) ON v TO test_reader; ALTER VIEW v ALTER COLUMN b SET DEFAULT 3",
    ),
];

#[tokio::test]
async fn each_pair_goes_up_and_down() {
    let mut failed = Vec::new();
    for (name, old, new) in PAIRS {
        let Some(mut database) = Database::new("change_old").await else { return };
        let mut other = Database::new("change_new").await.unwrap();
        common::roles(&mut other.conn, &["test_reader"]).await;
        database.run(old).await.unwrap();
        other.run(new).await.unwrap();
        let (before, after) = (Wanted::of(&mut database).await, Wanted::of(&mut other).await);
        for (prev, next) in [(&before, &after), (&after, &before), (&before, &after)] {
            let steps = plan(&prev.state, &next.state).unwrap();
            let mut result = database.apply(&steps).await;
            if result.is_ok() {
                result = next.check(&mut database).await;
            }
            if let Err(error) = result {
                failed.push(format!("{name}: {error}after\n{}", text(&steps)));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
