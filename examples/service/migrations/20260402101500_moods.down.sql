-- whimbrel: data-loss: the column greetings.mood with all its values

-- Drop the column mood of greetings.
-- data loss: the column greetings.mood with all its values
ALTER TABLE greetings DROP COLUMN mood;

-- Drop the enum mood.
DROP TYPE mood;
