//! Pairs of states: a name, the old and the new one.

/// A name, the old and the new state, and the oldest PostgreSQL that has all of it.
pub const NEWER: &[(u32, &str, &str, &str)] = &[
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

pub const PAIRS: &[(&str, &str, &str)] = &[
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
