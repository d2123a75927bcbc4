-- A role that reads a store and writes nothing: for dashboards, and for people who ask questions.
--
-- Whoever migrates the store (gst db upgrade) runs this once in its database, and again after a change of owner:
--     psql -d gst -f dashboard_role.sql
--     psql -d gst -c '\password gst_reader'
--     gst dashboard --db postgresql://gst_reader@host/gst
-- Before PostgreSQL 15 everybody may make tables in the schema public; this forbids it to all but its owner:
--     REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gst_reader') THEN
        CREATE ROLE gst_reader LOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO gst_reader', current_database());
END
$$;
GRANT USAGE ON SCHEMA public TO gst_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO gst_reader; -- and views
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO gst_reader; -- of migrations to come
