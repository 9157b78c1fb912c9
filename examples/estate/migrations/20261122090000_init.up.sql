-- Functions may name what does not stand yet.
SET LOCAL check_function_bodies = off;

-- Create enum type document_kind.
CREATE TYPE document_kind AS ENUM (
    'floor_plan',
    'permit',
    'contract'
);

-- Create enum type unit_status.
CREATE TYPE unit_status AS ENUM (
    'planned',
    'available',
    'reserved',
    'sold'
);

-- Create enum type user_kind.
CREATE TYPE user_kind AS ENUM (
    'customer',
    'agent',
    'manager'
);

-- Create table audit_log.
CREATE TABLE audit_log (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    changed_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    role text NOT NULL,
    actor text,
    table_name text NOT NULL,
    operation text NOT NULL,
    old_row jsonb,
    new_row jsonb,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);

-- Comment on table audit_log.
COMMENT ON TABLE audit_log IS 'Every change of the tables that have audit triggers.';

-- Comment on column audit_log.role.
COMMENT ON COLUMN audit_log.role IS 'The role that was in force.';

-- Comment on column audit_log.actor.
COMMENT ON COLUMN audit_log.actor IS 'What the application set: SET LOCAL app.actor = ''…''.';

-- Create table developments.
CREATE TABLE developments (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    company text NOT NULL,
    profile jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    deleted_at timestamp with time zone,
    CONSTRAINT developments_name_check CHECK ((name <> ''::text)),
    CONSTRAINT developments_pkey PRIMARY KEY (id)
);

-- Enable row-level security on table developments.
ALTER TABLE developments ENABLE ROW LEVEL SECURITY;

-- Change privileges on table developments.
GRANT INSERT ON TABLE developments TO estate_admin;
GRANT INSERT ON TABLE developments TO estate_service;
GRANT SELECT ON TABLE developments TO estate_admin;
GRANT SELECT ON TABLE developments TO estate_developer;
GRANT SELECT ON TABLE developments TO estate_service;
GRANT UPDATE ON TABLE developments TO estate_admin;
GRANT UPDATE ON TABLE developments TO estate_service;

-- Comment on column developments.company.
COMMENT ON COLUMN developments.company IS 'The role that the company logs in as.';

-- Create table documents.
CREATE TABLE documents (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    unit_id uuid NOT NULL,
    uploaded_by uuid,
    kind document_kind NOT NULL,
    content jsonb NOT NULL DEFAULT '{}'::jsonb,
    deleted_at timestamp with time zone,
    CONSTRAINT documents_pkey PRIMARY KEY (id)
);

-- Enable row-level security on table documents.
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;

-- Change privileges on table documents.
GRANT INSERT ON TABLE documents TO estate_admin;
GRANT INSERT ON TABLE documents TO estate_service;
GRANT SELECT ON TABLE documents TO estate_admin;
GRANT SELECT ON TABLE documents TO estate_developer;
GRANT SELECT ON TABLE documents TO estate_service;
GRANT UPDATE ON TABLE documents TO estate_admin;
GRANT UPDATE ON TABLE documents TO estate_service;

-- Create table events.
CREATE TABLE events (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    occurred_at timestamp with time zone NOT NULL DEFAULT now(),
    kind text NOT NULL,
    unit_id uuid,
    payload jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT events_pkey PRIMARY KEY (id, occurred_at)
) PARTITION BY RANGE (occurred_at);

-- Change privileges on table events.
GRANT INSERT ON TABLE events TO estate_service;
GRANT SELECT ON TABLE events TO estate_admin;

-- Change privileges on column events.id.
GRANT SELECT (id) ON TABLE events TO estate_analytics;

-- Change privileges on column events.occurred_at.
GRANT SELECT (occurred_at) ON TABLE events TO estate_analytics;

-- Change privileges on column events.kind.
GRANT SELECT (kind) ON TABLE events TO estate_analytics;

-- Create table events_2025.
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');

-- Create table events_2026.
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');

-- Create table events_other.
CREATE TABLE events_other PARTITION OF events DEFAULT;

-- Create table units.
CREATE TABLE units (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    development_id uuid NOT NULL,
    label text NOT NULL,
    status unit_status NOT NULL DEFAULT 'planned'::unit_status,
    price numeric(12,2),
    features jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    deleted_at timestamp with time zone,
    CONSTRAINT units_development_id_label_key UNIQUE (development_id, label),
    CONSTRAINT units_pkey PRIMARY KEY (id),
    CONSTRAINT units_price_check CHECK ((price > (0)::numeric))
);

-- Enable row-level security on table units.
ALTER TABLE units ENABLE ROW LEVEL SECURITY;

-- Change privileges on table units.
GRANT INSERT ON TABLE units TO estate_admin;
GRANT INSERT ON TABLE units TO estate_service;
GRANT SELECT ON TABLE units TO estate_admin;
GRANT SELECT ON TABLE units TO estate_developer;
GRANT SELECT ON TABLE units TO estate_service;
GRANT UPDATE ON TABLE units TO estate_admin;
GRANT UPDATE ON TABLE units TO estate_service;

-- Change privileges on column units.status.
GRANT UPDATE (status) ON TABLE units TO estate_developer;

-- Change privileges on column units.price.
GRANT UPDATE (price) ON TABLE units TO estate_developer;

-- Create table users.
CREATE TABLE users (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    email text NOT NULL,
    name text NOT NULL,
    kind user_kind NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    deleted_at timestamp with time zone,
    CONSTRAINT users_pkey PRIMARY KEY (id)
);

-- Enable row-level security on table users.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;

-- Change privileges on table users.
GRANT INSERT ON TABLE users TO estate_admin;
GRANT INSERT ON TABLE users TO estate_service;
GRANT SELECT ON TABLE users TO estate_admin;
GRANT SELECT ON TABLE users TO estate_service;
GRANT UPDATE ON TABLE users TO estate_admin;
GRANT UPDATE ON TABLE users TO estate_service;

-- Add foreign key documents_unit_id_fkey: documents(unit_id) → units(id).
-- Add foreign key documents_uploaded_by_fkey: documents(uploaded_by) → users(id).
ALTER TABLE documents
    ADD CONSTRAINT documents_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES units(id) ON DELETE CASCADE,
    ADD CONSTRAINT documents_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES users(id);

-- Add foreign key events_unit_id_fkey: events(unit_id) → units(id).
ALTER TABLE events ADD CONSTRAINT events_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES units(id);

-- Add foreign key units_development_id_fkey: units(development_id) → developments(id).
ALTER TABLE units ADD CONSTRAINT units_development_id_fkey FOREIGN KEY (development_id) REFERENCES developments(id);

-- Create index developments_company_idx on developments.
CREATE INDEX developments_company_idx ON developments (company);

-- Create index developments_live_idx on developments.
CREATE INDEX developments_live_idx ON developments (id) WHERE deleted_at IS NULL;

-- Create index developments_profile_idx on developments.
CREATE INDEX developments_profile_idx ON developments USING gin (profile jsonb_path_ops);

-- Create index documents_content_idx on documents.
CREATE INDEX documents_content_idx ON documents USING gin (content);

-- Create index documents_live_idx on documents.
CREATE INDEX documents_live_idx ON documents (id) WHERE deleted_at IS NULL;

-- Create index documents_unit_id_idx on documents.
CREATE INDEX documents_unit_id_idx ON documents (unit_id);

-- Create index documents_uploaded_by_idx on documents.
CREATE INDEX documents_uploaded_by_idx ON documents (uploaded_by);

-- Create index events_payload_idx on events.
CREATE INDEX events_payload_idx ON events USING gin (payload);

-- Create index events_unit_id_idx on events.
CREATE INDEX events_unit_id_idx ON events (unit_id);

-- Create index units_features_idx on units.
CREATE INDEX units_features_idx ON units USING gin (features);

-- Create index units_live_idx on units.
CREATE INDEX units_live_idx ON units (id) WHERE deleted_at IS NULL;

-- Create index users_email_once on users.
CREATE UNIQUE INDEX users_email_once ON users (lower(email)) WHERE deleted_at IS NULL;

-- Create index users_live_idx on users.
CREATE INDEX users_live_idx ON users (id) WHERE deleted_at IS NULL;

-- Create function audit_log_append_only().
CREATE OR REPLACE FUNCTION public.audit_log_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = 'audit_log is append-only';
END
$function$;

-- Change privileges on function audit_log_append_only().
REVOKE EXECUTE ON FUNCTION audit_log_append_only() FROM PUBLIC;

-- Create function audit_log_record().
CREATE OR REPLACE FUNCTION public.audit_log_record()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    INSERT INTO public.audit_log (role, actor, table_name, operation, old_row, new_row)
    VALUES (CASE current_setting('role') WHEN 'none' THEN session_user ELSE current_setting('role') END,
        nullif(current_setting('app.actor', true), ''), format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME),
        TG_OP, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END
$function$;

-- Change privileges on function audit_log_record().
REVOKE EXECUTE ON FUNCTION audit_log_record() FROM PUBLIC;

-- Create function set_updated_at().
CREATE OR REPLACE FUNCTION public.set_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$function$;

-- Create view audit_trail.
CREATE VIEW audit_trail AS
 SELECT audit_log.id,
    audit_log.changed_at,
    audit_log.role,
    audit_log.actor,
    audit_log.table_name,
    audit_log.operation,
    audit_log.old_row,
    audit_log.new_row
   FROM audit_log;

-- Change privileges on view audit_trail.
GRANT SELECT ON TABLE audit_trail TO estate_admin;

-- Create materialized view sales.
CREATE MATERIALIZED VIEW sales AS
 SELECT d.id AS development_id,
    d.name,
    count(u.id) AS units,
    count(u.id) FILTER (WHERE u.status = 'sold'::unit_status) AS sold,
    sum(u.price) FILTER (WHERE u.status = 'sold'::unit_status) AS revenue
   FROM developments d
     LEFT JOIN units u ON u.development_id = d.id AND u.deleted_at IS NULL
  WHERE d.deleted_at IS NULL
  GROUP BY d.id;

-- Change privileges on materialized view sales.
GRANT SELECT ON TABLE sales TO estate_admin;
GRANT SELECT ON TABLE sales TO estate_analytics;

-- Create index sales_development_id_idx on sales.
CREATE UNIQUE INDEX sales_development_id_idx ON sales (development_id);

-- Create trigger audit_log.append_only.
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only();

-- Create trigger developments.audit.
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON developments FOR EACH ROW EXECUTE FUNCTION audit_log_record();

-- Create trigger developments.audit_truncate.
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON developments FOR EACH STATEMENT EXECUTE FUNCTION audit_log_record();

-- Create trigger developments.set_updated_at.
CREATE TRIGGER set_updated_at BEFORE UPDATE ON developments FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Create trigger documents.audit.
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION audit_log_record();

-- Create trigger documents.audit_truncate.
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON documents FOR EACH STATEMENT EXECUTE FUNCTION audit_log_record();

-- Create trigger units.audit.
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON units FOR EACH ROW EXECUTE FUNCTION audit_log_record();

-- Create trigger units.audit_truncate.
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON units FOR EACH STATEMENT EXECUTE FUNCTION audit_log_record();

-- Create trigger units.set_updated_at.
CREATE TRIGGER set_updated_at BEFORE UPDATE ON units FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Create trigger users.audit.
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit_log_record();

-- Create trigger users.audit_truncate.
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION audit_log_record();

-- Create trigger users.set_updated_at.
CREATE TRIGGER set_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Create policy developments.hide_deleted.
CREATE POLICY hide_deleted ON developments AS RESTRICTIVE TO estate_developer, estate_service USING (deleted_at IS NULL OR deleted_at >= now()) WITH CHECK (true);

-- Create policy developments.own.
CREATE POLICY own ON developments FOR SELECT TO estate_developer USING (company = CURRENT_USER);

-- Create policy developments.platform.
CREATE POLICY platform ON developments TO estate_admin, estate_service USING (true);

-- Create policy documents.hide_deleted.
CREATE POLICY hide_deleted ON documents AS RESTRICTIVE TO estate_developer, estate_service USING (deleted_at IS NULL OR deleted_at >= now()) WITH CHECK (true);

-- Create policy documents.own.
CREATE POLICY own ON documents FOR SELECT TO estate_developer USING (kind <> 'contract'::document_kind AND (EXISTS ( SELECT
   FROM units u
  WHERE u.id = documents.unit_id)));

-- Create policy documents.platform.
CREATE POLICY platform ON documents TO estate_admin, estate_service USING (true);

-- Create policy units.hide_deleted.
CREATE POLICY hide_deleted ON units AS RESTRICTIVE TO estate_developer, estate_service USING (deleted_at IS NULL OR deleted_at >= now()) WITH CHECK (true);

-- Create policy units.own.
CREATE POLICY own ON units TO estate_developer USING ((EXISTS ( SELECT
   FROM developments d
  WHERE d.id = units.development_id)));

-- Create policy units.platform.
CREATE POLICY platform ON units TO estate_admin, estate_service USING (true);

-- Create policy users.hide_deleted.
CREATE POLICY hide_deleted ON users AS RESTRICTIVE TO estate_service USING (deleted_at IS NULL OR deleted_at >= now()) WITH CHECK (true);

-- Create policy users.platform.
CREATE POLICY platform ON users TO estate_admin, estate_service USING (true);
