-- whimbrel: data-loss: drops table events and all its rows
-- whimbrel: data-loss: drops table documents and all its rows
-- whimbrel: data-loss: drops table users and all its rows
-- whimbrel: data-loss: drops table units and all its rows
-- whimbrel: data-loss: drops table developments and all its rows
-- whimbrel: data-loss: drops table audit_log and all its rows

-- Drop materialized view sales.
DROP MATERIALIZED VIEW sales;

-- Drop view audit_trail.
DROP VIEW audit_trail;

-- Drop table events.
-- data loss: drops table events and all its rows
DROP TABLE events;

-- Drop table documents.
-- data loss: drops table documents and all its rows
DROP TABLE documents;

-- Drop table users.
-- data loss: drops table users and all its rows
DROP TABLE users;

-- Drop table units.
-- data loss: drops table units and all its rows
DROP TABLE units;

-- Drop table developments.
-- data loss: drops table developments and all its rows
DROP TABLE developments;

-- Drop function set_updated_at().
DROP FUNCTION set_updated_at();

-- Drop function audit_log_record().
DROP FUNCTION audit_log_record();

-- Drop table audit_log.
-- data loss: drops table audit_log and all its rows
DROP TABLE audit_log;

-- Drop function audit_log_append_only().
DROP FUNCTION audit_log_append_only();

-- Drop enum type user_kind.
DROP TYPE user_kind;

-- Drop enum type unit_status.
DROP TYPE unit_status;

-- Drop enum type document_kind.
DROP TYPE document_kind;
