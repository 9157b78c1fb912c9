-- whimbrel: data-loss: drops table contacts and all its rows
-- whimbrel: data-loss: drops table opportunity_watchers and all its rows
-- whimbrel: data-loss: drops table task_comments and all its rows
-- whimbrel: data-loss: drops table tasks and all its rows
-- whimbrel: data-loss: drops table opportunities and all its rows
-- whimbrel: data-loss: drops table accounts and all its rows
-- whimbrel: data-loss: drops table users and all its rows

-- Drop table contacts.
-- data loss: drops table contacts and all its rows
DROP TABLE contacts;

-- Drop table opportunity_watchers.
-- data loss: drops table opportunity_watchers and all its rows
DROP TABLE opportunity_watchers;

-- Drop table task_comments.
-- data loss: drops table task_comments and all its rows
DROP TABLE task_comments;

-- Drop table tasks.
-- data loss: drops table tasks and all its rows
DROP TABLE tasks;

-- Drop table opportunities.
-- data loss: drops table opportunities and all its rows
DROP TABLE opportunities;

-- Drop table accounts.
-- data loss: drops table accounts and all its rows
DROP TABLE accounts;

-- Drop table users.
-- data loss: drops table users and all its rows
DROP TABLE users;

-- Drop enum type industry.
DROP TYPE industry;

-- Drop enum type role.
DROP TYPE role;

-- Drop enum type stage.
DROP TYPE stage;
