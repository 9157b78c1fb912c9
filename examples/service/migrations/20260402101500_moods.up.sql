-- Create the enum mood.
CREATE TYPE mood AS ENUM (
    'happy',
    'cross'
);

-- Add the column mood to greetings.
ALTER TABLE greetings ADD COLUMN mood mood;
