#!/bin/sh
# Runs once, when the database container makes its data folder: the owner's password, the registry's database and
# the extensions it needs.
set -eu

psql --set ON_ERROR_STOP=1 --set password="$REGISTRY_OWNER_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
ALTER ROLE registry_owner PASSWORD :'password';
CREATE DATABASE registry OWNER registry_owner;
\connect registry
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
SQL
