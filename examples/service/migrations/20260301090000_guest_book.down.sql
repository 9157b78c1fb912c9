-- whimbrel: data-loss: drops table greetings and all its rows

-- Drop table greetings.
-- data loss: drops table greetings and all its rows
DROP TABLE greetings;
