-- no-transaction
DROP INDEX CONCURRENTLY greetings_at_idx;
