-- Once for the server, before the first migration, which refers to these roles.
CREATE ROLE estate_service LOGIN;
CREATE ROLE estate_admin LOGIN;
CREATE ROLE estate_developer LOGIN;
CREATE ROLE estate_analytics LOGIN;
