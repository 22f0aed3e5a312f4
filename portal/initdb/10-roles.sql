-- The two roles of the registry: the owner changes the schema, everything else works as the application role,
-- which owns nothing. Run by a superuser; safe to run again. The owner's password is set by whoever runs this.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'registry_owner') THEN
        CREATE ROLE registry_owner LOGIN NOSUPERUSER NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'registry_application') THEN
        CREATE ROLE registry_application NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
END
$$;
GRANT registry_application TO registry_owner;
