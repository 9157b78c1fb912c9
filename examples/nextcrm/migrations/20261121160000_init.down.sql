-- whimbrel: data-loss: drops table AccountWatchers and all its rows
-- whimbrel: data-loss: drops table BoardWatchers and all its rows
-- whimbrel: data-loss: drops table ContactsToOpportunities and all its rows
-- whimbrel: data-loss: drops table DocumentsToAccounts and all its rows
-- whimbrel: data-loss: drops table DocumentsToContacts and all its rows
-- whimbrel: data-loss: drops table DocumentsToCrmAccountsTasks and all its rows
-- whimbrel: data-loss: drops table DocumentsToInvoices and all its rows
-- whimbrel: data-loss: drops table DocumentsToLeads and all its rows
-- whimbrel: data-loss: drops table DocumentsToOpportunities and all its rows
-- whimbrel: data-loss: drops table DocumentsToTasks and all its rows
-- whimbrel: data-loss: drops table Documents and all its rows
-- whimbrel: data-loss: drops table Documents_Types and all its rows
-- whimbrel: data-loss: drops table Employees and all its rows
-- whimbrel: data-loss: drops table ImageUpload and all its rows
-- whimbrel: data-loss: drops table Invoices and all its rows
-- whimbrel: data-loss: drops table MyAccount and all its rows
-- whimbrel: data-loss: drops table TodoList and all its rows
-- whimbrel: data-loss: drops table crm_Contacts and all its rows
-- whimbrel: data-loss: drops table crm_Contracts and all its rows
-- whimbrel: data-loss: drops table crm_Leads and all its rows
-- whimbrel: data-loss: drops table crm_Opportunities and all its rows
-- whimbrel: data-loss: drops table crm_Opportunities_Sales_Stages and all its rows
-- whimbrel: data-loss: drops table crm_Opportunities_Type and all its rows
-- whimbrel: data-loss: drops table crm_campaigns and all its rows
-- whimbrel: data-loss: drops table gpt_models and all its rows
-- whimbrel: data-loss: drops table invoice_States and all its rows
-- whimbrel: data-loss: drops table modulStatus and all its rows
-- whimbrel: data-loss: drops table openAi_keys and all its rows
-- whimbrel: data-loss: drops table secondBrain_notions and all its rows
-- whimbrel: data-loss: drops table systemServices and all its rows
-- whimbrel: data-loss: drops table system_Modules_Enabled and all its rows
-- whimbrel: data-loss: drops table tasksComments and all its rows
-- whimbrel: data-loss: drops table Tasks and all its rows
-- whimbrel: data-loss: drops table Sections and all its rows
-- whimbrel: data-loss: drops table Boards and all its rows
-- whimbrel: data-loss: drops table crm_Accounts_Tasks and all its rows
-- whimbrel: data-loss: drops table crm_Accounts and all its rows
-- whimbrel: data-loss: drops table Users and all its rows
-- whimbrel: data-loss: drops table crm_Industry_Type and all its rows

-- Drop table AccountWatchers.
-- data loss: drops table AccountWatchers and all its rows
DROP TABLE "AccountWatchers";

-- Drop table BoardWatchers.
-- data loss: drops table BoardWatchers and all its rows
DROP TABLE "BoardWatchers";

-- Drop table ContactsToOpportunities.
-- data loss: drops table ContactsToOpportunities and all its rows
DROP TABLE "ContactsToOpportunities";

-- Drop table DocumentsToAccounts.
-- data loss: drops table DocumentsToAccounts and all its rows
DROP TABLE "DocumentsToAccounts";

-- Drop table DocumentsToContacts.
-- data loss: drops table DocumentsToContacts and all its rows
DROP TABLE "DocumentsToContacts";

-- Drop table DocumentsToCrmAccountsTasks.
-- data loss: drops table DocumentsToCrmAccountsTasks and all its rows
DROP TABLE "DocumentsToCrmAccountsTasks";

-- Drop table DocumentsToInvoices.
-- data loss: drops table DocumentsToInvoices and all its rows
DROP TABLE "DocumentsToInvoices";

-- Drop table DocumentsToLeads.
-- data loss: drops table DocumentsToLeads and all its rows
DROP TABLE "DocumentsToLeads";

-- Drop table DocumentsToOpportunities.
-- data loss: drops table DocumentsToOpportunities and all its rows
DROP TABLE "DocumentsToOpportunities";

-- Drop table DocumentsToTasks.
-- data loss: drops table DocumentsToTasks and all its rows
DROP TABLE "DocumentsToTasks";

-- Drop table Documents.
-- data loss: drops table Documents and all its rows
DROP TABLE "Documents";

-- Drop table Documents_Types.
-- data loss: drops table Documents_Types and all its rows
DROP TABLE "Documents_Types";

-- Drop table Employees.
-- data loss: drops table Employees and all its rows
DROP TABLE "Employees";

-- Drop table ImageUpload.
-- data loss: drops table ImageUpload and all its rows
DROP TABLE "ImageUpload";

-- Drop table Invoices.
-- data loss: drops table Invoices and all its rows
DROP TABLE "Invoices";

-- Drop table MyAccount.
-- data loss: drops table MyAccount and all its rows
DROP TABLE "MyAccount";

-- Drop table TodoList.
-- data loss: drops table TodoList and all its rows
DROP TABLE "TodoList";

-- Drop table crm_Contacts.
-- data loss: drops table crm_Contacts and all its rows
DROP TABLE "crm_Contacts";

-- Drop table crm_Contracts.
-- data loss: drops table crm_Contracts and all its rows
DROP TABLE "crm_Contracts";

-- Drop table crm_Leads.
-- data loss: drops table crm_Leads and all its rows
DROP TABLE "crm_Leads";

-- Drop table crm_Opportunities.
-- data loss: drops table crm_Opportunities and all its rows
DROP TABLE "crm_Opportunities";

-- Drop table crm_Opportunities_Sales_Stages.
-- data loss: drops table crm_Opportunities_Sales_Stages and all its rows
DROP TABLE "crm_Opportunities_Sales_Stages";

-- Drop table crm_Opportunities_Type.
-- data loss: drops table crm_Opportunities_Type and all its rows
DROP TABLE "crm_Opportunities_Type";

-- Drop table crm_campaigns.
-- data loss: drops table crm_campaigns and all its rows
DROP TABLE crm_campaigns;

-- Drop table gpt_models.
-- data loss: drops table gpt_models and all its rows
DROP TABLE gpt_models;

-- Drop table invoice_States.
-- data loss: drops table invoice_States and all its rows
DROP TABLE "invoice_States";

-- Drop table modulStatus.
-- data loss: drops table modulStatus and all its rows
DROP TABLE "modulStatus";

-- Drop table openAi_keys.
-- data loss: drops table openAi_keys and all its rows
DROP TABLE "openAi_keys";

-- Drop table secondBrain_notions.
-- data loss: drops table secondBrain_notions and all its rows
DROP TABLE "secondBrain_notions";

-- Drop table systemServices.
-- data loss: drops table systemServices and all its rows
DROP TABLE "systemServices";

-- Drop table system_Modules_Enabled.
-- data loss: drops table system_Modules_Enabled and all its rows
DROP TABLE "system_Modules_Enabled";

-- Drop table tasksComments.
-- data loss: drops table tasksComments and all its rows
DROP TABLE "tasksComments";

-- Drop table Tasks.
-- data loss: drops table Tasks and all its rows
DROP TABLE "Tasks";

-- Drop table Sections.
-- data loss: drops table Sections and all its rows
DROP TABLE "Sections";

-- Drop table Boards.
-- data loss: drops table Boards and all its rows
DROP TABLE "Boards";

-- Drop table crm_Accounts_Tasks.
-- data loss: drops table crm_Accounts_Tasks and all its rows
DROP TABLE "crm_Accounts_Tasks";

-- Drop table crm_Accounts.
-- data loss: drops table crm_Accounts and all its rows
DROP TABLE "crm_Accounts";

-- Drop table Users.
-- data loss: drops table Users and all its rows
DROP TABLE "Users";

-- Drop table crm_Industry_Type.
-- data loss: drops table crm_Industry_Type and all its rows
DROP TABLE "crm_Industry_Type";

-- Drop enum type ActiveStatus.
DROP TYPE "ActiveStatus";

-- Drop enum type DocumentSystemType.
DROP TYPE "DocumentSystemType";

-- Drop enum type Language.
DROP TYPE "Language";

-- Drop enum type crm_Contact_Type.
DROP TYPE "crm_Contact_Type";

-- Drop enum type crm_Contracts_Status.
DROP TYPE "crm_Contracts_Status";

-- Drop enum type crm_Lead_Status.
DROP TYPE "crm_Lead_Status";

-- Drop enum type crm_Lead_Type.
DROP TYPE "crm_Lead_Type";

-- Drop enum type crm_Opportunity_Status.
DROP TYPE "crm_Opportunity_Status";

-- Drop enum type gptStatus.
DROP TYPE "gptStatus";

-- Drop enum type taskStatus.
DROP TYPE "taskStatus";
