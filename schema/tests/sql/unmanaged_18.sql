-- What is not managed of PostgreSQL 18.
CREATE TABLE named (a integer CONSTRAINT called NOT NULL, b integer, c integer, CONSTRAINT named_c_not_null NOT NULL c NO INHERIT);
COMMENT ON CONSTRAINT called ON named IS 'so';
ALTER TABLE named ADD CONSTRAINT named_b_not_null NOT NULL b NOT VALID;
CREATE TABLE computed (id integer, twice integer GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY RANGE (id);
CREATE TABLE computed_1 PARTITION OF computed (twice GENERATED ALWAYS AS (id * 3) STORED) FOR VALUES FROM (0) TO (1);
CREATE DOMAIN filled AS integer CONSTRAINT given NOT NULL;
CREATE DOMAIN filled_too AS integer NOT NULL;
