-- Create enum type industry.
CREATE TYPE industry AS ENUM (
    'shipping',
    'food',
    'software',
    'other'
);

-- Create enum type role.
CREATE TYPE role AS ENUM (
    'admin',
    'team_lead',
    'sales',
    'guest'
);
COMMENT ON TYPE role IS 'What a user may do';

-- Create enum type stage.
CREATE TYPE stage AS ENUM (
    'prospecting',
    'negotiation',
    'closed_won',
    'closed_lost'
);

-- Create table accounts.
CREATE TABLE accounts (
    id uuid NOT NULL,
    name text NOT NULL,
    owner_id uuid NOT NULL,
    industry industry,
    website text,
    employees integer,
    annual_revenue numeric(16,2),
    billing_street text,
    billing_city text,
    billing_country character varying(2),
    tags text[] NOT NULL DEFAULT '{}',
    founded_on date,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    extra jsonb NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_employees_check CHECK (employees >= 0),
    CONSTRAINT accounts_name_check CHECK (name <> '')
);
COMMENT ON TABLE accounts IS 'Companies that are, or may become, customers';
COMMENT ON COLUMN accounts.billing_country IS 'ISO 3166-1 alpha-2';

-- Create table contacts.
CREATE TABLE contacts (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    full_name text NOT NULL GENERATED ALWAYS AS (first_name || ' ' || last_name) STORED,
    email text,
    phone character varying(32),
    birthday date,
    newsletter boolean NOT NULL DEFAULT false,
    warmth double precision,
    address jsonb,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    extra jsonb NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (id),
    CONSTRAINT contacts_reachable CHECK (email IS NOT NULL OR phone IS NOT NULL),
    CONSTRAINT contacts_warmth_check CHECK (warmth BETWEEN 0 AND 1)
);

-- Create table opportunities.
CREATE TABLE opportunities (
    id uuid NOT NULL,
    name text NOT NULL,
    account_id uuid NOT NULL,
    stage stage NOT NULL,
    amount numeric(14,2),
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    extra jsonb NOT NULL,
    CONSTRAINT opportunities_pkey PRIMARY KEY (id),
    CONSTRAINT opportunities_amount_check CHECK (amount >= 0)
);

-- Create table opportunity_watchers.
CREATE TABLE opportunity_watchers (
    opportunity_id uuid NOT NULL,
    user_id uuid NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT opportunity_watchers_pkey PRIMARY KEY (opportunity_id, user_id)
);

-- Create table task_comments.
CREATE TABLE task_comments (
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    "position" integer NOT NULL,
    author_id uuid NOT NULL,
    body text NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    CONSTRAINT task_comments_pkey PRIMARY KEY (id),
    CONSTRAINT task_comments_task_id_position_key UNIQUE (task_id, "position")
);

-- Create table tasks.
CREATE TABLE tasks (
    id uuid NOT NULL,
    opportunity_id uuid,
    assignee_id uuid NOT NULL,
    title text NOT NULL,
    done boolean NOT NULL DEFAULT false,
    priority smallint NOT NULL,
    due_on date,
    estimate numeric(6,2),
    labels text[] NOT NULL DEFAULT '{}',
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    extra jsonb NOT NULL,
    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_priority_check CHECK (priority BETWEEN 1 AND 5)
);

-- Create table users.
CREATE TABLE users (
    id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role role NOT NULL DEFAULT 'sales',
    manager_id uuid,
    active boolean NOT NULL DEFAULT true,
    avatar bytea,
    logins bigint NOT NULL DEFAULT 0,
    last_login_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    extra jsonb NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_logins_check CHECK (logins >= 0)
);
COMMENT ON TABLE users IS 'The people who work with the CRM';
COMMENT ON COLUMN users.email IS 'Unique: people sign in with it';

-- Create index accounts_name_idx on accounts.
CREATE INDEX accounts_name_idx ON accounts (name);

-- Create index accounts_owner_id_created_at_name_idx on accounts.
CREATE INDEX accounts_owner_id_created_at_name_idx ON accounts (owner_id, created_at DESC) INCLUDE (name);

-- Create index accounts_tags_idx on accounts.
CREATE INDEX accounts_tags_idx ON accounts USING gin (tags);

-- Create index contacts_account_id_idx on contacts.
CREATE INDEX contacts_account_id_idx ON contacts (account_id);

-- Create index contacts_name_idx on contacts.
CREATE INDEX contacts_name_idx ON contacts ((lower(last_name)), (lower(first_name)));

-- Create index contacts_newsletter_idx on contacts.
CREATE INDEX contacts_newsletter_idx ON contacts (account_id) WHERE (newsletter);

-- Create index opportunities_account_id_stage_idx on opportunities.
CREATE INDEX opportunities_account_id_stage_idx ON opportunities (account_id, stage);

-- Create index task_comments_author_id_idx on task_comments.
CREATE INDEX task_comments_author_id_idx ON task_comments (author_id);

-- Create index tasks_labels_idx on tasks.
CREATE INDEX tasks_labels_idx ON tasks USING gin (labels);

-- Create index tasks_open_idx on tasks.
CREATE INDEX tasks_open_idx ON tasks (assignee_id, due_on) WHERE (NOT done);

-- Create index tasks_opportunity_id_idx on tasks.
CREATE INDEX tasks_opportunity_id_idx ON tasks (opportunity_id);

-- Create index users_expr_idx on users.
CREATE INDEX users_expr_idx ON users ((lower(name)));

-- Add foreign key accounts_owner_id_fkey: accounts(owner_id) → users(id).
ALTER TABLE accounts
    ADD CONSTRAINT accounts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE RESTRICT;

-- Add foreign key contacts_account_id_fkey: contacts(account_id) → accounts(id).
ALTER TABLE contacts
    ADD CONSTRAINT contacts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;

-- Add foreign key opportunities_account_id_fkey: opportunities(account_id) → accounts(id).
ALTER TABLE opportunities
    ADD CONSTRAINT opportunities_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE;

-- Add foreign keys opportunity_watchers_opportunity_id_fkey: opportunity_watchers(opportunity_id) → opportunities(id); opportunity_watchers_user_id_fkey: opportunity_watchers(user_id) → users(id).
ALTER TABLE opportunity_watchers
    ADD CONSTRAINT opportunity_watchers_opportunity_id_fkey FOREIGN KEY (opportunity_id) REFERENCES opportunities (id),
    ADD CONSTRAINT opportunity_watchers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);

-- Add foreign keys task_comments_author_id_fkey: task_comments(author_id) → users(id); task_comments_task_id_fkey: task_comments(task_id) → tasks(id).
ALTER TABLE task_comments
    ADD CONSTRAINT task_comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES users (id),
    ADD CONSTRAINT task_comments_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE;

-- Add foreign keys tasks_assignee_id_fkey: tasks(assignee_id) → users(id); tasks_opportunity_id_fkey: tasks(opportunity_id) → opportunities(id).
ALTER TABLE tasks
    ADD CONSTRAINT tasks_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES users (id),
    ADD CONSTRAINT tasks_opportunity_id_fkey FOREIGN KEY (opportunity_id) REFERENCES opportunities (id) ON DELETE SET NULL;

-- Add foreign key users_manager_id_fkey: users(manager_id) → users(id).
ALTER TABLE users
    ADD CONSTRAINT users_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES users (id) ON DELETE SET NULL;
