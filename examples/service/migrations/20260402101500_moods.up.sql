-- Create enum type mood.
CREATE TYPE mood AS ENUM (
    'happy',
    'cross'
);

-- Add column mood to greetings.
ALTER TABLE greetings ADD COLUMN mood mood;
