//! NextCRM, which leaves MongoDB for PostgreSQL: 29 collections become 39 tables.
//!
//! The old system kept a relation between many and many as two arrays, one on each side. Ten of them become
//! junction tables, each read from one of its two arrays; [`MIRRORED`] lists the arrays on the other sides, which
//! say the same once more.

// The fields are those of the collections and tables; a comment would only repeat their names.

pub mod account;
pub mod board;
pub mod company;
pub mod contact;
pub mod document;
pub mod dump;
pub mod invoice;
pub mod kinds;
pub mod opportunity;
pub mod system;

/// The arrays that no transform reads, since the array on the other side is read: the collection whose documents have
/// one, the array, and the junction table that holds the relation.
pub const MIRRORED: &[(&str, &str, &str)] = &[
    ("crm_Accounts", "documentsIDs", "DocumentsToAccounts"),
    ("crm_Leads", "documentsIDs", "DocumentsToLeads"),
    ("crm_Opportunities", "connected_documents", "DocumentsToOpportunities"),
    ("crm_Opportunities", "connected_contacts", "ContactsToOpportunities"),
    ("crm_Contacts", "documentsIDs", "DocumentsToContacts"),
    ("Invoices", "connected_documents", "DocumentsToInvoices"),
    ("Tasks", "documentIDs", "DocumentsToTasks"),
    ("Users", "watching_boardsIDs", "BoardWatchers"),
    ("Users", "watching_accountsIDs", "AccountWatchers"),
];
