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

/// An array that says what another array says, from the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mirror {
    /// The collection whose documents have it.
    pub collection: &'static str,
    /// The array.
    pub field: &'static str,
    /// The junction table that holds the relation.
    pub table: &'static str,
}

const fn mirror(collection: &'static str, field: &'static str, table: &'static str) -> Mirror {
    Mirror { collection, field, table }
}

/// The arrays that no transform reads, since the array on the other side is read.
pub const MIRRORED: &[Mirror] = &[
    mirror("crm_Accounts", "documentsIDs", "DocumentsToAccounts"),
    mirror("crm_Leads", "documentsIDs", "DocumentsToLeads"),
    mirror("crm_Opportunities", "connected_documents", "DocumentsToOpportunities"),
    mirror("crm_Opportunities", "connected_contacts", "ContactsToOpportunities"),
    mirror("crm_Contacts", "documentsIDs", "DocumentsToContacts"),
    mirror("Invoices", "connected_documents", "DocumentsToInvoices"),
    mirror("Tasks", "documentIDs", "DocumentsToTasks"),
    mirror("Users", "watching_boardsIDs", "BoardWatchers"),
    mirror("Users", "watching_accountsIDs", "AccountWatchers"),
];
