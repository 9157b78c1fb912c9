-- What PostgreSQL 15 adds.
CREATE TABLE fifteen_target (b integer, c integer, PRIMARY KEY (b, c));
CREATE TABLE fifteen (a integer UNIQUE NULLS NOT DISTINCT, b integer, c integer,
    FOREIGN KEY (b, c) REFERENCES fifteen_target (b, c) ON DELETE SET NULL (b));
CREATE UNIQUE INDEX fifteen_b ON fifteen (b) NULLS NOT DISTINCT;
CREATE VIEW invoked WITH (security_invoker = true) AS SELECT a FROM fifteen;
CREATE UNLOGGED SEQUENCE fast_numbers;
