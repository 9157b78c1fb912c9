-- Every kind of object and every property that is managed, PostgreSQL 14.
COMMENT ON SCHEMA public IS 'where everything is';
CREATE SCHEMA app;
CREATE SCHEMA "Odd Schema";
CREATE SCHEMA nothing_in_it;
COMMENT ON SCHEMA app IS 'the application''s';
GRANT USAGE ON SCHEMA app TO test_reader;
GRANT USAGE, CREATE ON SCHEMA "Odd Schema" TO test_writer WITH GRANT OPTION;

-- Types
CREATE COLLATION plain (provider = libc, locale = 'C');
COMMENT ON COLLATION plain IS 'bytes';
CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s fine');
CREATE TYPE app."Kind" AS ENUM ();
COMMENT ON TYPE mood IS 'how it is';
GRANT USAGE ON TYPE mood TO test_reader;
REVOKE USAGE ON TYPE app."Kind" FROM PUBLIC;
CREATE FUNCTION app.is_email(value text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT value ~ '@' $$;
CREATE DOMAIN email AS varchar(200) COLLATE plain DEFAULT 'a@b' NOT NULL
    CONSTRAINT has_at CHECK (app.is_email(VALUE)) CONSTRAINT short CHECK (length(VALUE) < 100);
CREATE DOMAIN app.emails AS email[];
COMMENT ON DOMAIN email IS 'an address';
CREATE TYPE point3 AS (x double precision, y double precision, "Z" numeric(10, 2), label text COLLATE "C");
COMMENT ON TYPE point3 IS 'a point';
COMMENT ON COLUMN point3."Z" IS 'up';
CREATE TYPE app.nested AS (at point3, moods mood[]);
CREATE FUNCTION app.time_difference(a time, b time) RETURNS double precision LANGUAGE sql IMMUTABLE
    AS 'SELECT EXTRACT(epoch FROM (a - b))';
CREATE TYPE app.timerange AS RANGE (subtype = time, subtype_diff = app.time_difference);
CREATE TYPE textspan AS RANGE (subtype = text, collation = "C", multirange_type_name = textspans);
COMMENT ON TYPE textspan IS 'from here to there';

-- Names that PostgreSQL has, too
CREATE TYPE public.path AS ENUM ('here', 'there');
COMMENT ON TYPE public.path IS 'no line';
CREATE DOMAIN public.name AS public.path DEFAULT 'here' CONSTRAINT late CHECK (VALUE <> 'there') ;
ALTER DOMAIN public.name ADD CONSTRAINT later CHECK (VALUE IS NOT NULL) NOT VALID;
GRANT USAGE ON TYPE public.name TO test_reader;
CREATE TYPE public.point AS (x public.path, y public.name[]);
COMMENT ON COLUMN public.point.x IS 'where';
CREATE COLLATION public."C" (provider = libc, locale = 'POSIX');
CREATE DOMAIN ordered AS text COLLATE public."C";
CREATE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
COMMENT ON FUNCTION public.uuidv7() IS 'not the server''s';
CREATE AGGREGATE public.max(integer) (SFUNC = int4larger, STYPE = integer);
COMMENT ON AGGREGATE public.max(integer) IS 'not the server''s';
GRANT EXECUTE ON FUNCTION public.max(integer) TO test_reader;
CREATE TEXT SEARCH DICTIONARY public.simple (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION public.english (PARSER = "default");
COMMENT ON TEXT SEARCH CONFIGURATION public.english IS 'not the server''s';
CREATE TABLE public.pg_class (a public.path DEFAULT 'here', b public.name, c public.point, d text COLLATE public."C");
COMMENT ON TABLE public.pg_class IS 'not the server''s';

-- Sequences
CREATE SEQUENCE free_numbers AS smallint INCREMENT BY -3 MINVALUE -300 MAXVALUE 300 START WITH 30 CACHE 5 CYCLE;
COMMENT ON SEQUENCE free_numbers IS 'downwards';
GRANT USAGE ON SEQUENCE free_numbers TO test_writer;
CREATE SEQUENCE invoice_numbers START 1000;

-- Tables
CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 10 MINVALUE 50 MAXVALUE 100000 CACHE 7 CYCLE) PRIMARY KEY,
    "odd Name" varchar(20) NOT NULL DEFAULT 'x''y'::varchar,
    code text COLLATE "C" UNIQUE DEFERRABLE INITIALLY DEFERRED,
    mail email,
    serial serial,
    small smallserial NOT NULL,
    invoice bigint DEFAULT nextval('invoice_numbers') NOT NULL,
    at timestamp(3) without time zone DEFAULT now(),
    moods mood[] NOT NULL DEFAULT '{}',
    mood mood DEFAULT 'sad',
    amount numeric(14, 2) CONSTRAINT amount_check CHECK (amount >= 0),
    doubled numeric GENERATED ALWAYS AS (amount * 2) STORED,
    flags bit varying(8),
    length interval day to second(2),
    place point3,
    span textspan,
    document jsonb NOT NULL DEFAULT '{}',
    status varchar(10) CHECK (status IN ('new', 'old')),
    CONSTRAINT kinds CHECK (mood <> 'so so') NO INHERIT
) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false, toast.vacuum_truncate = off);
ALTER SEQUENCE invoice_numbers OWNED BY accounts.invoice;
ALTER TABLE accounts ALTER COLUMN document SET STORAGE EXTERNAL, ALTER COLUMN document SET COMPRESSION pglz,
    ALTER COLUMN amount SET STATISTICS 500, ALTER COLUMN code SET (n_distinct = -0.5);
ALTER TABLE accounts ADD CONSTRAINT late CHECK (code <> '') NOT VALID;
COMMENT ON TABLE accounts IS 'who pays';
COMMENT ON COLUMN accounts."odd Name" IS 'a name';
COMMENT ON CONSTRAINT amount_check ON accounts IS 'never negative';
COMMENT ON INDEX accounts_pkey IS 'of the key';
GRANT SELECT ON accounts TO test_reader;
GRANT SELECT (id, code), UPDATE (code) ON accounts TO test_writer;
GRANT INSERT ON accounts TO test_writer WITH GRANT OPTION;
REVOKE DELETE ON accounts FROM CURRENT_USER;
GRANT USAGE ON SEQUENCE accounts_id_seq TO test_writer;
COMMENT ON SEQUENCE accounts_id_seq IS 'of the accounts';

CREATE TABLE app.items (
    no integer GENERATED BY DEFAULT AS IDENTITY,
    account_id bigint NOT NULL,
    parent integer,
    during tsrange,
    slot app.timerange,
    CONSTRAINT items_key PRIMARY KEY (no) INCLUDE (account_id) WITH (fillfactor = 80),
    CONSTRAINT items_account FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE ON UPDATE RESTRICT
        DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT items_parent FOREIGN KEY (parent) REFERENCES app.items (no) MATCH FULL ON DELETE SET NULL,
    CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (account_id > 0)
);
ALTER TABLE app.items ADD CONSTRAINT items_late FOREIGN KEY (parent) REFERENCES app.items NOT VALID;
CREATE UNLOGGED TABLE cache (key text NOT NULL, value bytea);
CREATE UNIQUE INDEX cache_key ON cache (key);
ALTER TABLE cache REPLICA IDENTITY USING INDEX cache_key;
CREATE TABLE "Odd Schema"."Odd Table" ("Odd Column" integer, "select" text, "Ünïcode ""quoted""" text);
ALTER TABLE "Odd Schema"."Odd Table" REPLICA IDENTITY FULL;
CREATE TABLE no_columns ();
CREATE TABLE left_side (id integer PRIMARY KEY, other integer);
CREATE TABLE right_side (id integer PRIMARY KEY, other integer REFERENCES left_side);
ALTER TABLE left_side ADD FOREIGN KEY (other) REFERENCES right_side;

-- Inheritance
CREATE TABLE base (id integer NOT NULL, note text DEFAULT 'none', CONSTRAINT positive CHECK (id > 0));
CREATE TABLE other_base (extra text);
CREATE TABLE derived (own integer) INHERITS (base, other_base);
ALTER TABLE derived ALTER COLUMN note SET DEFAULT 'derived', ALTER COLUMN extra SET NOT NULL,
    ALTER COLUMN extra SET STATISTICS 50;
COMMENT ON COLUMN derived.note IS 'what the parent has, too';
GRANT SELECT (note) ON derived TO test_reader;

-- Partitions
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, region text DEFAULT 'eu', payload text)
    PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events (payload DEFAULT 'old', CONSTRAINT has_payload CHECK (payload <> ''))
    FOR VALUES FROM ('2023-01-01') TO ('2024-01-01') WITH (fillfactor = 90);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (region);
CREATE TABLE events_2024_eu PARTITION OF events_2024 FOR VALUES IN ('eu', NULL) PARTITION BY HASH (id);
CREATE TABLE events_2024_eu_0 PARTITION OF events_2024_eu FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2024_eu_1 PARTITION OF events_2024_eu FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE events_2024_rest PARTITION OF events_2024 DEFAULT;
CREATE TABLE app.events_attached (id bigint NOT NULL, at date NOT NULL, region text DEFAULT 'us', payload text NOT NULL);
ALTER TABLE events ATTACH PARTITION app.events_attached FOR VALUES FROM (MINVALUE) TO ('2023-01-01');
ALTER TABLE events ALTER COLUMN payload SET STATISTICS 77;
ALTER TABLE events_2024_rest ALTER COLUMN payload SET STATISTICS 88, ALTER COLUMN region DROP DEFAULT,
    ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE events ADD PRIMARY KEY (at, id, region);
CREATE INDEX events_payload ON events (payload);
CREATE INDEX only_here ON events_2023 (region);
CREATE TABLE event_notes (at date, id bigint, region text, note text, FOREIGN KEY (at, id, region) REFERENCES events);
COMMENT ON COLUMN events_2023.payload IS 'of old';

-- Indexes
CREATE INDEX by_name ON accounts (lower("odd Name") text_pattern_ops DESC, code COLLATE "POSIX" ASC NULLS FIRST)
    INCLUDE (amount) WITH (fillfactor = 60, deduplicate_items = off) WHERE amount > 0;
ALTER INDEX by_name ALTER COLUMN 1 SET STATISTICS 300;
CREATE UNIQUE INDEX by_amount ON accounts ((amount + 1), at DESC NULLS LAST);
CREATE INDEX by_document ON accounts USING gin (document jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX by_hash ON accounts USING hash (code);
CREATE INDEX by_block ON accounts USING brin (at timestamp_minmax_multi_ops (values_per_range = 16)) WITH (pages_per_range = 32);
CREATE INDEX by_span ON accounts USING gist (span);
CREATE INDEX by_status ON accounts (status) WHERE status IN ('new', 'old') AND status NOT IN ('lost', 'found');
CREATE INDEX by_point ON app.items USING spgist (during);
COMMENT ON INDEX by_name IS 'to find them';
ALTER TABLE accounts CLUSTER ON by_amount;
CREATE STATISTICS amount_and_status (ndistinct, dependencies, mcv) ON amount, status FROM accounts;
CREATE STATISTICS app.names ON lower(code), "odd Name" FROM accounts;
ALTER STATISTICS app.names SET STATISTICS 250;
COMMENT ON STATISTICS amount_and_status IS 'they go together';

-- Functions
CREATE FUNCTION total(a integer, b integer DEFAULT 2, VARIADIC rest integer[] DEFAULT '{}') RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE COST 50 SET search_path = app, public
    AS $body$ BEGIN RETURN a + b; -- it's $$quoted$$
    END $body$;
CREATE FUNCTION unnamed() RETURNS text LANGUAGE sql BEGIN ATOMIC; SELECT 'a' WHERE EXISTS (SELECT NULL); END;
CREATE FUNCTION total(a text) RETURNS text LANGUAGE sql BEGIN ATOMIC; SELECT a || (SELECT max(code) FROM accounts); END;
CREATE FUNCTION account_rows(OUT id bigint, OUT code text) RETURNS SETOF record LANGUAGE sql ROWS 10
    AS 'SELECT id, code FROM accounts';
CREATE FUNCTION listed() RETURNS TABLE (a integer, b accounts) LANGUAGE sql AS 'SELECT 1, a FROM accounts a';
CREATE PROCEDURE app.tidy(INOUT n integer) LANGUAGE plpgsql AS 'BEGIN n := 1; END';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
COMMENT ON FUNCTION total(text) IS 'of a text';
COMMENT ON PROCEDURE app.tidy IS 'up';
REVOKE EXECUTE ON FUNCTION total(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION total(text) TO test_reader;
GRANT EXECUTE ON PROCEDURE app.tidy TO test_writer;
CREATE FUNCTION app.add(state numeric, value numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT state + value';
CREATE AGGREGATE app.sum_of(numeric) (SFUNC = app.add, STYPE = numeric, INITCOND = '0', PARALLEL = SAFE);
CREATE AGGREGATE app.share_of(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal,
    FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
COMMENT ON AGGREGATE app.sum_of(numeric) IS 'adds';
ALTER TABLE no_columns ADD COLUMN computed integer DEFAULT total(1);
CREATE INDEX by_function ON accounts (app.is_email(code));

-- Casts and operators
CREATE FUNCTION app.as_text(value accounts) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT value.code';
CREATE CAST (accounts AS text) WITH FUNCTION app.as_text(accounts) AS IMPLICIT;
CREATE VIEW cast_accounts AS SELECT (a.*)::text AS text FROM accounts a;
CREATE CAST (app."Kind" AS date) WITH INOUT AS IMPLICIT;
CREATE CAST (integer AS date) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (app."Kind" AS date) IS 'by its text';
CREATE FUNCTION app.same(a point3, b point3) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a.x = b.x';
CREATE FUNCTION app.other(a point3, b point3) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a.x <> b.x';
CREATE OPERATOR app.=== (FUNCTION = app.same, LEFTARG = point3, RIGHTARG = point3, COMMUTATOR = OPERATOR(app.===),
    NEGATOR = OPERATOR(app.!==), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR app.!== (FUNCTION = app.other, LEFTARG = point3, RIGHTARG = point3, COMMUTATOR = OPERATOR(app.!==),
    NEGATOR = OPERATOR(app.===), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR public.+ (FUNCTION = int4pl, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(public.+));
CREATE OPERATOR "Odd Schema".!@ (FUNCTION = numeric_uminus, RIGHTARG = numeric);
COMMENT ON OPERATOR app.=== (point3, point3) IS 'at one place';
COMMENT ON OPERATOR "Odd Schema".!@ (NONE, numeric) IS 'not the server''s';
ALTER TABLE accounts ADD CONSTRAINT in_place CHECK (place OPERATOR(app.===) place), ADD COLUMN negative numeric DEFAULT (OPERATOR("Odd Schema".!@) 1.0);

-- Views
CREATE VIEW app.rich WITH (security_barrier = true) AS
    SELECT id, code, amount FROM accounts WHERE amount > 1000 WITH LOCAL CHECK OPTION;
CREATE VIEW richest AS SELECT r.*, app.sum_of(r.amount) OVER () FROM app.rich r WHERE r.code IN ('a', 'b');
ALTER VIEW app.rich ALTER COLUMN code SET DEFAULT 'rich';
COMMENT ON VIEW app.rich IS 'have much';
COMMENT ON COLUMN app.rich.code IS 'their code';
GRANT SELECT ON app.rich TO test_reader;
GRANT SELECT (code) ON richest TO test_reader;
CREATE RECURSIVE VIEW numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 10;
CREATE MATERIALIZED VIEW per_status WITH (fillfactor = 90, toast.autovacuum_enabled = false) AS SELECT status, count(*) AS number FROM accounts GROUP BY status;
CREATE UNIQUE INDEX per_status_key ON per_status (status);
CREATE MATERIALIZED VIEW app.later AS SELECT * FROM per_status WITH NO DATA;
COMMENT ON MATERIALIZED VIEW per_status IS 'counted';
COMMENT ON COLUMN per_status.number IS 'how many';
GRANT SELECT ON per_status TO test_reader;
CREATE FUNCTION richest_of(r richest) RETURNS numeric LANGUAGE sql AS 'SELECT r.amount';

-- Triggers and rules
CREATE TRIGGER touch BEFORE UPDATE OF code, amount ON accounts FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION touch('an argument');
CREATE TRIGGER changed AFTER UPDATE ON accounts REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION touch();
CREATE TRIGGER truncated BEFORE TRUNCATE ON accounts EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON accounts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER instead INSTEAD OF INSERT ON app.rich FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER of_all AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE accounts DISABLE TRIGGER touch;
ALTER TABLE accounts ENABLE ALWAYS TRIGGER changed;
COMMENT ON TRIGGER touch ON accounts IS 'is not on';
CREATE RULE no_delete AS ON DELETE TO cache DO INSTEAD NOTHING;
CREATE RULE copies AS ON INSERT TO cache WHERE NEW.key <> '' DO ALSO INSERT INTO left_side (id) VALUES (1);
ALTER TABLE cache DISABLE RULE copies;
COMMENT ON RULE no_delete ON cache IS 'never';

-- Row-level security
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON accounts USING (code = current_user) WITH CHECK (amount < 10);
CREATE POLICY readers ON accounts AS RESTRICTIVE FOR SELECT TO test_reader, test_writer USING (status IN ('new', 'old'));
CREATE POLICY "may Insert" ON accounts FOR INSERT WITH CHECK (EXISTS (SELECT FROM app.items i WHERE i.account_id = accounts.id));
COMMENT ON POLICY mine ON accounts IS 'my own';

-- Text search
CREATE TEXT SEARCH DICTIONARY app.words (TEMPLATE = simple, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION app.search (PARSER = "default");
ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR asciiword, word WITH app.words, simple;
COMMENT ON TEXT SEARCH CONFIGURATION app.search IS 'for names';
COMMENT ON TEXT SEARCH DICTIONARY app.words IS 'all of them';
CREATE INDEX by_words ON accounts USING gin (to_tsvector('app.search', code));

-- Default privileges
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO test_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT EXECUTE ON FUNCTIONS TO test_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE test_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE test_owner IN SCHEMA app GRANT USAGE ON SEQUENCES TO test_writer WITH GRANT OPTION;

-- Owners
ALTER TABLE accounts OWNER TO test_owner;
ALTER SEQUENCE free_numbers OWNER TO test_owner;
ALTER FUNCTION total(text) OWNER TO test_owner;
ALTER TYPE mood OWNER TO test_owner;
ALTER DOMAIN email OWNER TO test_owner;
