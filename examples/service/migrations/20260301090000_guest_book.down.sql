-- whimbrel: data-loss: the table greetings with all its rows

-- Drop the table greetings.
-- data loss: the table greetings with all its rows
DROP TABLE greetings;
