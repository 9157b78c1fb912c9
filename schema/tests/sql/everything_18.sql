-- What PostgreSQL 16, 17 and 18 add.
CREATE TABLE eighteen (id int4range, during daterange NOT NULL, a integer NOT NULL, twice integer GENERATED ALWAYS AS (a * 2) VIRTUAL,
    PRIMARY KEY (id, during WITHOUT OVERLAPS), CONSTRAINT lax CHECK (a > 0) NOT ENFORCED);
CREATE TABLE eighteen_part (id int4range, during daterange,
    FOREIGN KEY (id, PERIOD during) REFERENCES eighteen (id, PERIOD during));
CREATE TABLE eighteen_lax (a integer REFERENCES left_side NOT ENFORCED);
CREATE COLLATION built_in (provider = builtin, locale = 'C.UTF-8');
CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY, at date) PARTITION BY RANGE (at);
CREATE TABLE numbered_1 PARTITION OF numbered FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO test_reader;
