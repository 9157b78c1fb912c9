-- whimbrel: data-loss: the table contacts with all its rows
-- whimbrel: data-loss: the table opportunity_watchers with all its rows
-- whimbrel: data-loss: the table task_comments with all its rows
-- whimbrel: data-loss: the table tasks with all its rows
-- whimbrel: data-loss: the table opportunities with all its rows
-- whimbrel: data-loss: the table accounts with all its rows
-- whimbrel: data-loss: the table users with all its rows

-- Drop the table contacts.
-- data loss: the table contacts with all its rows
DROP TABLE contacts;

-- Drop the table opportunity_watchers.
-- data loss: the table opportunity_watchers with all its rows
DROP TABLE opportunity_watchers;

-- Drop the table task_comments.
-- data loss: the table task_comments with all its rows
DROP TABLE task_comments;

-- Drop the table tasks.
-- data loss: the table tasks with all its rows
DROP TABLE tasks;

-- Drop the table opportunities.
-- data loss: the table opportunities with all its rows
DROP TABLE opportunities;

-- Drop the table accounts.
-- data loss: the table accounts with all its rows
DROP TABLE accounts;

-- Drop the table users.
-- data loss: the table users with all its rows
DROP TABLE users;

-- Drop the enum industry.
DROP TYPE industry;

-- Drop the enum role.
DROP TYPE role;

-- Drop the enum stage.
DROP TYPE stage;
