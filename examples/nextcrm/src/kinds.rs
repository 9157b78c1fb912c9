//! The enum types, named as in the old system.

use whimbrel::PgEnum;

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "ActiveStatus", rename_all = "UPPERCASE")]
pub enum ActiveStatus {
    Active,
    Inactive,
    Pending,
}

/// What a document is to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "DocumentSystemType", rename_all = "UPPERCASE")]
pub enum DocumentSystemType {
    Invoice,
    Receipt,
    Contract,
    Offer,
    Other,
}

/// The language of the user interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "Language", rename_all = "lowercase")]
pub enum Language {
    Cz,
    En,
    De,
    Uk,
}

/// What a contact is. No column uses it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "crm_Contact_Type")]
pub enum ContactType {
    Customer,
    Partner,
    Vendor,
    Prospect,
}

/// How far a contract has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "crm_Contracts_Status", rename_all = "UPPERCASE")]
pub enum ContractStatus {
    NotStarted,
    InProgress,
    Signed,
}

/// How far a lead has come. No column uses it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "crm_Lead_Status", rename_all = "UPPERCASE")]
pub enum LeadStatus {
    New,
    Contacted,
    Qualified,
    Lost,
}

/// What a lead is. No column uses it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "crm_Lead_Type", rename_all = "UPPERCASE")]
pub enum LeadType {
    Demo,
}

/// How an opportunity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "crm_Opportunity_Status", rename_all = "UPPERCASE")]
pub enum OpportunityStatus {
    Active,
    Inactive,
    Pending,
    Closed,
}

/// Whether a language model may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "gptStatus", rename_all = "UPPERCASE")]
pub enum GptStatus {
    Active,
    Inactive,
}

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "taskStatus", rename_all = "UPPERCASE")]
pub enum TaskStatus {
    Active,
    Pending,
    Complete,
}
