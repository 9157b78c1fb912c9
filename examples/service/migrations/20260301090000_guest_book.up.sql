-- Create table greetings.
CREATE TABLE greetings (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    guest text NOT NULL,
    at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT greetings_pkey PRIMARY KEY (id),
    CONSTRAINT greetings_guest_check CHECK (guest <> '')
);
