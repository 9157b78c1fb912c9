-- Create enum type ActiveStatus.
CREATE TYPE "ActiveStatus" AS ENUM (
    'ACTIVE',
    'INACTIVE',
    'PENDING'
);

-- Create enum type DocumentSystemType.
CREATE TYPE "DocumentSystemType" AS ENUM (
    'INVOICE',
    'RECEIPT',
    'CONTRACT',
    'OFFER',
    'OTHER'
);

-- Create enum type Language.
CREATE TYPE "Language" AS ENUM (
    'cz',
    'en',
    'de',
    'uk'
);

-- Create enum type crm_Contact_Type.
CREATE TYPE "crm_Contact_Type" AS ENUM (
    'Customer',
    'Partner',
    'Vendor',
    'Prospect'
);

-- Create enum type crm_Contracts_Status.
CREATE TYPE "crm_Contracts_Status" AS ENUM (
    'NOTSTARTED',
    'INPROGRESS',
    'SIGNED'
);

-- Create enum type crm_Lead_Status.
CREATE TYPE "crm_Lead_Status" AS ENUM (
    'NEW',
    'CONTACTED',
    'QUALIFIED',
    'LOST'
);

-- Create enum type crm_Lead_Type.
CREATE TYPE "crm_Lead_Type" AS ENUM (
    'DEMO'
);

-- Create enum type crm_Opportunity_Status.
CREATE TYPE "crm_Opportunity_Status" AS ENUM (
    'ACTIVE',
    'INACTIVE',
    'PENDING',
    'CLOSED'
);

-- Create enum type gptStatus.
CREATE TYPE "gptStatus" AS ENUM (
    'ACTIVE',
    'INACTIVE'
);

-- Create enum type taskStatus.
CREATE TYPE "taskStatus" AS ENUM (
    'ACTIVE',
    'PENDING',
    'COMPLETE'
);

-- Create table AccountWatchers.
CREATE TABLE "AccountWatchers" (
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT "AccountWatchers_pkey" PRIMARY KEY (account_id, user_id)
);

-- Create table BoardWatchers.
CREATE TABLE "BoardWatchers" (
    board_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT "BoardWatchers_pkey" PRIMARY KEY (board_id, user_id)
);

-- Create table Boards.
CREATE TABLE "Boards" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    description text NOT NULL,
    favourite boolean,
    "favouritePosition" integer,
    icon text,
    "position" integer,
    title text NOT NULL,
    "user" uuid NOT NULL,
    visibility text,
    "sharedWith" uuid[],
    "createdAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdBy" uuid,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    CONSTRAINT "Boards_pkey" PRIMARY KEY (id)
);

-- Create table ContactsToOpportunities.
CREATE TABLE "ContactsToOpportunities" (
    contact_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    CONSTRAINT "ContactsToOpportunities_pkey" PRIMARY KEY (contact_id, opportunity_id)
);

-- Create table Documents.
CREATE TABLE "Documents" (
    id uuid NOT NULL,
    __v integer,
    date_created timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    last_updated timestamp(3) without time zone,
    "updatedAt" timestamp(3) without time zone,
    document_name text NOT NULL,
    created_by_user uuid,
    "createdBy" uuid,
    description text,
    document_type uuid,
    favourite boolean,
    "document_file_mimeType" text NOT NULL,
    document_file_url text NOT NULL,
    status text,
    visibility text,
    tags jsonb,
    key text,
    size integer,
    assigned_user uuid,
    connected_documents text[],
    document_system_type "DocumentSystemType" DEFAULT 'OTHER',
    CONSTRAINT "Documents_pkey" PRIMARY KEY (id)
);

-- Create table DocumentsToAccounts.
CREATE TABLE "DocumentsToAccounts" (
    document_id uuid NOT NULL,
    account_id uuid NOT NULL,
    CONSTRAINT "DocumentsToAccounts_pkey" PRIMARY KEY (document_id, account_id)
);

-- Create table DocumentsToContacts.
CREATE TABLE "DocumentsToContacts" (
    document_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    CONSTRAINT "DocumentsToContacts_pkey" PRIMARY KEY (document_id, contact_id)
);

-- Create table DocumentsToCrmAccountsTasks.
CREATE TABLE "DocumentsToCrmAccountsTasks" (
    document_id uuid NOT NULL,
    crm_accounts_task_id uuid NOT NULL,
    CONSTRAINT "DocumentsToCrmAccountsTasks_pkey" PRIMARY KEY (document_id, crm_accounts_task_id)
);

-- Create table DocumentsToInvoices.
CREATE TABLE "DocumentsToInvoices" (
    document_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    CONSTRAINT "DocumentsToInvoices_pkey" PRIMARY KEY (document_id, invoice_id)
);

-- Create table DocumentsToLeads.
CREATE TABLE "DocumentsToLeads" (
    document_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    CONSTRAINT "DocumentsToLeads_pkey" PRIMARY KEY (document_id, lead_id)
);

-- Create table DocumentsToOpportunities.
CREATE TABLE "DocumentsToOpportunities" (
    document_id uuid NOT NULL,
    opportunity_id uuid NOT NULL,
    CONSTRAINT "DocumentsToOpportunities_pkey" PRIMARY KEY (document_id, opportunity_id)
);

-- Create table DocumentsToTasks.
CREATE TABLE "DocumentsToTasks" (
    document_id uuid NOT NULL,
    task_id uuid NOT NULL,
    CONSTRAINT "DocumentsToTasks_pkey" PRIMARY KEY (document_id, task_id)
);

-- Create table Documents_Types.
CREATE TABLE "Documents_Types" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    CONSTRAINT "Documents_Types_pkey" PRIMARY KEY (id)
);

-- Create table Employees.
CREATE TABLE "Employees" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    avatar text NOT NULL,
    email text,
    name text NOT NULL,
    salary integer NOT NULL,
    status text NOT NULL,
    CONSTRAINT "Employees_pkey" PRIMARY KEY (id)
);

-- Create table ImageUpload.
CREATE TABLE "ImageUpload" (
    id uuid NOT NULL,
    CONSTRAINT "ImageUpload_pkey" PRIMARY KEY (id)
);

-- Create table Invoices.
CREATE TABLE "Invoices" (
    id uuid NOT NULL,
    __v integer,
    date_created timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_updated timestamp(3) without time zone NOT NULL,
    last_updated_by uuid,
    date_received timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    date_of_case timestamp(3) without time zone,
    date_tax timestamp(3) without time zone,
    date_due timestamp(3) without time zone,
    description text,
    document_type text,
    favorite boolean DEFAULT false,
    variable_symbol text,
    constant_symbol text,
    specific_symbol text,
    order_number text,
    internal_number text,
    invoice_number text,
    invoice_amount text,
    "invoice_file_mimeType" text NOT NULL,
    invoice_file_url text NOT NULL,
    invoice_items jsonb,
    invoice_type text,
    invoice_currency text,
    invoice_language text,
    partner text,
    partner_street text,
    partner_city text,
    partner_zip text,
    partner_country text,
    partner_country_code text,
    partner_business_street text,
    partner_business_city text,
    partner_business_zip text,
    partner_business_country text,
    partner_business_country_code text,
    "partner_VAT_number" text,
    "partner_TAX_number" text,
    "partner_TAX_local_number" text,
    partner_phone_prefix text,
    partner_phone_number text,
    partner_fax_prefix text,
    partner_fax_number text,
    partner_email text,
    partner_website text,
    partner_is_person boolean,
    partner_bank text,
    partner_account_number text,
    partner_account_bank_number text,
    "partner_IBAN" text,
    "partner_SWIFT" text,
    "partner_BIC" text,
    rossum_status text,
    rossum_annotation_id text,
    rossum_annotation_url text,
    rossum_document_id text,
    rossum_document_url text,
    rossum_annotation_json_url text,
    rossum_annotation_xml_url text,
    money_s3_url text,
    status text,
    invoice_state_id uuid,
    assigned_user_id uuid,
    assigned_account_id uuid,
    visibility boolean NOT NULL DEFAULT true,
    CONSTRAINT "Invoices_pkey" PRIMARY KEY (id)
);

-- Create table MyAccount.
CREATE TABLE "MyAccount" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    company_name text NOT NULL,
    is_person boolean NOT NULL DEFAULT false,
    email text,
    email_accountant text,
    phone_prefix text,
    phone text,
    mobile_prefix text,
    mobile text,
    fax_prefix text,
    fax text,
    website text,
    street text,
    city text,
    state text,
    zip text,
    country text,
    country_code text,
    billing_street text,
    billing_city text,
    billing_state text,
    billing_zip text,
    billing_country text,
    billing_country_code text,
    currency text,
    currency_symbol text,
    "VAT_number" text NOT NULL,
    "TAX_number" text,
    bank_name text,
    bank_account text,
    bank_code text,
    "bank_IBAN" text,
    "bank_SWIFT" text,
    CONSTRAINT "MyAccount_pkey" PRIMARY KEY (id)
);

-- Create table Sections.
CREATE TABLE "Sections" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    board uuid NOT NULL,
    title text NOT NULL,
    "position" integer,
    CONSTRAINT "Sections_pkey" PRIMARY KEY (id)
);

-- Create table Tasks.
CREATE TABLE "Tasks" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    content text,
    "createdAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdBy" uuid,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    "dueDateAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "lastEditedAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "position" integer NOT NULL,
    priority text NOT NULL,
    section uuid,
    tags jsonb,
    title text NOT NULL,
    likes integer DEFAULT 0,
    "user" uuid,
    "taskStatus" "taskStatus" DEFAULT 'ACTIVE',
    CONSTRAINT "Tasks_pkey" PRIMARY KEY (id)
);

-- Create table TodoList.
CREATE TABLE "TodoList" (
    id uuid NOT NULL,
    "createdAt" text NOT NULL,
    description text NOT NULL,
    title text NOT NULL,
    url text NOT NULL,
    "user" text NOT NULL,
    CONSTRAINT "TodoList_pkey" PRIMARY KEY (id)
);

-- Create table Users.
CREATE TABLE "Users" (
    id uuid NOT NULL,
    __v integer NOT NULL DEFAULT 0,
    account_name text,
    avatar text,
    email text NOT NULL,
    is_account_admin boolean NOT NULL DEFAULT false,
    is_admin boolean NOT NULL DEFAULT false,
    created_on timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastLoginAt" timestamp(3) without time zone,
    name text,
    password text,
    username text,
    "userStatus" "ActiveStatus" NOT NULL DEFAULT 'PENDING',
    "userLanguage" "Language" NOT NULL DEFAULT 'en',
    CONSTRAINT "Users_pkey" PRIMARY KEY (id)
);

-- Create table crm_Accounts.
CREATE TABLE "crm_Accounts" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    "createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdBy" uuid,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    annual_revenue text,
    assigned_to uuid,
    billing_city text,
    billing_country text,
    billing_postal_code text,
    billing_state text,
    billing_street text,
    company_id text,
    description text,
    email text,
    employees text,
    fax text,
    industry uuid,
    member_of text,
    name text NOT NULL,
    office_phone text,
    shipping_city text,
    shipping_country text,
    shipping_postal_code text,
    shipping_state text,
    shipping_street text,
    status text DEFAULT 'Inactive',
    type text DEFAULT 'Customer',
    vat text,
    website text,
    CONSTRAINT "crm_Accounts_pkey" PRIMARY KEY (id)
);

-- Create table crm_Accounts_Tasks.
CREATE TABLE "crm_Accounts_Tasks" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    content text,
    "createdAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdBy" uuid,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    "dueDateAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    priority text NOT NULL,
    tags jsonb,
    title text NOT NULL,
    likes integer DEFAULT 0,
    "user" uuid,
    "taskStatus" "taskStatus" DEFAULT 'ACTIVE',
    account uuid,
    CONSTRAINT "crm_Accounts_Tasks_pkey" PRIMARY KEY (id)
);

-- Create table crm_Contacts.
CREATE TABLE "crm_Contacts" (
    id uuid NOT NULL,
    __v integer NOT NULL DEFAULT 0,
    account uuid,
    assigned_to uuid,
    birthday text,
    created_by uuid,
    "createdBy" uuid,
    created_on timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "cratedAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    last_activity timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    last_activity_by uuid,
    description text,
    email text,
    personal_email text,
    first_name text,
    last_name text NOT NULL,
    office_phone text,
    mobile_phone text,
    website text,
    "position" text,
    status boolean NOT NULL DEFAULT true,
    social_twitter text,
    social_facebook text,
    social_linkedin text,
    social_skype text,
    social_instagram text,
    social_youtube text,
    social_tiktok text,
    type text DEFAULT 'Customer',
    tags text[],
    notes text[],
    "accountsIDs" uuid,
    CONSTRAINT "crm_Contacts_pkey" PRIMARY KEY (id)
);

-- Create table crm_Contracts.
CREATE TABLE "crm_Contracts" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    title text NOT NULL,
    value integer NOT NULL,
    "startDate" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "endDate" timestamp(3) without time zone,
    "renewalReminderDate" timestamp(3) without time zone,
    "customerSignedDate" timestamp(3) without time zone,
    "companySignedDate" timestamp(3) without time zone,
    description text,
    account uuid,
    assigned_to uuid,
    "createdAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdBy" uuid,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    status "crm_Contracts_Status" NOT NULL DEFAULT 'NOTSTARTED',
    type text,
    CONSTRAINT "crm_Contracts_pkey" PRIMARY KEY (id)
);

-- Create table crm_Industry_Type.
CREATE TABLE "crm_Industry_Type" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    CONSTRAINT "crm_Industry_Type_pkey" PRIMARY KEY (id)
);

-- Create table crm_Leads.
CREATE TABLE "crm_Leads" (
    id uuid NOT NULL,
    __v integer NOT NULL DEFAULT 0,
    "createdAt" timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdBy" uuid,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    "firstName" text,
    "lastName" text NOT NULL,
    company text,
    "jobTitle" text,
    email text,
    phone text,
    description text,
    lead_source text,
    refered_by text,
    campaign text,
    status text DEFAULT 'NEW',
    type text DEFAULT 'DEMO',
    assigned_to uuid,
    "accountsIDs" uuid,
    CONSTRAINT "crm_Leads_pkey" PRIMARY KEY (id)
);

-- Create table crm_Opportunities.
CREATE TABLE "crm_Opportunities" (
    id uuid NOT NULL,
    __v integer NOT NULL DEFAULT 0,
    account uuid,
    assigned_to uuid,
    budget integer NOT NULL DEFAULT 0,
    campaign uuid,
    close_date timestamp(3) without time zone,
    contact uuid,
    created_by uuid,
    "createdBy" uuid,
    created_on timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    "createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_activity timestamp(3) without time zone,
    "updatedAt" timestamp(3) without time zone,
    "updatedBy" uuid,
    last_activity_by uuid,
    currency text,
    description text,
    expected_revenue integer NOT NULL DEFAULT 0,
    name text,
    next_step text,
    sales_stage uuid,
    type uuid,
    status "crm_Opportunity_Status" DEFAULT 'ACTIVE',
    CONSTRAINT "crm_Opportunities_pkey" PRIMARY KEY (id)
);

-- Create table crm_Opportunities_Sales_Stages.
CREATE TABLE "crm_Opportunities_Sales_Stages" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    probability integer,
    "order" integer,
    CONSTRAINT "crm_Opportunities_Sales_Stages_pkey" PRIMARY KEY (id)
);

-- Create table crm_Opportunities_Type.
CREATE TABLE "crm_Opportunities_Type" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    "order" integer,
    CONSTRAINT "crm_Opportunities_Type_pkey" PRIMARY KEY (id)
);

-- Create table crm_campaigns.
CREATE TABLE crm_campaigns (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    description text,
    status text,
    CONSTRAINT crm_campaigns_pkey PRIMARY KEY (id)
);

-- Create table gpt_models.
CREATE TABLE gpt_models (
    id uuid NOT NULL,
    __v integer NOT NULL,
    model text NOT NULL,
    description text,
    status "gptStatus",
    created_on timestamp(3) without time zone DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT gpt_models_pkey PRIMARY KEY (id)
);

-- Create table invoice_States.
CREATE TABLE "invoice_States" (
    id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT "invoice_States_pkey" PRIMARY KEY (id)
);

-- Create table modulStatus.
CREATE TABLE "modulStatus" (
    id uuid NOT NULL,
    name text NOT NULL,
    "isVisible" boolean NOT NULL,
    CONSTRAINT "modulStatus_pkey" PRIMARY KEY (id)
);

-- Create table openAi_keys.
CREATE TABLE "openAi_keys" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    "user" uuid NOT NULL,
    organization_id text NOT NULL,
    api_key text NOT NULL,
    CONSTRAINT "openAi_keys_pkey" PRIMARY KEY (id)
);

-- Create table secondBrain_notions.
CREATE TABLE "secondBrain_notions" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    "user" uuid NOT NULL,
    notion_api_key text NOT NULL,
    notion_db_id text NOT NULL,
    CONSTRAINT "secondBrain_notions_pkey" PRIMARY KEY (id)
);

-- Create table systemServices.
CREATE TABLE "systemServices" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    "serviceUrl" text,
    "serviceId" text,
    "serviceKey" text,
    "servicePassword" text,
    "servicePort" text,
    description text,
    CONSTRAINT "systemServices_pkey" PRIMARY KEY (id)
);

-- Create table system_Modules_Enabled.
CREATE TABLE "system_Modules_Enabled" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    name text NOT NULL,
    enabled boolean NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT "system_Modules_Enabled_pkey" PRIMARY KEY (id)
);

-- Create table tasksComments.
CREATE TABLE "tasksComments" (
    id uuid NOT NULL,
    __v integer NOT NULL,
    comment text NOT NULL,
    "createdAt" timestamp(3) without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    task uuid NOT NULL,
    "user" uuid NOT NULL,
    assigned_crm_account_task uuid,
    CONSTRAINT "tasksComments_pkey" PRIMARY KEY (id)
);

-- Create index AccountWatchers_account_id_idx on AccountWatchers.
CREATE INDEX "AccountWatchers_account_id_idx" ON "AccountWatchers" (account_id);

-- Create index AccountWatchers_user_id_idx on AccountWatchers.
CREATE INDEX "AccountWatchers_user_id_idx" ON "AccountWatchers" (user_id);

-- Create index BoardWatchers_board_id_idx on BoardWatchers.
CREATE INDEX "BoardWatchers_board_id_idx" ON "BoardWatchers" (board_id);

-- Create index BoardWatchers_user_id_idx on BoardWatchers.
CREATE INDEX "BoardWatchers_user_id_idx" ON "BoardWatchers" (user_id);

-- Create index Boards_createdAt_idx on Boards.
CREATE INDEX "Boards_createdAt_idx" ON "Boards" ("createdAt");

-- Create index Boards_createdBy_idx on Boards.
CREATE INDEX "Boards_createdBy_idx" ON "Boards" ("createdBy");

-- Create index Boards_favourite_idx on Boards.
CREATE INDEX "Boards_favourite_idx" ON "Boards" (favourite);

-- Create index Boards_updatedBy_idx on Boards.
CREATE INDEX "Boards_updatedBy_idx" ON "Boards" ("updatedBy");

-- Create index Boards_user_favourite_idx on Boards.
CREATE INDEX "Boards_user_favourite_idx" ON "Boards" ("user", favourite);

-- Create index Boards_user_idx on Boards.
CREATE INDEX "Boards_user_idx" ON "Boards" ("user");

-- Create index Boards_visibility_idx on Boards.
CREATE INDEX "Boards_visibility_idx" ON "Boards" (visibility);

-- Create index ContactsToOpportunities_contact_id_idx on ContactsToOpportunities.
CREATE INDEX "ContactsToOpportunities_contact_id_idx" ON "ContactsToOpportunities" (contact_id);

-- Create index ContactsToOpportunities_opportunity_id_idx on ContactsToOpportunities.
CREATE INDEX "ContactsToOpportunities_opportunity_id_idx" ON "ContactsToOpportunities" (opportunity_id);

-- Create index Documents_assigned_user_idx on Documents.
CREATE INDEX "Documents_assigned_user_idx" ON "Documents" (assigned_user);

-- Create index Documents_createdAt_idx on Documents.
CREATE INDEX "Documents_createdAt_idx" ON "Documents" ("createdAt");

-- Create index Documents_createdBy_idx on Documents.
CREATE INDEX "Documents_createdBy_idx" ON "Documents" ("createdBy");

-- Create index Documents_created_by_user_idx on Documents.
CREATE INDEX "Documents_created_by_user_idx" ON "Documents" (created_by_user);

-- Create index Documents_document_system_type_idx on Documents.
CREATE INDEX "Documents_document_system_type_idx" ON "Documents" (document_system_type);

-- Create index Documents_document_type_idx on Documents.
CREATE INDEX "Documents_document_type_idx" ON "Documents" (document_type);

-- Create index Documents_favourite_idx on Documents.
CREATE INDEX "Documents_favourite_idx" ON "Documents" (favourite);

-- Create index Documents_status_idx on Documents.
CREATE INDEX "Documents_status_idx" ON "Documents" (status);

-- Create index Documents_visibility_idx on Documents.
CREATE INDEX "Documents_visibility_idx" ON "Documents" (visibility);

-- Create index DocumentsToAccounts_account_id_idx on DocumentsToAccounts.
CREATE INDEX "DocumentsToAccounts_account_id_idx" ON "DocumentsToAccounts" (account_id);

-- Create index DocumentsToAccounts_document_id_idx on DocumentsToAccounts.
CREATE INDEX "DocumentsToAccounts_document_id_idx" ON "DocumentsToAccounts" (document_id);

-- Create index DocumentsToContacts_contact_id_idx on DocumentsToContacts.
CREATE INDEX "DocumentsToContacts_contact_id_idx" ON "DocumentsToContacts" (contact_id);

-- Create index DocumentsToContacts_document_id_idx on DocumentsToContacts.
CREATE INDEX "DocumentsToContacts_document_id_idx" ON "DocumentsToContacts" (document_id);

-- Create index DocumentsToCrmAccountsTasks_crm_accounts_task_id_idx on DocumentsToCrmAccountsTasks.
CREATE INDEX "DocumentsToCrmAccountsTasks_crm_accounts_task_id_idx" ON "DocumentsToCrmAccountsTasks" (crm_accounts_task_id);

-- Create index DocumentsToCrmAccountsTasks_document_id_idx on DocumentsToCrmAccountsTasks.
CREATE INDEX "DocumentsToCrmAccountsTasks_document_id_idx" ON "DocumentsToCrmAccountsTasks" (document_id);

-- Create index DocumentsToInvoices_document_id_idx on DocumentsToInvoices.
CREATE INDEX "DocumentsToInvoices_document_id_idx" ON "DocumentsToInvoices" (document_id);

-- Create index DocumentsToInvoices_invoice_id_idx on DocumentsToInvoices.
CREATE INDEX "DocumentsToInvoices_invoice_id_idx" ON "DocumentsToInvoices" (invoice_id);

-- Create index DocumentsToLeads_document_id_idx on DocumentsToLeads.
CREATE INDEX "DocumentsToLeads_document_id_idx" ON "DocumentsToLeads" (document_id);

-- Create index DocumentsToLeads_lead_id_idx on DocumentsToLeads.
CREATE INDEX "DocumentsToLeads_lead_id_idx" ON "DocumentsToLeads" (lead_id);

-- Create index DocumentsToOpportunities_document_id_idx on DocumentsToOpportunities.
CREATE INDEX "DocumentsToOpportunities_document_id_idx" ON "DocumentsToOpportunities" (document_id);

-- Create index DocumentsToOpportunities_opportunity_id_idx on DocumentsToOpportunities.
CREATE INDEX "DocumentsToOpportunities_opportunity_id_idx" ON "DocumentsToOpportunities" (opportunity_id);

-- Create index DocumentsToTasks_document_id_idx on DocumentsToTasks.
CREATE INDEX "DocumentsToTasks_document_id_idx" ON "DocumentsToTasks" (document_id);

-- Create index DocumentsToTasks_task_id_idx on DocumentsToTasks.
CREATE INDEX "DocumentsToTasks_task_id_idx" ON "DocumentsToTasks" (task_id);

-- Create index Invoices_assigned_account_id_idx on Invoices.
CREATE INDEX "Invoices_assigned_account_id_idx" ON "Invoices" (assigned_account_id);

-- Create index Invoices_assigned_user_id_idx on Invoices.
CREATE INDEX "Invoices_assigned_user_id_idx" ON "Invoices" (assigned_user_id);

-- Create index Invoices_date_created_idx on Invoices.
CREATE INDEX "Invoices_date_created_idx" ON "Invoices" (date_created);

-- Create index Invoices_date_due_idx on Invoices.
CREATE INDEX "Invoices_date_due_idx" ON "Invoices" (date_due);

-- Create index Invoices_favorite_idx on Invoices.
CREATE INDEX "Invoices_favorite_idx" ON "Invoices" (favorite);

-- Create index Invoices_invoice_state_id_idx on Invoices.
CREATE INDEX "Invoices_invoice_state_id_idx" ON "Invoices" (invoice_state_id);

-- Create index Invoices_invoice_type_idx on Invoices.
CREATE INDEX "Invoices_invoice_type_idx" ON "Invoices" (invoice_type);

-- Create index Invoices_last_updated_by_idx on Invoices.
CREATE INDEX "Invoices_last_updated_by_idx" ON "Invoices" (last_updated_by);

-- Create index Invoices_status_date_created_idx on Invoices.
CREATE INDEX "Invoices_status_date_created_idx" ON "Invoices" (status, date_created);

-- Create index Invoices_status_idx on Invoices.
CREATE INDEX "Invoices_status_idx" ON "Invoices" (status);

-- Create index Sections_board_idx on Sections.
CREATE INDEX "Sections_board_idx" ON "Sections" (board);

-- Create index Tasks_createdAt_idx on Tasks.
CREATE INDEX "Tasks_createdAt_idx" ON "Tasks" ("createdAt");

-- Create index Tasks_createdBy_idx on Tasks.
CREATE INDEX "Tasks_createdBy_idx" ON "Tasks" ("createdBy");

-- Create index Tasks_dueDateAt_idx on Tasks.
CREATE INDEX "Tasks_dueDateAt_idx" ON "Tasks" ("dueDateAt");

-- Create index Tasks_priority_idx on Tasks.
CREATE INDEX "Tasks_priority_idx" ON "Tasks" (priority);

-- Create index Tasks_section_idx on Tasks.
CREATE INDEX "Tasks_section_idx" ON "Tasks" (section);

-- Create index Tasks_taskStatus_idx on Tasks.
CREATE INDEX "Tasks_taskStatus_idx" ON "Tasks" ("taskStatus");

-- Create index Tasks_updatedBy_idx on Tasks.
CREATE INDEX "Tasks_updatedBy_idx" ON "Tasks" ("updatedBy");

-- Create index Tasks_user_idx on Tasks.
CREATE INDEX "Tasks_user_idx" ON "Tasks" ("user");

-- Create index Tasks_user_taskStatus_idx on Tasks.
CREATE INDEX "Tasks_user_taskStatus_idx" ON "Tasks" ("user", "taskStatus");

-- Create index Users_created_on_idx on Users.
CREATE INDEX "Users_created_on_idx" ON "Users" (created_on);

-- Create index Users_email_idx on Users.
CREATE INDEX "Users_email_idx" ON "Users" (email);

-- Create index Users_email_key on Users.
CREATE UNIQUE INDEX "Users_email_key" ON "Users" (email);

-- Create index Users_is_account_admin_idx on Users.
CREATE INDEX "Users_is_account_admin_idx" ON "Users" (is_account_admin);

-- Create index Users_is_admin_idx on Users.
CREATE INDEX "Users_is_admin_idx" ON "Users" (is_admin);

-- Create index Users_lastLoginAt_idx on Users.
CREATE INDEX "Users_lastLoginAt_idx" ON "Users" ("lastLoginAt");

-- Create index Users_userLanguage_idx on Users.
CREATE INDEX "Users_userLanguage_idx" ON "Users" ("userLanguage");

-- Create index Users_userStatus_idx on Users.
CREATE INDEX "Users_userStatus_idx" ON "Users" ("userStatus");

-- Create index crm_Accounts_assigned_to_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_assigned_to_idx" ON "crm_Accounts" (assigned_to);

-- Create index crm_Accounts_createdAt_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_createdAt_idx" ON "crm_Accounts" ("createdAt");

-- Create index crm_Accounts_createdBy_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_createdBy_idx" ON "crm_Accounts" ("createdBy");

-- Create index crm_Accounts_industry_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_industry_idx" ON "crm_Accounts" (industry);

-- Create index crm_Accounts_status_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_status_idx" ON "crm_Accounts" (status);

-- Create index crm_Accounts_type_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_type_idx" ON "crm_Accounts" (type);

-- Create index crm_Accounts_updatedBy_idx on crm_Accounts.
CREATE INDEX "crm_Accounts_updatedBy_idx" ON "crm_Accounts" ("updatedBy");

-- Create index crm_Accounts_Tasks_account_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_account_idx" ON "crm_Accounts_Tasks" (account);

-- Create index crm_Accounts_Tasks_account_taskStatus_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_account_taskStatus_idx" ON "crm_Accounts_Tasks" (account, "taskStatus");

-- Create index crm_Accounts_Tasks_createdAt_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_createdAt_idx" ON "crm_Accounts_Tasks" ("createdAt");

-- Create index crm_Accounts_Tasks_createdBy_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_createdBy_idx" ON "crm_Accounts_Tasks" ("createdBy");

-- Create index crm_Accounts_Tasks_dueDateAt_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_dueDateAt_idx" ON "crm_Accounts_Tasks" ("dueDateAt");

-- Create index crm_Accounts_Tasks_priority_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_priority_idx" ON "crm_Accounts_Tasks" (priority);

-- Create index crm_Accounts_Tasks_taskStatus_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_taskStatus_idx" ON "crm_Accounts_Tasks" ("taskStatus");

-- Create index crm_Accounts_Tasks_updatedBy_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_updatedBy_idx" ON "crm_Accounts_Tasks" ("updatedBy");

-- Create index crm_Accounts_Tasks_user_idx on crm_Accounts_Tasks.
CREATE INDEX "crm_Accounts_Tasks_user_idx" ON "crm_Accounts_Tasks" ("user");

-- Create index crm_Contacts_accountsIDs_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_accountsIDs_idx" ON "crm_Contacts" ("accountsIDs");

-- Create index crm_Contacts_assigned_to_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_assigned_to_idx" ON "crm_Contacts" (assigned_to);

-- Create index crm_Contacts_cratedAt_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_cratedAt_idx" ON "crm_Contacts" ("cratedAt");

-- Create index crm_Contacts_createdBy_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_createdBy_idx" ON "crm_Contacts" ("createdBy");

-- Create index crm_Contacts_created_by_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_created_by_idx" ON "crm_Contacts" (created_by);

-- Create index crm_Contacts_last_activity_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_last_activity_idx" ON "crm_Contacts" (last_activity);

-- Create index crm_Contacts_status_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_status_idx" ON "crm_Contacts" (status);

-- Create index crm_Contacts_type_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_type_idx" ON "crm_Contacts" (type);

-- Create index crm_Contacts_updatedBy_idx on crm_Contacts.
CREATE INDEX "crm_Contacts_updatedBy_idx" ON "crm_Contacts" ("updatedBy");

-- Create index crm_Contracts_account_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_account_idx" ON "crm_Contracts" (account);

-- Create index crm_Contracts_assigned_to_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_assigned_to_idx" ON "crm_Contracts" (assigned_to);

-- Create index crm_Contracts_createdAt_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_createdAt_idx" ON "crm_Contracts" ("createdAt");

-- Create index crm_Contracts_createdBy_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_createdBy_idx" ON "crm_Contracts" ("createdBy");

-- Create index crm_Contracts_endDate_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_endDate_idx" ON "crm_Contracts" ("endDate");

-- Create index crm_Contracts_startDate_endDate_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_startDate_endDate_idx" ON "crm_Contracts" ("startDate", "endDate");

-- Create index crm_Contracts_startDate_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_startDate_idx" ON "crm_Contracts" ("startDate");

-- Create index crm_Contracts_status_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_status_idx" ON "crm_Contracts" (status);

-- Create index crm_Contracts_updatedBy_idx on crm_Contracts.
CREATE INDEX "crm_Contracts_updatedBy_idx" ON "crm_Contracts" ("updatedBy");

-- Create index crm_Leads_accountsIDs_idx on crm_Leads.
CREATE INDEX "crm_Leads_accountsIDs_idx" ON "crm_Leads" ("accountsIDs");

-- Create index crm_Leads_assigned_to_idx on crm_Leads.
CREATE INDEX "crm_Leads_assigned_to_idx" ON "crm_Leads" (assigned_to);

-- Create index crm_Leads_createdAt_idx on crm_Leads.
CREATE INDEX "crm_Leads_createdAt_idx" ON "crm_Leads" ("createdAt");

-- Create index crm_Leads_createdBy_idx on crm_Leads.
CREATE INDEX "crm_Leads_createdBy_idx" ON "crm_Leads" ("createdBy");

-- Create index crm_Leads_status_idx on crm_Leads.
CREATE INDEX "crm_Leads_status_idx" ON "crm_Leads" (status);

-- Create index crm_Leads_type_idx on crm_Leads.
CREATE INDEX "crm_Leads_type_idx" ON "crm_Leads" (type);

-- Create index crm_Leads_updatedBy_idx on crm_Leads.
CREATE INDEX "crm_Leads_updatedBy_idx" ON "crm_Leads" ("updatedBy");

-- Create index crm_Opportunities_account_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_account_idx" ON "crm_Opportunities" (account);

-- Create index crm_Opportunities_assigned_to_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_assigned_to_idx" ON "crm_Opportunities" (assigned_to);

-- Create index crm_Opportunities_campaign_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_campaign_idx" ON "crm_Opportunities" (campaign);

-- Create index crm_Opportunities_close_date_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_close_date_idx" ON "crm_Opportunities" (close_date);

-- Create index crm_Opportunities_contact_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_contact_idx" ON "crm_Opportunities" (contact);

-- Create index crm_Opportunities_createdAt_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_createdAt_idx" ON "crm_Opportunities" ("createdAt");

-- Create index crm_Opportunities_created_by_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_created_by_idx" ON "crm_Opportunities" (created_by);

-- Create index crm_Opportunities_sales_stage_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_sales_stage_idx" ON "crm_Opportunities" (sales_stage);

-- Create index crm_Opportunities_status_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_status_idx" ON "crm_Opportunities" (status);

-- Create index crm_Opportunities_status_sales_stage_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_status_sales_stage_idx" ON "crm_Opportunities" (status, sales_stage);

-- Create index crm_Opportunities_type_idx on crm_Opportunities.
CREATE INDEX "crm_Opportunities_type_idx" ON "crm_Opportunities" (type);

-- Create index openAi_keys_user_idx on openAi_keys.
CREATE INDEX "openAi_keys_user_idx" ON "openAi_keys" ("user");

-- Create index secondBrain_notions_user_idx on secondBrain_notions.
CREATE INDEX "secondBrain_notions_user_idx" ON "secondBrain_notions" ("user");

-- Create index tasksComments_assigned_crm_account_task_idx on tasksComments.
CREATE INDEX "tasksComments_assigned_crm_account_task_idx" ON "tasksComments" (assigned_crm_account_task);

-- Create index tasksComments_task_idx on tasksComments.
CREATE INDEX "tasksComments_task_idx" ON "tasksComments" (task);

-- Create index tasksComments_user_idx on tasksComments.
CREATE INDEX "tasksComments_user_idx" ON "tasksComments" ("user");

-- Add foreign keys AccountWatchers_account_id_fkey: AccountWatchers(account_id) → crm_Accounts(id); AccountWatchers_user_id_fkey: AccountWatchers(user_id) → Users(id).
ALTER TABLE "AccountWatchers"
    ADD CONSTRAINT "AccountWatchers_account_id_fkey" FOREIGN KEY (account_id) REFERENCES "crm_Accounts" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "AccountWatchers_user_id_fkey" FOREIGN KEY (user_id) REFERENCES "Users" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys BoardWatchers_board_id_fkey: BoardWatchers(board_id) → Boards(id); BoardWatchers_user_id_fkey: BoardWatchers(user_id) → Users(id).
ALTER TABLE "BoardWatchers"
    ADD CONSTRAINT "BoardWatchers_board_id_fkey" FOREIGN KEY (board_id) REFERENCES "Boards" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "BoardWatchers_user_id_fkey" FOREIGN KEY (user_id) REFERENCES "Users" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign key Boards_user_fkey: Boards(user) → Users(id).
ALTER TABLE "Boards"
    ADD CONSTRAINT "Boards_user_fkey" FOREIGN KEY ("user") REFERENCES "Users" (id) ON DELETE RESTRICT ON UPDATE CASCADE;

-- Add foreign keys ContactsToOpportunities_contact_id_fkey: ContactsToOpportunities(contact_id) → crm_Contacts(id); ContactsToOpportunities_opportunity_id_fkey: ContactsToOpportunities(opportunity_id) → crm_Opportunities(id).
ALTER TABLE "ContactsToOpportunities"
    ADD CONSTRAINT "ContactsToOpportunities_contact_id_fkey" FOREIGN KEY (contact_id) REFERENCES "crm_Contacts" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "ContactsToOpportunities_opportunity_id_fkey" FOREIGN KEY (opportunity_id) REFERENCES "crm_Opportunities" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys Documents_assigned_user_fkey: Documents(assigned_user) → Users(id); Documents_created_by_user_fkey: Documents(created_by_user) → Users(id); Documents_document_type_fkey: Documents(document_type) → Documents_Types(id).
ALTER TABLE "Documents"
    ADD CONSTRAINT "Documents_assigned_user_fkey" FOREIGN KEY (assigned_user) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "Documents_created_by_user_fkey" FOREIGN KEY (created_by_user) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "Documents_document_type_fkey" FOREIGN KEY (document_type) REFERENCES "Documents_Types" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys DocumentsToAccounts_account_id_fkey: DocumentsToAccounts(account_id) → crm_Accounts(id); DocumentsToAccounts_document_id_fkey: DocumentsToAccounts(document_id) → Documents(id).
ALTER TABLE "DocumentsToAccounts"
    ADD CONSTRAINT "DocumentsToAccounts_account_id_fkey" FOREIGN KEY (account_id) REFERENCES "crm_Accounts" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToAccounts_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys DocumentsToContacts_contact_id_fkey: DocumentsToContacts(contact_id) → crm_Contacts(id); DocumentsToContacts_document_id_fkey: DocumentsToContacts(document_id) → Documents(id).
ALTER TABLE "DocumentsToContacts"
    ADD CONSTRAINT "DocumentsToContacts_contact_id_fkey" FOREIGN KEY (contact_id) REFERENCES "crm_Contacts" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToContacts_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys DocumentsToCrmAccountsTasks_crm_accounts_task_id_fkey: DocumentsToCrmAccountsTasks(crm_accounts_task_id) → crm_Accounts_Tasks(id); DocumentsToCrmAccountsTasks_document_id_fkey: DocumentsToCrmAccountsTasks(document_id) → Documents(id).
ALTER TABLE "DocumentsToCrmAccountsTasks"
    ADD CONSTRAINT "DocumentsToCrmAccountsTasks_crm_accounts_task_id_fkey" FOREIGN KEY (crm_accounts_task_id) REFERENCES "crm_Accounts_Tasks" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToCrmAccountsTasks_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys DocumentsToInvoices_document_id_fkey: DocumentsToInvoices(document_id) → Documents(id); DocumentsToInvoices_invoice_id_fkey: DocumentsToInvoices(invoice_id) → Invoices(id).
ALTER TABLE "DocumentsToInvoices"
    ADD CONSTRAINT "DocumentsToInvoices_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToInvoices_invoice_id_fkey" FOREIGN KEY (invoice_id) REFERENCES "Invoices" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys DocumentsToLeads_document_id_fkey: DocumentsToLeads(document_id) → Documents(id); DocumentsToLeads_lead_id_fkey: DocumentsToLeads(lead_id) → crm_Leads(id).
ALTER TABLE "DocumentsToLeads"
    ADD CONSTRAINT "DocumentsToLeads_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToLeads_lead_id_fkey" FOREIGN KEY (lead_id) REFERENCES "crm_Leads" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys DocumentsToOpportunities_document_id_fkey: DocumentsToOpportunities(document_id) → Documents(id); DocumentsToOpportunities_opportunity_id_fkey: DocumentsToOpportunities(opportunity_id) → crm_Opportunities(id).
ALTER TABLE "DocumentsToOpportunities"
    ADD CONSTRAINT "DocumentsToOpportunities_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToOpportunities_opportunity_id_fkey" FOREIGN KEY (opportunity_id) REFERENCES "crm_Opportunities" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys DocumentsToTasks_document_id_fkey: DocumentsToTasks(document_id) → Documents(id); DocumentsToTasks_task_id_fkey: DocumentsToTasks(task_id) → Tasks(id).
ALTER TABLE "DocumentsToTasks"
    ADD CONSTRAINT "DocumentsToTasks_document_id_fkey" FOREIGN KEY (document_id) REFERENCES "Documents" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "DocumentsToTasks_task_id_fkey" FOREIGN KEY (task_id) REFERENCES "Tasks" (id) ON DELETE CASCADE ON UPDATE CASCADE;

-- Add foreign keys Invoices_assigned_account_id_fkey: Invoices(assigned_account_id) → crm_Accounts(id); Invoices_assigned_user_id_fkey: Invoices(assigned_user_id) → Users(id); Invoices_invoice_state_id_fkey: Invoices(invoice_state_id) → invoice_States(id).
ALTER TABLE "Invoices"
    ADD CONSTRAINT "Invoices_assigned_account_id_fkey" FOREIGN KEY (assigned_account_id) REFERENCES "crm_Accounts" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "Invoices_assigned_user_id_fkey" FOREIGN KEY (assigned_user_id) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "Invoices_invoice_state_id_fkey" FOREIGN KEY (invoice_state_id) REFERENCES "invoice_States" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign key Sections_board_fkey: Sections(board) → Boards(id).
ALTER TABLE "Sections"
    ADD CONSTRAINT "Sections_board_fkey" FOREIGN KEY (board) REFERENCES "Boards" (id) ON DELETE RESTRICT ON UPDATE CASCADE;

-- Add foreign keys Tasks_section_fkey: Tasks(section) → Sections(id); Tasks_user_fkey: Tasks(user) → Users(id).
ALTER TABLE "Tasks"
    ADD CONSTRAINT "Tasks_section_fkey" FOREIGN KEY (section) REFERENCES "Sections" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "Tasks_user_fkey" FOREIGN KEY ("user") REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys crm_Accounts_assigned_to_fkey: crm_Accounts(assigned_to) → Users(id); crm_Accounts_industry_fkey: crm_Accounts(industry) → crm_Industry_Type(id).
ALTER TABLE "crm_Accounts"
    ADD CONSTRAINT "crm_Accounts_assigned_to_fkey" FOREIGN KEY (assigned_to) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Accounts_industry_fkey" FOREIGN KEY (industry) REFERENCES "crm_Industry_Type" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys crm_Accounts_Tasks_account_fkey: crm_Accounts_Tasks(account) → crm_Accounts(id); crm_Accounts_Tasks_user_fkey: crm_Accounts_Tasks(user) → Users(id).
ALTER TABLE "crm_Accounts_Tasks"
    ADD CONSTRAINT "crm_Accounts_Tasks_account_fkey" FOREIGN KEY (account) REFERENCES "crm_Accounts" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Accounts_Tasks_user_fkey" FOREIGN KEY ("user") REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys crm_Contacts_accountsIDs_fkey: crm_Contacts(accountsIDs) → crm_Accounts(id); crm_Contacts_assigned_to_fkey: crm_Contacts(assigned_to) → Users(id); crm_Contacts_created_by_fkey: crm_Contacts(created_by) → Users(id).
ALTER TABLE "crm_Contacts"
    ADD CONSTRAINT "crm_Contacts_accountsIDs_fkey" FOREIGN KEY ("accountsIDs") REFERENCES "crm_Accounts" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Contacts_assigned_to_fkey" FOREIGN KEY (assigned_to) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Contacts_created_by_fkey" FOREIGN KEY (created_by) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys crm_Contracts_account_fkey: crm_Contracts(account) → crm_Accounts(id); crm_Contracts_assigned_to_fkey: crm_Contracts(assigned_to) → Users(id).
ALTER TABLE "crm_Contracts"
    ADD CONSTRAINT "crm_Contracts_account_fkey" FOREIGN KEY (account) REFERENCES "crm_Accounts" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Contracts_assigned_to_fkey" FOREIGN KEY (assigned_to) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys crm_Leads_accountsIDs_fkey: crm_Leads(accountsIDs) → crm_Accounts(id); crm_Leads_assigned_to_fkey: crm_Leads(assigned_to) → Users(id).
ALTER TABLE "crm_Leads"
    ADD CONSTRAINT "crm_Leads_accountsIDs_fkey" FOREIGN KEY ("accountsIDs") REFERENCES "crm_Accounts" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Leads_assigned_to_fkey" FOREIGN KEY (assigned_to) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign keys crm_Opportunities_account_fkey: crm_Opportunities(account) → crm_Accounts(id); crm_Opportunities_assigned_to_fkey: crm_Opportunities(assigned_to) → Users(id); crm_Opportunities_campaign_fkey: crm_Opportunities(campaign) → crm_campaigns(id); crm_Opportunities_created_by_fkey: crm_Opportunities(created_by) → Users(id); crm_Opportunities_sales_stage_fkey: crm_Opportunities(sales_stage) → crm_Opportunities_Sales_Stages(id); crm_Opportunities_type_fkey: crm_Opportunities(type) → crm_Opportunities_Type(id).
ALTER TABLE "crm_Opportunities"
    ADD CONSTRAINT "crm_Opportunities_account_fkey" FOREIGN KEY (account) REFERENCES "crm_Accounts" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Opportunities_assigned_to_fkey" FOREIGN KEY (assigned_to) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Opportunities_campaign_fkey" FOREIGN KEY (campaign) REFERENCES crm_campaigns (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Opportunities_created_by_fkey" FOREIGN KEY (created_by) REFERENCES "Users" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Opportunities_sales_stage_fkey" FOREIGN KEY (sales_stage) REFERENCES "crm_Opportunities_Sales_Stages" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "crm_Opportunities_type_fkey" FOREIGN KEY (type) REFERENCES "crm_Opportunities_Type" (id) ON DELETE SET NULL ON UPDATE CASCADE;

-- Add foreign key openAi_keys_user_fkey: openAi_keys(user) → Users(id).
ALTER TABLE "openAi_keys"
    ADD CONSTRAINT "openAi_keys_user_fkey" FOREIGN KEY ("user") REFERENCES "Users" (id) ON DELETE RESTRICT ON UPDATE CASCADE;

-- Add foreign key secondBrain_notions_user_fkey: secondBrain_notions(user) → Users(id).
ALTER TABLE "secondBrain_notions"
    ADD CONSTRAINT "secondBrain_notions_user_fkey" FOREIGN KEY ("user") REFERENCES "Users" (id) ON DELETE RESTRICT ON UPDATE CASCADE;

-- Add foreign keys tasksComments_assigned_crm_account_task_fkey: tasksComments(assigned_crm_account_task) → crm_Accounts_Tasks(id); tasksComments_task_fkey: tasksComments(task) → Tasks(id); tasksComments_user_fkey: tasksComments(user) → Users(id).
ALTER TABLE "tasksComments"
    ADD CONSTRAINT "tasksComments_assigned_crm_account_task_fkey" FOREIGN KEY (assigned_crm_account_task) REFERENCES "crm_Accounts_Tasks" (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT "tasksComments_task_fkey" FOREIGN KEY (task) REFERENCES "Tasks" (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD CONSTRAINT "tasksComments_user_fkey" FOREIGN KEY ("user") REFERENCES "Users" (id) ON DELETE RESTRICT ON UPDATE CASCADE;
