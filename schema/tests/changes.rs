//! Small pairs of states, each migrated up, down and up again.

mod common;

use common::{Database, Wanted, text};
use whimbrel_schema::plan;
use whimbrel_schema::step::HazardKind;

/// A name, the old and the new state, and the oldest PostgreSQL that has all of it.
const NEWER: &[(u32, &str, &str, &str)] = &[
    (
        17,
        "partitions with an exclusion constraint get other places",
        "CREATE TABLE p (r int4range, s int4range, EXCLUDE USING gist (r WITH =, s WITH &&)) PARTITION BY RANGE (r);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('[0,0]') TO ('[10,10]'); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('[20,20]') TO ('[30,30]')",
        "CREATE TABLE p (r int4range, s int4range, EXCLUDE USING gist (r WITH =, s WITH &&)) PARTITION BY RANGE (r);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('[0,0]') TO ('[20,20]'); CREATE TABLE p2 (r int4range, s int4range)",
    ),
    (
        18,
        "a virtual column becomes one like others",
        "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL); CREATE VIEW v AS SELECT b FROM t",
        "CREATE TABLE t (a integer, b integer); CREATE VIEW v AS SELECT b FROM t",
    ),
    (
        18,
        "default privileges of large objects",
        "SELECT 1",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO test_reader",
    ),
];

const PAIRS: &[(&str, &str, &str)] = &[
    (
        "a primary key goes after a table that a function reads, and its column can be NULL",
        "CREATE TABLE o (k integer PRIMARY KEY); CREATE TABLE t (a text, k integer REFERENCES o);
         CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(a) FROM t; END; CREATE TABLE u (a integer)",
        "CREATE TABLE o (k integer); CREATE TABLE u (a integer); CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM u; END",
    ),
    (
        "an identity takes the place of the sequence of another column, which goes with that",
        "CREATE SEQUENCE numbers; CREATE TABLE t (a integer); ALTER SEQUENCE numbers OWNED BY t.a; CREATE TABLE u (a bigint NOT NULL DEFAULT nextval('numbers'))",
        "CREATE TABLE u (a bigint GENERATED ALWAYS AS IDENTITY)",
    ),
    (
        "a function with another optional argument is called by what changes",
        "CREATE FUNCTION f() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1; CREATE FUNCTION g(a integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a;
         CREATE TABLE t (a integer, b integer CHECK (b > f())); CREATE POLICY p ON t USING (a > f()); CREATE VIEW v AS SELECT f() AS one, g() AS other;
         CREATE DOMAIN d AS integer DEFAULT f() CHECK (VALUE > f()); CREATE FUNCTION caller() RETURNS integer LANGUAGE sql RETURN f() + g(2)",
        "CREATE FUNCTION f(a text DEFAULT 'a') RETURNS integer LANGUAGE sql IMMUTABLE RETURN 2; CREATE FUNCTION g() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 3;
         CREATE TABLE t (a integer, b integer CHECK (b > f())); CREATE POLICY p ON t USING (a > f() + 1); CREATE VIEW v AS SELECT f() AS one, g() AS other, 3 AS more;
         CREATE DOMAIN d AS integer DEFAULT f() + 1 CHECK (VALUE > f()); CREATE FUNCTION caller() RETURNS integer LANGUAGE sql RETURN f() + g()",
    ),
    (
        "a column's privilege of a role that becomes the owner, and no longer is",
        "CREATE TABLE t (a integer, b integer); GRANT UPDATE (a) ON t TO test_reader; ALTER TABLE t OWNER TO test_writer",
        "CREATE TABLE t (a integer, b integer); ALTER TABLE t OWNER TO test_reader",
    ),
    (
        "a domain over a range type that changes",
        "CREATE TYPE fr AS RANGE (SUBTYPE = float8); CREATE DOMAIN d AS fr CHECK (NOT isempty(VALUE)); CREATE TABLE t (a d, b fr, c d[])",
        "CREATE TYPE fr AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi); CREATE DOMAIN d AS fr CHECK (NOT isempty(VALUE)); CREATE TABLE t (a d, b fr, c d[])",
    ),
    (
        "a table whose rows are a column gets columns",
        "CREATE TABLE a (x integer, y text); CREATE TABLE b (r a, s a[])",
        "CREATE TABLE a (x integer, y text, z integer DEFAULT 5, n serial, g integer GENERATED ALWAYS AS (x + 1) STORED); CREATE TABLE b (r a, s a[])",
    ),
    (
        "two tables become partitions",
        "CREATE TABLE p (k integer, v integer) PARTITION BY LIST (k); CREATE TABLE p1 (k integer, v integer); CREATE TABLE p2 (k integer, v integer) PARTITION BY LIST (k);
         CREATE TABLE p3 PARTITION OF p2 FOR VALUES IN (2); CREATE TABLE p4 PARTITION OF p FOR VALUES IN (4)",
        "CREATE TABLE p (k integer, v integer) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (4) PARTITION BY LIST (k);
         CREATE TABLE p3 (k integer, v integer); CREATE TABLE p4 PARTITION OF p FOR VALUES IN (5)",
    ),
    (
        "a table with an index, a key and a partition of its own is attached beside equal ones",
        "CREATE TABLE p (k integer, v integer, CONSTRAINT u UNIQUE (k, v)) PARTITION BY LIST (k); CREATE INDEX p_v ON p (v);
         CREATE TABLE p1 (k integer, v integer, CONSTRAINT p1_u UNIQUE (k, v)) PARTITION BY LIST (k); CREATE INDEX p1_v ON p1 (v);
         CREATE TABLE p2 (k integer, v integer); CREATE INDEX p2_v ON p2 (v DESC); CREATE TABLE p11 PARTITION OF p1 FOR VALUES IN (1); CREATE INDEX p11_k ON p11 (k)",
        "CREATE TABLE p (k integer, v integer, CONSTRAINT u UNIQUE (k, v)) PARTITION BY LIST (k); CREATE INDEX p_v ON p (v);
         CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (k); ALTER TABLE p1 ADD CONSTRAINT p1_u UNIQUE (k, v); CREATE INDEX p1_v ON p1 (v);
         CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); CREATE INDEX p2_v ON p2 (v DESC)",
    ),
    (
        "a partitioned table gets keys that its partition has of its own",
        "CREATE TABLE o (k integer PRIMARY KEY); CREATE TABLE p (k integer, v integer) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
         ALTER TABLE p1 ADD CONSTRAINT own UNIQUE (k, v), ADD CONSTRAINT ref FOREIGN KEY (k) REFERENCES o; CREATE TABLE r (k integer, v integer, FOREIGN KEY (k, v) REFERENCES p1 (k, v))",
        "CREATE TABLE o (k integer PRIMARY KEY); CREATE TABLE p (k integer REFERENCES o, v integer, CONSTRAINT whole UNIQUE (k, v)) PARTITION BY LIST (k);
         CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); ALTER TABLE p1 ADD CONSTRAINT own UNIQUE (k, v), ADD CONSTRAINT ref FOREIGN KEY (k) REFERENCES o;
         CREATE TABLE r (k integer, v integer, FOREIGN KEY (k, v) REFERENCES p1 (k, v))",
    ),
    (
        "an index of a partitioned table alone becomes one of its partitions, too, another goes",
        "CREATE TABLE p (k integer, v integer) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX i ON ONLY p (v); CREATE INDEX j ON ONLY p (k)",
        "CREATE TABLE p (k integer, v integer) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE INDEX i ON p (v)",
    ),
    (
        "a table changes whose rows are within types of columns",
        "CREATE TABLE a (x integer, y integer); CREATE TYPE c AS (r a, n integer); CREATE DOMAIN d AS a; CREATE DOMAIN l AS a[]; CREATE TABLE u (c c, d d, l l, s c[], n integer);
         CREATE TABLE b (x integer); CREATE TYPE e AS (b b); CREATE TABLE w (e e, n integer); CREATE TYPE unused AS (a a)",
        "CREATE TABLE a (x bigint, y integer); CREATE TYPE c AS (r a, n integer); CREATE DOMAIN d AS a; CREATE DOMAIN l AS a[]; CREATE TABLE u (c c, d d, l l, s c[], n integer);
         CREATE TABLE b (x integer, y text DEFAULT random()::text); CREATE TYPE e AS (b b); CREATE TABLE w (e e, n integer); CREATE TYPE unused AS (a a)",
    ),
    (
        "a table is made again whose rows are within types of columns",
        "CREATE TABLE a (x integer, y integer) PARTITION BY LIST (x); CREATE TYPE c AS (r a, n integer); CREATE DOMAIN d AS a; CREATE TABLE u (c c, d d, n integer)",
        "CREATE TABLE a (x integer, y integer) PARTITION BY LIST (y); CREATE TYPE c AS (r a, n integer); CREATE DOMAIN d AS a; CREATE TABLE u (c c, d d, n integer)",
    ),
    (
        "a table that others inherit from gets a check that they have of their own",
        "CREATE TABLE b (a integer); CREATE TABLE c (CONSTRAINT k CHECK (a > 0)) INHERITS (b); CREATE TABLE e (CONSTRAINT k CHECK (a > 0)) INHERITS (c);
         CREATE TABLE f (CONSTRAINT k CHECK (a > 0)) INHERITS (b)",
        "CREATE TABLE b (a integer, CONSTRAINT k CHECK (a > 0)); CREATE TABLE c () INHERITS (b); CREATE TABLE e () INHERITS (c);
         CREATE TABLE f (CONSTRAINT k CHECK (a > 0)) INHERITS (b)",
    ),
    (
        "labels of an enum in a partition key that is an expression change",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (k e, v integer) PARTITION BY LIST ((k > 'a'::e)); CREATE TABLE ta PARTITION OF t FOR VALUES IN (true)",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE t (k e, v integer) PARTITION BY LIST ((k > 'a'::e)); CREATE TABLE ta PARTITION OF t FOR VALUES IN (true)",
    ),
    (
        "an extension moves to another schema",
        "CREATE SCHEMA x; CREATE EXTENSION citext; CREATE DOMAIN d AS citext; CREATE TABLE t (a citext DEFAULT 'b', b citext[] NOT NULL, c d); CREATE INDEX i ON t (a)",
        "CREATE SCHEMA x; CREATE EXTENSION citext SCHEMA x; CREATE DOMAIN d AS x.citext; CREATE TABLE t (a x.citext DEFAULT 'b', b x.citext[], c d); CREATE INDEX i ON t (a)",
    ),
    (
        "owners",
        "CREATE TABLE t (a serial PRIMARY KEY, b integer GENERATED ALWAYS AS IDENTITY, c text); GRANT SELECT ON t TO test_writer; GRANT SELECT (a) ON t TO test_reader;
         CREATE SEQUENCE s; CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO test_writer;
         CREATE TYPE e AS ENUM ('a'); CREATE VIEW v AS SELECT a FROM t; ALTER VIEW v OWNER TO test_reader; CREATE SCHEMA app AUTHORIZATION test_writer;
         CREATE TABLE u (a integer); ALTER TABLE u OWNER TO test_reader; REVOKE DELETE ON u FROM test_reader; GRANT INSERT (a) ON u TO test_reader;
         CREATE TABLE w (a integer); ALTER TABLE w OWNER TO test_writer; CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; ALTER TABLE m OWNER TO test_writer",
        "CREATE TABLE t (a serial PRIMARY KEY, b integer GENERATED ALWAYS AS IDENTITY, c text); ALTER TABLE t OWNER TO test_writer; GRANT SELECT (a) ON t TO test_reader;
         CREATE SEQUENCE s; ALTER SEQUENCE s OWNER TO test_reader; CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION f() OWNER TO test_reader;
         CREATE TYPE e AS ENUM ('a'); ALTER TYPE e OWNER TO test_writer; CREATE VIEW v AS SELECT a, c FROM t; ALTER VIEW v OWNER TO test_reader; CREATE SCHEMA app;
         CREATE TABLE u (a integer); ALTER TABLE u OWNER TO test_reader; REVOKE INSERT ON u FROM test_reader; GRANT SELECT (a) ON u TO test_reader;
         CREATE TABLE w (a serial); ALTER TABLE w OWNER TO test_writer; CREATE MATERIALIZED VIEW m AS SELECT 2 AS a; ALTER TABLE m OWNER TO test_writer;
         CREATE DOMAIN d AS integer; ALTER DOMAIN d OWNER TO test_reader; CREATE AGGREGATE sum_of(integer) (SFUNC = int4pl, STYPE = integer); ALTER AGGREGATE sum_of(integer) OWNER TO test_reader",
    ),
    (
        "default privileges of another role, and of its own objects",
        "ALTER DEFAULT PRIVILEGES FOR ROLE test_reader GRANT SELECT ON TABLES TO test_writer",
        "ALTER DEFAULT PRIVILEGES FOR ROLE test_reader REVOKE DELETE ON TABLES FROM test_reader",
    ),
    (
        "an index of a partition beside those of its table",
        "CREATE TABLE m (id integer, k text NOT NULL, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a')",
        "CREATE TABLE m (id integer, k text NOT NULL, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a');
         CREATE INDEX mi ON m (v); CREATE INDEX ma_own ON ma (v DESC)",
    ),
    (
        "an index of a partition that its table has, too",
        "CREATE TABLE m (k text, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a') PARTITION BY LIST (k);
         CREATE TABLE maa PARTITION OF ma FOR VALUES IN ('a'); CREATE INDEX maa_own ON maa (v DESC) WITH (fillfactor = 50); CREATE INDEX maa_k ON maa (k);
         COMMENT ON INDEX maa_own IS 'own'",
        "CREATE TABLE m (k text, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a') PARTITION BY LIST (k);
         CREATE TABLE maa PARTITION OF ma FOR VALUES IN ('a'); CREATE INDEX mi ON m (v); CREATE INDEX maa_own ON maa (v DESC) WITH (fillfactor = 50);
         CREATE INDEX maa_k ON maa (k); COMMENT ON INDEX maa_own IS 'own'",
    ),
    (
        "an index of a partition becomes a part of one of its table",
        "CREATE TABLE m (k text, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a'); CREATE INDEX ma_own ON ma (v)",
        "CREATE TABLE m (k text, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('a'); CREATE INDEX ma_own ON ma (v);
         CREATE INDEX mi ON m (v)",
    ),
    (
        "keys and checks of a partition were those of its table",
        "CREATE TABLE m (k text UNIQUE CHECK (k > 'a'), v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('b')",
        "CREATE TABLE m (k text, v integer) PARTITION BY LIST (k); CREATE TABLE ma PARTITION OF m FOR VALUES IN ('b');
         ALTER TABLE ma ADD UNIQUE (k), ADD CONSTRAINT m_k_check CHECK (k > 'a')",
    ),
    (
        "another primary key takes the place of one that a view needs",
        "CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE VIEW v AS SELECT id, a FROM t GROUP BY id",
        "CREATE TABLE t (id integer, a text, CONSTRAINT pk2 PRIMARY KEY (id)); CREATE VIEW v AS SELECT id, a, 1 AS z FROM t GROUP BY id",
    ),
    (
        "tables that refer to each other are no longer logged",
        "CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY REFERENCES a); CREATE TABLE aa (id integer REFERENCES b);
         CREATE TABLE c (id integer REFERENCES a)",
        "CREATE UNLOGGED TABLE a (id integer PRIMARY KEY); CREATE UNLOGGED TABLE b (id integer PRIMARY KEY REFERENCES a);
         CREATE UNLOGGED TABLE aa (id integer REFERENCES b); CREATE TABLE c (id integer)",
    ),
    (
        "a table changes whose rows are in a column",
        "CREATE TABLE a (x integer, y integer); CREATE TABLE b (r a, s a[], n integer); CREATE VIEW v AS SELECT r FROM b",
        "CREATE TABLE a (x bigint, y integer); CREATE TABLE b (r a, s a[], n integer); CREATE VIEW v AS SELECT r FROM b",
    ),
    (
        "labels of an enum in a partition key change",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (k e, v integer) PARTITION BY LIST (k); CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
         CREATE TABLE u (k e)",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE t (k e, v integer) PARTITION BY LIST (k); CREATE TABLE ta PARTITION OF t FOR VALUES IN ('a');
         CREATE TABLE u (k e)",
    ),
    (
        "comments on the indexes of keys",
        "CREATE TABLE t (a integer PRIMARY KEY, b integer UNIQUE, c integer, d integer CONSTRAINT e UNIQUE);
         COMMENT ON INDEX t_pkey IS 'a'; COMMENT ON CONSTRAINT t_pkey ON t IS 'b'; COMMENT ON INDEX t_b_key IS 'c'; COMMENT ON INDEX e IS 'd'",
        "CREATE TABLE t (a integer PRIMARY KEY, b integer UNIQUE, c integer UNIQUE, d integer, CONSTRAINT e UNIQUE (c, d));
         COMMENT ON INDEX t_pkey IS 'it''s another'; COMMENT ON INDEX t_c_key IS 'e'; COMMENT ON INDEX e IS 'd'",
    ),
    (
        "a partition leaves without what its table passed on",
        "CREATE TABLE p (a integer NOT NULL CHECK (a > 0), b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE INDEX p_b ON p (b); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p (a integer NOT NULL CHECK (a > 0), b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE INDEX p_b ON p (b); CREATE TABLE p1 (a integer NOT NULL, b integer)",
    ),
    (
        "a partition leaves with some of what its table passed on",
        "CREATE TABLE p (a integer PRIMARY KEY CHECK (a > 0), b integer) PARTITION BY RANGE (a);
         CREATE INDEX p_b ON p (b); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p (a integer PRIMARY KEY CHECK (a > 0), b integer) PARTITION BY RANGE (a);
         CREATE INDEX p_b ON p (b); CREATE TABLE p1 (a integer NOT NULL, b integer, CONSTRAINT p_a_check CHECK (a > 0));
         CREATE INDEX p1_b_idx ON p1 (b)",
    ),
    (
        "a partition gets another place when its table loses a check, a key and an index",
        "CREATE TABLE p (a integer NOT NULL CHECK (a > 0), b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE INDEX p_b ON p (b); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p (a integer NOT NULL, b integer) PARTITION BY RANGE (a);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (20)",
    ),
    (
        "a partition outlives its table",
        "CREATE TABLE p (a integer NOT NULL CHECK (a > 0), b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (a);
         CREATE TABLE p11 PARTITION OF p1 FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p1 (a integer NOT NULL, b integer) PARTITION BY RANGE (a);
         CREATE TABLE p11 PARTITION OF p1 FOR VALUES FROM (0) TO (10)",
    ),
    (
        "a partition goes to another table",
        "CREATE TABLE p (a integer NOT NULL CHECK (a > 0), b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE TABLE q (a integer NOT NULL CHECK (a > 1), b integer, UNIQUE (a)) PARTITION BY RANGE (a);
         CREATE TABLE r PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p (a integer NOT NULL CHECK (a > 0), b integer, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE TABLE q (a integer NOT NULL CHECK (a > 1), b integer, UNIQUE (a)) PARTITION BY RANGE (a);
         CREATE TABLE r PARTITION OF q FOR VALUES FROM (0) TO (10)",
    ),
    (
        "a table leaves its parent without what that passed on",
        "CREATE TABLE p (a integer CHECK (a > 0), b integer); CREATE TABLE c (a integer, b integer) INHERITS (p)",
        "CREATE TABLE p (a integer CHECK (a > 0), b integer); CREATE TABLE c (a integer, b integer)",
    ),
    (
        "a table goes that repeats a column of its parent, and a parent of another",
        "CREATE TABLE p (a integer); CREATE TABLE c (a integer, b integer) INHERITS (p); CREATE TABLE q (a integer);
         CREATE TABLE d (a integer) INHERITS (q)",
        "CREATE TABLE d (a integer)",
    ),
    (
        "the name of a constraint's index goes to another table",
        "CREATE TABLE a (c0 integer); CREATE TABLE n (c0 integer, CONSTRAINT used UNIQUE (c0)); CREATE VIEW v AS SELECT c0 FROM n",
        "CREATE TABLE n (c0 integer); CREATE TABLE o (c0 integer, CONSTRAINT used UNIQUE (c0)); CREATE VIEW v AS SELECT c0 FROM o",
    ),
    (
        "a column of a view has a collation of the same name elsewhere",
        "CREATE COLLATION c (LOCALE = 'C'); CREATE TABLE t (a text COLLATE c); CREATE TABLE u (a text); CREATE VIEW v AS SELECT a FROM t",
        "CREATE COLLATION c (LOCALE = 'POSIX'); CREATE TABLE t (a text); CREATE DOMAIN d AS text COLLATE c; CREATE TABLE u (a d);
         CREATE VIEW v AS SELECT a::text AS a FROM u",
    ),
    (
        "an index of whole rows stands while the type of a column changes",
        "CREATE TABLE t (a integer); CREATE FUNCTION f(r t) RETURNS integer IMMUTABLE LANGUAGE sql RETURN (r).a; CREATE INDEX i ON t (f(t)); INSERT INTO t VALUES (1)",
        "CREATE TABLE t (a bigint); CREATE FUNCTION f(r t) RETURNS integer IMMUTABLE LANGUAGE sql RETURN 2; CREATE INDEX i ON t (f(t))",
    ),
    (
        "an operator of an exclusion constraint is that of another type",
        "CREATE EXTENSION citext; CREATE TABLE t (a citext, EXCLUDE (a WITH =))",
        "CREATE SCHEMA s; CREATE EXTENSION citext SCHEMA s; CREATE TABLE t (a text, EXCLUDE (a WITH =))",
    ),
    (
        "the name of a multirange type goes from one range type to another",
        "CREATE TYPE b AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = many); CREATE TABLE t (a b)",
        "CREATE TYPE a AS RANGE (SUBTYPE = text, MULTIRANGE_TYPE_NAME = many); CREATE TABLE t (a integer)",
    ),
    (
        "statistics targets stay when the type of a column changes",
        "CREATE TABLE t (a integer, b text, c integer); CREATE STATISTICS s ON b, a, (a + 1) FROM t; ALTER STATISTICS s SET STATISTICS 7;
         CREATE INDEX i ON t ((a + 1)); ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 8",
        "CREATE TABLE t (a bigint, b text, c integer); CREATE STATISTICS s ON b, a, (a + 1) FROM t; ALTER STATISTICS s SET STATISTICS 7;
         CREATE INDEX i ON t ((a + 1)); ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 8",
    ),
    (
        "a collation is made again, and the domains and columns that have it",
        "CREATE COLLATION c (LOCALE = 'C'); CREATE DOMAIN d AS text COLLATE c; CREATE TYPE e AS (a text COLLATE c);
         CREATE TABLE t (a d DEFAULT lower('A'), b text COLLATE c DEFAULT 'b', c e); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a, b FROM t",
        "CREATE COLLATION c (LOCALE = 'POSIX'); CREATE DOMAIN d AS text COLLATE c; CREATE TYPE e AS (a text COLLATE c);
         CREATE TABLE t (a d DEFAULT lower('A'), b text COLLATE c DEFAULT 'b', c e); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a, b FROM t",
    ),
    (
        "a function computes a new label for a new column",
        "CREATE TYPE m AS ENUM ('b'); CREATE FUNCTION f() RETURNS m LANGUAGE sql AS 'SELECT (enum_range(NULL::m))[1]'; CREATE TABLE t (a integer, b m);
         INSERT INTO t VALUES (1, 'b')",
        "CREATE TYPE m AS ENUM ('a', 'b'); CREATE FUNCTION f() RETURNS m LANGUAGE sql AS 'SELECT (enum_range(NULL::m))[1]';
         CREATE TABLE t (a integer, b m, c m DEFAULT f())",
    ),
    (
        "an identity is added beside tables that do not get it",
        "CREATE TABLE p (a integer) PARTITION BY LIST (a); CREATE TABLE q PARTITION OF p DEFAULT; CREATE TABLE t (a text);
         CREATE TABLE u () INHERITS (t); INSERT INTO p VALUES (1), (2); INSERT INTO t VALUES ('a'); INSERT INTO u VALUES ('b')",
        "CREATE TABLE p (a integer, b smallint GENERATED ALWAYS AS IDENTITY (START 7)) PARTITION BY LIST (a);
         CREATE TABLE q PARTITION OF p DEFAULT; CREATE TABLE t (a text, b bigint GENERATED BY DEFAULT AS IDENTITY); CREATE TABLE u () INHERITS (t)",
    ),
    (
        "a key is no longer the replica identity, which is the whole row",
        "CREATE TABLE t (a integer NOT NULL, CONSTRAINT k UNIQUE (a)); ALTER TABLE t REPLICA IDENTITY USING INDEX k;
         CREATE TABLE u (LIKE t); ALTER TABLE u ADD CONSTRAINT l UNIQUE (a); ALTER TABLE u REPLICA IDENTITY USING INDEX l;
         CREATE TABLE p (a integer REFERENCES t (a)) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF p FOR VALUES FROM (1) TO (2);
         ALTER TABLE p ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE t (a integer NOT NULL); ALTER TABLE t REPLICA IDENTITY FULL;
         CREATE TABLE u (LIKE t); ALTER TABLE u ADD CONSTRAINT l UNIQUE (a); ALTER TABLE u REPLICA IDENTITY NOTHING;
         CREATE TABLE p (a integer) PARTITION BY RANGE (a); CREATE TABLE q PARTITION OF p FOR VALUES FROM (3) TO (4)",
    ),
    (
        "a foreign key refers to one of two keys of the same columns",
        "CREATE TABLE t (a integer, b text, CONSTRAINT k UNIQUE (a) INCLUDE (b)); ALTER TABLE t ADD CONSTRAINT l UNIQUE (a);
         CREATE TABLE f (a integer REFERENCES t (a))",
        "CREATE TABLE t (a integer, b text COLLATE \"C\", CONSTRAINT k UNIQUE (a) INCLUDE (b)); CREATE TABLE f (a integer REFERENCES t (a))",
    ),
    (
        "a child declares what its parent has, too",
        "CREATE TABLE p (a integer, b integer, CONSTRAINT c CHECK (a > 0), CONSTRAINT d CHECK (b > 0));
         CREATE TABLE k (a integer, b integer, own text, CONSTRAINT c CHECK (a > 0), CONSTRAINT d CHECK (b > 0)) INHERITS (p)",
        "CREATE TABLE p (a bigint DEFAULT 3, new text); CREATE TABLE k (a bigint DEFAULT 3, b bigint, own text, new text,
             CONSTRAINT c CHECK (a > 0)) INHERITS (p)",
    ),
    (
        "a table gets a parent, and what that needs of it",
        "CREATE TABLE p (a integer, gone text); CREATE TABLE k (a integer, b text)",
        "CREATE TABLE p (a bigint, c text, CONSTRAINT c CHECK (a > 0));
         CREATE TABLE k (a bigint, b text, c text, CONSTRAINT c CHECK (a > 0)) INHERITS (p)",
    ),
    (
        "a partition with keys, indexes and checks is detached",
        "CREATE TABLE p (id integer PRIMARY KEY, t text CONSTRAINT c CHECK (t <> '')) PARTITION BY RANGE (id); CREATE INDEX i ON p (t);
         CREATE TABLE k PARTITION OF p FOR VALUES FROM (1) TO (9)",
        "CREATE TABLE p (id integer PRIMARY KEY, t text CONSTRAINT c CHECK (t <> '')) PARTITION BY RANGE (id); CREATE INDEX i ON p (t);
         CREATE TABLE k PARTITION OF p FOR VALUES FROM (1) TO (9); ALTER TABLE p DETACH PARTITION k",
    ),
    (
        "a type brings its own compression, also to children",
        "CREATE TABLE p (a text COMPRESSION pglz, b integer) PARTITION BY RANGE (b); CREATE TABLE k PARTITION OF p DEFAULT;
         CREATE TABLE t (a text COMPRESSION pglz)",
        "CREATE TABLE p (a varchar(9) COMPRESSION pglz, b integer) PARTITION BY RANGE (b); CREATE TABLE k PARTITION OF p DEFAULT;
         ALTER TABLE k ALTER a SET COMPRESSION default; CREATE TABLE t (a varchar(9) COMPRESSION pglz)",
    ),
    (
        "a key that includes a column of another type is referred to",
        "CREATE TABLE t (a integer, b integer, CONSTRAINT k UNIQUE (a) INCLUDE (b));
         CREATE TABLE u (a integer REFERENCES t (a)); CREATE VIEW v AS SELECT a FROM u",
        "CREATE TABLE t (a integer, b bigint, CONSTRAINT k UNIQUE (a) INCLUDE (b));
         CREATE TABLE u (a integer REFERENCES t (a)); CREATE VIEW v AS SELECT a FROM u",
    ),
    (
        "a domain within arrays and types of columns gets a check",
        "CREATE DOMAIN d AS text; CREATE DOMAIN e AS d; CREATE TYPE c AS (a integer, d d);
         CREATE TABLE t (a d, b d[], c c, d c[], e e)",
        "CREATE DOMAIN d AS text CONSTRAINT k CHECK (VALUE <> ''); CREATE DOMAIN e AS d; CREATE TYPE c AS (a integer, d d);
         CREATE TABLE t (a d, b d[], c c, d c[], e e)",
    ),
    (
        "columns become domains and what those are made of",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE DOMAIN list AS e[]; CREATE DOMAIN number AS integer CHECK (VALUE > 0);
         CREATE DOMAIN lists AS list; CREATE TABLE t (a e[], b integer, c bigint, d list, f text[])",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE DOMAIN list AS e[]; CREATE DOMAIN number AS integer CHECK (VALUE > 0);
         CREATE DOMAIN lists AS list; CREATE TABLE t (a list, b number, c number, d lists, f list)",
    ),
    (
        "a foreign key refers to another key of the same columns",
        "CREATE TABLE t (a integer, CONSTRAINT k PRIMARY KEY (a)); ALTER TABLE t ADD CONSTRAINT l EXCLUDE (a WITH =);
         CREATE TABLE u (a integer); ALTER TABLE u ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a)",
        "CREATE TABLE t (a integer, b integer NOT NULL, CONSTRAINT k PRIMARY KEY (a, b)); ALTER TABLE t ADD CONSTRAINT l UNIQUE (a);
         CREATE TABLE u (a integer); ALTER TABLE u ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a) NOT VALID",
    ),
    (
        "a view reads a type of the same name elsewhere",
        "CREATE DOMAIN d AS text; CREATE TABLE t (a d); CREATE VIEW v AS SELECT a FROM t",
        "CREATE DOMAIN d AS text COLLATE \"C\"; CREATE TABLE t (a d); CREATE TABLE u (a d, b integer); CREATE VIEW v AS SELECT a, b FROM u",
    ),
    (
        "the name of an identity's sequence goes from one table to another",
        "CREATE TABLE b (a integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME named)); CREATE TABLE c (a integer)",
        "CREATE TABLE a (a integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME named)); CREATE TABLE b (a integer); CREATE TABLE c (a integer)",
    ),
    (
        "an identity's sequence is renamed before its name is taken",
        "CREATE TABLE b (a integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME named))",
        "CREATE TABLE a (a integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME named)); CREATE TABLE b (a integer GENERATED ALWAYS AS IDENTITY)",
    ),
    (
        "privileges of a column whose default is another one stay when those of the table go",
        "CREATE TABLE t (a serial); GRANT UPDATE, SELECT ON t TO test_reader; GRANT UPDATE (a) ON t TO test_reader",
        "CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY); GRANT UPDATE (a) ON t TO test_reader",
    ),
    (
        "values become those of an enum type that gets new labels",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE f AS ENUM ('a'); CREATE TABLE t (a e, b f); INSERT INTO t VALUES ('b', 'a')",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE f AS ENUM ('a', 'b'); CREATE TABLE t (a f, b f)",
    ),
    (
        "a column lets go of its type and of the function of its default",
        "CREATE TYPE m AS ENUM ('a', 'b'); CREATE FUNCTION a_m() RETURNS m LANGUAGE sql AS 'SELECT NULL::m'; CREATE TABLE t (a m DEFAULT a_m())",
        "CREATE TYPE m AS ENUM ('b', 'a'); CREATE FUNCTION a_m() RETURNS m LANGUAGE sql AS 'SELECT NULL::m'; CREATE TABLE t (a m DEFAULT a_m())",
    ),
    (
        "a table with a sequence is made again",
        "CREATE TABLE t (a integer, b serial, c integer) PARTITION BY LIST (a); CREATE TABLE u (a integer DEFAULT nextval('t_b_seq'));
         CREATE TABLE v (a integer, b serial)",
        "CREATE TABLE t (a bigint, b serial, c integer) PARTITION BY LIST (a); CREATE TABLE u (a integer DEFAULT nextval('t_b_seq'));
         CREATE TABLE v (a integer, b bigserial)",
    ),
    (
        "a table with its sequences is unlogged",
        "CREATE TABLE t (a serial, b integer GENERATED ALWAYS AS IDENTITY); CREATE SEQUENCE s OWNED BY t.b",
        "CREATE UNLOGGED TABLE t (a serial, b integer GENERATED ALWAYS AS IDENTITY); CREATE SEQUENCE s OWNED BY t.b",
    ),
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
    (
        "the index that replication knows a row by is dropped",
        "CREATE TABLE t (a integer NOT NULL, b integer NOT NULL, CONSTRAINT k UNIQUE (b)); CREATE UNIQUE INDEX i ON t (a);
         ALTER TABLE t REPLICA IDENTITY USING INDEX i; CREATE TABLE u (a integer NOT NULL, CONSTRAINT j UNIQUE (a));
         ALTER TABLE u REPLICA IDENTITY USING INDEX j",
        "CREATE TABLE t (a integer NOT NULL, b integer NOT NULL, CONSTRAINT k UNIQUE (b)); CREATE TABLE u (a integer NOT NULL)",
    ),
    (
        "what is said of the sequence of an identity",
        "CREATE TABLE t (a integer NOT NULL GENERATED ALWAYS AS IDENTITY, b integer NOT NULL);
         GRANT USAGE ON SEQUENCE t_a_seq TO test_reader; COMMENT ON SEQUENCE t_a_seq IS 'old'",
        "CREATE TABLE t (a integer NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME other), b integer NOT NULL
             GENERATED BY DEFAULT AS IDENTITY); GRANT SELECT ON SEQUENCE other TO test_reader WITH GRANT OPTION;
         COMMENT ON SEQUENCE other IS 'new'; COMMENT ON SEQUENCE t_b_seq IS 'also'",
    ),
    (
        "privileges on an identity's sequence by default",
        "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO test_reader",
        "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO test_reader;
         CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY, b integer GENERATED ALWAYS AS IDENTITY);
         REVOKE USAGE ON SEQUENCE t_b_seq FROM test_reader",
    ),
    (
        "parameters of TOAST tables, in another order",
        "CREATE TABLE t (a text) WITH (fillfactor = 50, toast.autovacuum_enabled = false);
         CREATE VIEW v WITH (security_barrier, check_option = local) AS SELECT a FROM t",
        "CREATE TABLE t (a text) WITH (parallel_workers = 3, fillfactor = 50, toast.vacuum_truncate = false);
         CREATE VIEW v WITH (check_option = local, security_barrier) AS SELECT a FROM t",
    ),
    (
        "checks of a domain that are not valid",
        "CREATE DOMAIN d AS integer; ALTER DOMAIN d ADD CONSTRAINT a CHECK (VALUE > 0) NOT VALID;
         ALTER DOMAIN d ADD CONSTRAINT b CHECK (VALUE > 0) NOT VALID",
        "CREATE DOMAIN d AS integer CONSTRAINT a CHECK (VALUE > 0); ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 1) NOT VALID;
         CREATE DOMAIN e AS integer CONSTRAINT a CHECK (VALUE > 0); ALTER DOMAIN e ADD CONSTRAINT b CHECK (VALUE > 1) NOT VALID",
    ),
    (
        "types, functions and collations of names that PostgreSQL has",
        "CREATE TYPE public.path AS ENUM ('a'); CREATE TABLE t (a public.path DEFAULT 'a', b text);
         CREATE FUNCTION public.uuidv7(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE public.path AS ENUM ('b', 'a'); CREATE COLLATION public.\"C\" (provider = libc, locale = 'POSIX');
         CREATE TABLE t (a public.path DEFAULT 'b', b text COLLATE public.\"C\"); CREATE TABLE public.pg_class (a integer);
         CREATE FUNCTION public.uuidv7(b integer) RETURNS text LANGUAGE sql AS 'SELECT 1'; COMMENT ON TYPE public.path IS 'own'",
    ),
    (
        "an extension has its own tables' parts",
        "CREATE SCHEMA x",
        "CREATE SCHEMA x; CREATE EXTENSION pg_trgm SCHEMA x; CREATE TABLE t (a text); CREATE INDEX i ON t USING gin (a x.gin_trgm_ops);
         CREATE TABLE made (a integer PRIMARY KEY, CONSTRAINT c CHECK (a > 0)); CREATE INDEX made_a ON made (a);
         CREATE STATISTICS made_s ON a, (a + 1) FROM made; CREATE RULE made_r AS ON DELETE TO made DO INSTEAD NOTHING;
         CREATE POLICY made_p ON made; ALTER EXTENSION pg_trgm ADD TABLE made",
    ),
    (
        "a default names a relation that is made again",
        "CREATE TABLE other (a integer) PARTITION BY RANGE (a); CREATE VIEW v AS SELECT 1 AS a;
         CREATE TABLE t (a regclass DEFAULT 'other'::regclass, b regclass DEFAULT 'v'::regclass)",
        "CREATE TABLE other (a integer) PARTITION BY LIST (a); CREATE VIEW v AS SELECT 2::bigint AS b;
         CREATE TABLE t (a regclass DEFAULT 'other'::regclass, b regclass DEFAULT 'v'::regclass)",
    ),
    (
        "a sequence outlives the column that owns it",
        "CREATE SEQUENCE s; CREATE SEQUENCE r; CREATE TABLE t (a bigint DEFAULT nextval('s'), b bigint); ALTER SEQUENCE s OWNED BY t.a;
         CREATE TABLE u (a bigint); ALTER SEQUENCE r OWNED BY u.a",
        "CREATE SEQUENCE s; CREATE SEQUENCE r; CREATE TABLE t (b bigint); ALTER SEQUENCE r OWNED BY t.b;
         CREATE TABLE v (c bigint DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY v.c",
    ),
    (
        "sequences that belong to columns which use the other one",
        "CREATE SEQUENCE s; SELECT nextval('s')",
        "CREATE SEQUENCE s; CREATE SEQUENCE r; CREATE TABLE t (a bigint DEFAULT nextval('r'));
         CREATE TABLE v (c bigint DEFAULT nextval('s')); ALTER SEQUENCE s OWNED BY t.a; ALTER SEQUENCE r OWNED BY v.c",
    ),
    (
        "long names that begin alike",
        "CREATE TYPE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1 AS ENUM ('a', 'b');
         CREATE TYPE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2 AS ENUM ('a', 'b');
         CREATE TABLE t (a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1,
             b aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2)",
        "CREATE TYPE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1 AS ENUM ('b', 'a');
         CREATE TYPE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2 AS ENUM ('b', 'a');
         CREATE TABLE t (a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1,
             b aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2)",
    ),
    (
        "operators change under what uses them",
        "CREATE TYPE p AS (x integer); CREATE FUNCTION lt(p, p) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x < $2.x';
         CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
         CREATE FUNCTION eq(internal, oid, internal, integer) RETURNS double precision LANGUAGE internal AS 'eqsel';
         CREATE OPERATOR <<< (FUNCTION = lt, LEFTARG = p, RIGHTARG = p, RESTRICT = eq);
         CREATE OPERATOR @+ (FUNCTION = plus, LEFTARG = integer, RIGHTARG = integer);
         CREATE DOMAIN d AS integer DEFAULT 1 @+ 2 CHECK (VALUE @+ 1 > 0);
         CREATE TABLE t (a p, b integer DEFAULT 1 @+ 2 CHECK (b @+ 1 > 0), c d, g integer GENERATED ALWAYS AS (b @+ 1) STORED);
         CREATE INDEX i ON t ((b @+ 1)) WHERE a <<< a; CREATE MATERIALIZED VIEW m AS SELECT b @+ 1 AS b FROM t;
         CREATE FUNCTION f(n integer DEFAULT 1 @+ 2) RETURNS integer LANGUAGE sql RETURN n @+ 1;
         CREATE VIEW v AS SELECT a <<< a AS a FROM t; COMMENT ON OPERATOR <<< (p, p) IS 'less'",
        "CREATE TYPE p AS (x integer); CREATE FUNCTION lt(p, p) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.x < $2.x';
         CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
         CREATE FUNCTION add(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
         CREATE OPERATOR <<< (FUNCTION = lt, LEFTARG = p, RIGHTARG = p, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
         CREATE OPERATOR @+ (FUNCTION = add, LEFTARG = integer, RIGHTARG = integer);
         CREATE DOMAIN d AS integer DEFAULT 1 @+ 2 CHECK (VALUE @+ 1 > 0);
         CREATE TABLE t (a p, b integer DEFAULT 1 @+ 2 CHECK (b @+ 1 > 0), c d, g integer GENERATED ALWAYS AS (b @+ 1) STORED);
         CREATE INDEX i ON t ((b @+ 1)) WHERE a <<< a; CREATE MATERIALIZED VIEW m AS SELECT b @+ 1 AS b FROM t;
         CREATE FUNCTION f(n integer DEFAULT 1 @+ 2) RETURNS integer LANGUAGE sql RETURN n @+ 1;
         CREATE VIEW v AS SELECT a <<< a AS a FROM t",
    ),
    (
        "operators that name each other, themselves, and one that is not defined",
        "CREATE FUNCTION f(box, box) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
         CREATE OPERATOR <<< (FUNCTION = f, LEFTARG = box, RIGHTARG = box, COMMUTATOR = >>>, NEGATOR = >>>=);
         CREATE OPERATOR >>> (FUNCTION = f, LEFTARG = box, RIGHTARG = box, COMMUTATOR = <<<);
         CREATE OPERATOR === (FUNCTION = f, LEFTARG = box, RIGHTARG = box, COMMUTATOR = ===, NEGATOR = !==, HASHES, MERGES);
         CREATE VIEW v AS SELECT '0,0,1,1'::box >>> '0,0,1,1'::box AS a",
        "CREATE FUNCTION f(box, box) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
         CREATE FUNCTION g(box, box) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
         CREATE OPERATOR <<< (FUNCTION = g, LEFTARG = box, RIGHTARG = box, COMMUTATOR = >>>, NEGATOR = >>>=);
         CREATE OPERATOR >>> (FUNCTION = f, LEFTARG = box, RIGHTARG = box, COMMUTATOR = <<<);
         CREATE OPERATOR >>>= (FUNCTION = f, LEFTARG = box, RIGHTARG = box, NEGATOR = <<<);
         CREATE OPERATOR === (FUNCTION = f, LEFTARG = box, RIGHTARG = box, COMMUTATOR = ===, NEGATOR = !==, HASHES, MERGES);
         CREATE OPERATOR !== (FUNCTION = g, LEFTARG = box, RIGHTARG = box, COMMUTATOR = !==, NEGATOR = ===);
         CREATE OPERATOR !== (FUNCTION = numeric_uminus, RIGHTARG = numeric);
         CREATE VIEW v AS SELECT '0,0,1,1'::box >>> '0,0,1,1'::box AS a",
    ),
    (
        "casts change under what uses them",
        "CREATE TYPE p AS (x integer); CREATE FUNCTION f(p) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.x::text';
         CREATE CAST (p AS text) WITH FUNCTION f(p) AS IMPLICIT; COMMENT ON CAST (p AS text) IS 'f';
         CREATE TYPE e AS ENUM ('a', 'b'); CREATE CAST (varchar AS e) WITH INOUT AS IMPLICIT; CREATE CAST (e AS date) WITH INOUT;
         CREATE CAST (integer AS date) WITHOUT FUNCTION;
         CREATE TABLE t (a p CHECK (upper(a) <> ''), e e DEFAULT 'a'::varchar); CREATE INDEX i ON t (upper(a));
         CREATE VIEW v AS SELECT upper(a) AS a, 1::date AS d, 'a'::varchar::e AS e FROM t",
        "CREATE TYPE p AS (x integer); CREATE FUNCTION f(p) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.x::text';
         CREATE FUNCTION g(p) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.x::text';
         CREATE CAST (p AS text) WITH FUNCTION g(p) AS IMPLICIT;
         CREATE TYPE e AS ENUM ('b', 'a'); CREATE CAST (varchar AS e) WITH INOUT AS IMPLICIT;
         CREATE CAST (integer AS date) WITHOUT FUNCTION AS ASSIGNMENT; COMMENT ON CAST (integer AS date) IS 'days';
         CREATE TABLE t (a p CHECK (upper(a) <> ''), e e DEFAULT 'a'::varchar); CREATE INDEX i ON t (upper(a));
         CREATE VIEW v AS SELECT upper(a) AS a, 1::date AS d, 'a'::varchar::e AS e FROM t",
    ),
    (
        "the storage of a column is its type's again",
        "CREATE TABLE t (a numeric, b inet, c text); ALTER TABLE t ALTER a SET STORAGE EXTERNAL,
             ALTER b SET STORAGE EXTERNAL, ALTER c SET STORAGE MAIN",
        "CREATE TABLE t (a numeric, b inet, c text)",
    ),
];

#[tokio::test]
async fn a_sequence_goes_on_after_the_values_of_a_column() {
    let Some(mut database) = Database::new("going_on").await else { return };
    let old = "CREATE TABLE t (a integer NOT NULL, b integer NOT NULL, c integer NOT NULL, d integer NOT NULL, e integer)";
    database.run(old).await.unwrap();
    let prev = database.state().await;
    let sequences = "CREATE SEQUENCE downwards INCREMENT BY -1 OWNED BY t.e; ALTER TABLE t
        ALTER a ADD GENERATED BY DEFAULT AS IDENTITY, ALTER b ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 100),
        ALTER c ADD GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -2 START WITH -10),
        ALTER d ADD GENERATED BY DEFAULT AS IDENTITY (MAXVALUE 9 CYCLE), ALTER e SET DEFAULT nextval('downwards')";
    database.run(sequences).await.unwrap();
    let next = database.state().await;
    let back = plan(&next, &prev).unwrap();
    database.apply(&back).await.unwrap();
    database.run("INSERT INTO t VALUES (7, 7, -20, 12, -3)").await.unwrap();
    database.apply(&plan(&prev, &next).unwrap()).await.unwrap();
    database.run("INSERT INTO t DEFAULT VALUES").await.unwrap();
    let sql = "SELECT concat_ws(' ', a, b, c, d, e) FROM t ORDER BY a DESC LIMIT 1";
    let row: String = sqlx::query_scalar(sql).fetch_one(&mut database.conn).await.unwrap();
    assert_eq!(row, "8 100 -22 1 -4");
}

#[tokio::test]
async fn an_identity_goes_on_where_the_sequence_of_the_column_stood() {
    let Some(mut database) = Database::new("serial").await else { return };
    let old = "CREATE TABLE t (a serial, b bigint NOT NULL); CREATE SEQUENCE s; ALTER TABLE t ALTER b SET DEFAULT nextval('s')";
    database.run(old).await.unwrap();
    let prev = database.state().await;
    database
        .run("INSERT INTO t VALUES (1, 1); SELECT setval('t_a_seq', 41), setval('s', 7, false)")
        .await
        .unwrap();
    let mut other = Database::new("identity").await.unwrap();
    let new = "CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY, b bigint GENERATED BY DEFAULT AS IDENTITY); CREATE SEQUENCE s";
    other.run(new).await.unwrap();
    let next = other.state().await;
    let steps = plan(&prev, &next).unwrap();
    assert!(steps.iter().all(|step| step.hazards.is_empty()), "{}", text(&steps));
    database.apply(&steps).await.unwrap();
    assert_eq!(whimbrel_schema::changes(&database.state().await, &next), []);
    database.run("INSERT INTO t DEFAULT VALUES").await.unwrap();
    let sql = "SELECT concat_ws(' ', a, b) FROM t ORDER BY a DESC LIMIT 1";
    let row: String = sqlx::query_scalar(sql).fetch_one(&mut database.conn).await.unwrap();
    assert_eq!(row, "42 7");
}

#[tokio::test]
async fn the_sequence_of_a_column_goes_on_where_that_of_its_identity_stood() {
    let Some(mut database) = Database::new("identity_old").await else { return };
    let old = "CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY, b bigint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME n), c text)";
    database.run(old).await.unwrap();
    let prev = database.state().await;
    database
        .run("INSERT INTO t (c) VALUES ('x'); SELECT setval('t_a_seq', 41), setval('n', 7, false)")
        .await
        .unwrap();
    let mut other = Database::new("serial_new").await.unwrap();
    other.run("CREATE TABLE t (a serial, b smallserial, c text)").await.unwrap();
    let next = other.state().await;
    let steps = plan(&prev, &next).unwrap();
    database.apply(&steps).await.unwrap();
    assert_eq!(whimbrel_schema::changes(&database.state().await, &next), []);
    database.run("INSERT INTO t DEFAULT VALUES").await.unwrap();
    let sql = "SELECT concat_ws(' ', a, b) FROM t ORDER BY a DESC LIMIT 1";
    let row: String = sqlx::query_scalar(sql).fetch_one(&mut database.conn).await.unwrap();
    assert_eq!(row, "42 7", "{}", text(&steps));
}

#[tokio::test]
async fn what_values_lose_within_others_is_declared() {
    let Some(mut database) = Database::new("within_old").await else { return };
    let mut other = Database::new("within_new").await.unwrap();
    let old = "CREATE DOMAIN d AS numeric(10,4); CREATE DOMAIN n AS varchar(9); CREATE TYPE c AS (at timestamptz, d d); CREATE TYPE unused AS (a numeric(10,4));
        CREATE TYPE r AS RANGE (SUBTYPE = timestamptz); CREATE TABLE t (a d, b c, c r, e d[], n n)";
    database.run(old).await.unwrap();
    other.run(&old.replace("timestamptz", "date").replace(",4", ",2").replace('9', "3")).await.unwrap();
    let (prev, next) = (database.state().await, other.state().await);
    let steps = plan(&prev, &next).unwrap();
    let losses =
        steps.iter().flat_map(|step| &step.hazards).filter(|hazard| hazard.kind == HazardKind::DataLoss);
    let losses: Vec<&str> = losses.map(|hazard| hazard.message.as_str()).collect();
    let expected = [
        "converts the values of range type r to another range type r, which cannot hold every value",
        "converts the values of composite type c to another composite type c, which cannot hold every value",
        "converts the values of domain d to another domain d, which cannot hold every value",
        "converts t.a to another d, which cannot hold every value",
    ];
    assert_eq!(losses, expected);
    // A text that is too long is not cut.
    database.run("INSERT INTO t (n) VALUES ('abcdef')").await.unwrap();
    let error = database.apply(&steps).await.unwrap_err();
    assert!(error.contains("value too long"), "{error}");
    let back = plan(&next, &prev).unwrap();
    assert!(
        back.iter().flat_map(|step| &step.hazards).all(|hazard| hazard.kind != HazardKind::DataLoss),
        "{}",
        text(&back)
    );
}

#[tokio::test]
async fn what_keeps_values_of_a_changed_function_is_named() {
    let Some(mut database) = Database::new("computed_old").await else { return };
    let mut other = Database::new("computed_new").await.unwrap();
    let old = "CREATE FUNCTION inner_f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
        CREATE FUNCTION gone(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
        CREATE FUNCTION calls(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN inner_f($1) + gone($1); END';
        CREATE FUNCTION atomic(integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC; SELECT inner_f($1); END;
        CREATE TABLE t (a integer DEFAULT inner_f(1), g integer GENERATED ALWAYS AS (inner_f(a)) STORED, CONSTRAINT c CHECK (inner_f(a) > 0), s text);
        CREATE INDEX i ON t (calls(a)); CREATE INDEX j ON t (atomic(a)); CREATE INDEX k ON t (gone(a)); CREATE INDEX l ON t (g);
        CREATE VIEW v AS SELECT inner_f(a) AS b FROM t; CREATE MATERIALIZED VIEW m AS SELECT b FROM v; CREATE INDEX n ON m (b);
        CREATE TABLE p (a integer) PARTITION BY LIST (inner_f(a)); CREATE DOMAIN d AS integer CHECK (inner_f(VALUE) > 0);
        CREATE TEXT SEARCH CONFIGURATION words (PARSER = default); ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR asciiword WITH simple;
        CREATE INDEX w ON t USING gin (to_tsvector('words', s))";
    database.run(old).await.unwrap();
    let new = old.replace("+ 1'", "+ 2'").replace("gone(a integer)", "gone(b integer)");
    other.run(&new.replace("WITH simple", "WITH english_stem")).await.unwrap();
    let steps = plan(&database.state().await, &other.state().await).unwrap();
    let hazards =
        steps.iter().flat_map(|step| &step.hazards).filter(|hazard| hazard.kind == HazardKind::OutOfDate);
    let mut hazards: Vec<&str> = hazards.map(|hazard| hazard.message.as_str()).collect();
    hazards.sort_unstable();
    let expected = [
        "column t.g keeps what was computed with function inner_f(integer) before: UPDATE t SET g = DEFAULT",
        "constraint t.c keeps what was computed with function inner_f(integer) before: drop and add it, so that rows are checked again",
        "domain d keeps what was computed with function inner_f(integer) before: drop and add its checks, so that rows are checked again",
        "index i keeps what was computed with function gone(integer) before: REINDEX INDEX i",
        "index i keeps what was computed with function inner_f(integer) before: REINDEX INDEX i",
        "index j keeps what was computed with function inner_f(integer) before: REINDEX INDEX j",
        "index w keeps what was computed with text search configuration words before: REINDEX INDEX w",
        "materialized view m keeps what was computed with function inner_f(integer) before: REFRESH MATERIALIZED VIEW m",
        "table p keeps what was computed with function inner_f(integer) before: move rows that belong to other partitions now",
    ];
    assert_eq!(hazards, expected, "{}", text(&steps));
}

#[tokio::test]
async fn types_move_with_their_extension() {
    let Some(mut database) = Database::new("moved_old").await else { return };
    let mut other = Database::new("moved_new").await.unwrap();
    let sql = "CREATE SCHEMA x; CREATE EXTENSION citext; CREATE DOMAIN d AS citext; CREATE TABLE t (a citext, b citext[], c d)";
    database.run(sql).await.unwrap();
    let new =
        sql.replace("EXTENSION citext", "EXTENSION citext SCHEMA x").replace(" AS citext", " AS x.citext");
    other.run(&new.replace("a citext, b citext", "a x.citext, b x.citext")).await.unwrap();
    let steps = plan(&database.state().await, &other.state().await).unwrap();
    let statements: Vec<&String> = steps.iter().flat_map(|step| &step.statements).collect();
    assert_eq!(statements, ["ALTER EXTENSION citext SET SCHEMA x"]);
}

/// PostgreSQL runs the functions of an index as the owner of its table.
#[tokio::test]
async fn an_index_is_created_before_its_table_is_given_to_another_owner() {
    let Some(mut database) = Database::new("given_old").await else { return };
    let mut other = Database::new("given_new").await.unwrap();
    common::roles(&mut database.conn, &["test_reader"]).await;
    let old = "CREATE TABLE t (a integer); CREATE FUNCTION f(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END';
        REVOKE ALL ON FUNCTION f(integer) FROM PUBLIC";
    database.run(&format!("{old}; INSERT INTO t VALUES (1)")).await.unwrap();
    let new = "CREATE INDEX i ON t (f(a)); CREATE INDEX j ON t (f(a + 1)); ALTER TABLE t OWNER TO test_reader; GRANT SELECT ON t TO PUBLIC";
    other.run(&format!("{old}; {new}")).await.unwrap();
    let (prev, next) = (Wanted::of(&mut database).await, Wanted::of(&mut other).await);
    for (from, to) in [(&prev, &next), (&next, &prev)] {
        database.apply(&plan(&from.state, &to.state).unwrap()).await.unwrap();
        to.check(&mut database).await.unwrap();
    }
    database.online_and_back(&prev.state, &next.state).await.unwrap();
}

/// PostgreSQL would find an index of the same statement, which has no rows yet (XX001).
#[tokio::test]
async fn a_default_reads_the_table_that_gets_a_key() {
    let Some(mut database) = Database::new("default_old").await else { return };
    let mut other = Database::new("default_new").await.unwrap();
    let old = "CREATE TABLE t (a integer); CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC; SELECT count(a) FROM t WHERE a > 0; END;
        CREATE DOMAIN d AS bigint DEFAULT f()";
    database.run(old).await.unwrap();
    let new = "ALTER TABLE t ADD b bigint DEFAULT f(), ADD c d; ALTER TABLE t ADD UNIQUE (a)";
    other.run(&format!("{old}; {new}")).await.unwrap();
    let (prev, next) = (database.state().await, other.state().await);
    database.run("INSERT INTO t SELECT generate_series(1, 9)").await.unwrap();
    let script = whimbrel_schema::render::script(&plan(&prev, &next).unwrap(), &[]);
    database.run(&format!("SET enable_seqscan = off; {script}")).await.unwrap();
    let sql = "SELECT count(*) FROM t WHERE b = 9 AND c = 9";
    let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut database.conn).await.unwrap();
    assert_eq!(rows, 9, "{script}");
}

#[tokio::test]
async fn each_pair_goes_up_and_down() {
    let mut failed = Vec::new();
    let newer = NEWER.iter().map(|(since, name, old, new)| (*since, (name, old, new)));
    let pairs = PAIRS.iter().map(|(name, old, new)| (14, (name, old, new))).chain(newer);
    'pairs: for (since, (name, old, new)) in pairs {
        let Some(mut database) = Database::new("change_old").await else { return };
        if database.conn.server_version_num().unwrap() / 10_000 < since {
            continue;
        }
        let mut other = Database::new("change_new").await.unwrap();
        common::roles(&mut other.conn, &["test_reader", "test_writer"]).await;
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
                continue 'pairs;
            }
        }
        let outcome = database.online_and_back(&after.state, &before.state).await;
        failed.extend(outcome.err().map(|error| format!("{name}, in two stages: {error}")));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn attributes_keep_their_values_under_their_names() {
    let Some(mut old) = Database::new("attributes_old").await else { return };
    let mut new = Database::new("attributes_new").await.unwrap();
    let schema = |attributes: &str, check: &str| {
        format!(
            "CREATE TYPE inner_type AS ({attributes}); CREATE TYPE outer_type AS (i inner_type, n text);
             CREATE DOMAIN checked AS inner_type CHECK ((VALUE).{check}); CREATE DOMAIN list AS inner_type[];
             CREATE TABLE t (a inner_type, b inner_type[], c checked, d checked[], e list, f outer_type, g outer_type[])"
        )
    };
    old.run(&schema("x integer, y text, z text", "x > 0")).await.unwrap();
    new.run(&schema("y text, w text, x bigint", "x > 0")).await.unwrap();
    let value = "ROW(1, 'a', 'b')::inner_type";
    old.run(&format!(
        "INSERT INTO t VALUES ({value}, ARRAY[{value}, NULL], {value}, ARRAY[{value}]::checked[], ARRAY[{value}]::list,
            ROW({value}, 'n'), ARRAY[ROW({value}, 'n')]::outer_type[]), (NULL, '{{}}', NULL, NULL, NULL, ROW(NULL, NULL), NULL)"
    ))
    .await
    .unwrap();
    let (prev, next) = (old.state().await, new.state().await);
    let values = async |database: &mut Database| -> Vec<String> {
        let rows = "SELECT jsonb_strip_nulls(to_jsonb(t))::text FROM t ORDER BY a IS NULL";
        sqlx::query_scalar(rows).fetch_all(&mut database.conn).await.unwrap()
    };
    let before = values(&mut old).await;
    let up = plan(&prev, &next).unwrap();
    let losses = up.iter().flat_map(|step| &step.hazards).map(|hazard| hazard.message.as_str());
    assert!(
        losses.clone().any(|loss| loss == "drops attribute inner_type.z and all its values"),
        "{}",
        text(&up)
    );
    old.apply(&up).await.unwrap();
    let without: Vec<String> = before.iter().map(|row| row.replace(r#", "z": "b""#, "")).collect();
    assert_eq!(values(&mut old).await, without);
    old.apply(&plan(&next, &prev).unwrap()).await.unwrap();
    assert_eq!(values(&mut old).await, without);
    assert!(plan(&old.state().await, &prev).unwrap().is_empty());
}

/// What JSON would lose, or refuse: nulls of jsonb, the bounds of arrays, checks that want a value, labels that move, a
/// length that is exceeded.
#[tokio::test]
async fn attributes_keep_all_of_their_values() {
    let Some(mut old) = Database::new("values_old").await else { return };
    let mut new = Database::new("values_new").await.unwrap();
    let schema = |labels: &str, attributes: &str| {
        format!(
            "CREATE TYPE mood AS ENUM ({labels}); CREATE TYPE c AS ({attributes}); CREATE TYPE single AS (m mood);
             CREATE DOMAIN checked AS c CHECK ((VALUE).n IS NOT NULL) NOT NULL;
             CREATE TABLE t (a c, b c[], c checked, d single)"
        )
    };
    let attributes = "n integer, j jsonb, a integer[], m mood, s varchar(9)";
    old.run(&schema("'ok', 'sad'", attributes)).await.unwrap();
    let value = "ROW(1, 'null', '[0:1]={1,2}', 'sad', 'short')::c";
    old.run(&format!(
        "INSERT INTO t VALUES ({value}, ('[0:0]=' || ARRAY[{value}]::text)::c[], {value}, ROW('ok'))"
    ))
    .await
    .unwrap();
    new.run(&schema("'sad', 'ok'", "j jsonb, s varchar(5), m mood, a integer[], n bigint")).await.unwrap();
    let (prev, next) = (old.state().await, new.state().await);
    let values = async |database: &mut Database| -> String {
        let row = "SELECT ARRAY(SELECT (v.v).j = 'null' AND (v.v).a = '[0:1]={1,2}' AND ((v.v).n, (v.v).m::text, (v.v).s)
            = (1, 'sad', 'short') FROM (VALUES (a), (b[0]), (c::c)) v (v))::text || d FROM t";
        sqlx::query_scalar(row).fetch_one(&mut database.conn).await.unwrap()
    };
    assert_eq!(values(&mut old).await, "{t,t,t}(ok)");
    old.apply(&plan(&prev, &next).unwrap()).await.unwrap();
    assert_eq!(values(&mut old).await, "{t,t,t}(ok)");
    assert!(plan(&old.state().await, &next).unwrap().is_empty());
    old.apply(&plan(&next, &prev).unwrap()).await.unwrap();
    assert_eq!(values(&mut old).await, "{t,t,t}(ok)");
    old.run("UPDATE t SET a.s = 'too long'").await.unwrap();
    let error = old.apply(&plan(&prev, &next).unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("too long for type character varying(5)"), "{error}");
}

/// A name that is plausible for a type is not one that another type gets meanwhile.
#[tokio::test]
async fn a_type_that_is_called_old_stays() {
    let Some(mut old) = Database::new("called_old").await else { return };
    let mut new = Database::new("called_old_new").await.unwrap();
    let schema = |labels: &str| {
        format!(
            "CREATE TYPE m AS ENUM ({labels}); CREATE TYPE m__old AS ENUM ({labels}); CREATE TABLE t (a m, b m__old)"
        )
    };
    old.run(&schema("'a', 'b'")).await.unwrap();
    new.run(&schema("'b', 'a'")).await.unwrap();
    let (prev, next) = (old.state().await, new.state().await);
    old.apply(&plan(&prev, &next).unwrap()).await.unwrap();
    assert!(plan(&old.state().await, &next).unwrap().is_empty());
}

/// A label is used in the migration that adds it, however it is written.
#[tokio::test]
async fn labels_with_special_characters_are_used_at_once() {
    let Some(mut old) = Database::new("labels_old").await else { return };
    let mut new = Database::new("labels_new").await.unwrap();
    let labels = ["a\\b", "c\"d", "it''s"];
    for (at, label) in labels.iter().enumerate() {
        old.run(&format!("CREATE TYPE m{at} AS ENUM ('a'); CREATE TABLE t{at} (m m{at})")).await.unwrap();
        let type_and_table =
            "CREATE TYPE m{at} AS ENUM ('a', '{label}'); CREATE TABLE t{at} (m m{at} DEFAULT '{label}')";
        new.run(&type_and_table.replace("{at}", &at.to_string()).replace("{label}", label)).await.unwrap();
    }
    let (prev, next) = (old.state().await, new.state().await);
    old.apply(&plan(&prev, &next).unwrap()).await.unwrap();
    assert!(plan(&old.state().await, &next).unwrap().is_empty());
}

/// A composite type of another name is read by the places of attributes, which is said; also within a domain.
#[tokio::test]
async fn another_composite_type_takes_attributes_by_their_places() {
    let Some(mut old) = Database::new("places_old").await else { return };
    let mut new = Database::new("places_new").await.unwrap();
    let types = "CREATE TYPE one AS (street text, city text); CREATE TYPE two AS (city text, street text)";
    old.run(&format!("{types}; CREATE DOMAIN d AS one; CREATE TABLE t (a one, b d)")).await.unwrap();
    new.run(&format!("{types}; CREATE DOMAIN d AS two; CREATE TABLE t (a two, b d)")).await.unwrap();
    old.run("INSERT INTO t VALUES (ROW('s', 'c'), ROW('s', 'c'))").await.unwrap();
    let (prev, next) = (old.state().await, new.state().await);
    let steps = plan(&prev, &next).unwrap();
    let losses = steps.iter().flat_map(|step| &step.hazards);
    let losses = losses.filter(|hazard| {
        hazard.kind == HazardKind::DataLoss && hazard.message.contains("attributes by their places")
    });
    assert_eq!(losses.count(), 2, "{}", text(&steps));
    old.apply(&steps).await.unwrap();
    assert!(plan(&old.state().await, &next).unwrap().is_empty());
}
