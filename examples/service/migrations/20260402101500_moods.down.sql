-- whimbrel: data-loss: drops column greetings.mood and all its values

-- Drop column mood from greetings.
-- data loss: drops column greetings.mood and all its values
ALTER TABLE greetings DROP COLUMN mood;

-- Drop enum type mood.
DROP TYPE mood;
