-- no-transaction
-- The table is in use by now: the index is built without keeping writers out.
CREATE INDEX CONCURRENTLY greetings_at_idx ON greetings (at);
