-- The ladder itself; its steps are v1.sql … v4.sql and column.sql.

-- name: schema_version_create
CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);

-- name: schema_version_current
SELECT COALESCE(MAX(version), 0) FROM schema_version;

-- name: schema_version_add
INSERT INTO schema_version (version) VALUES (:version);

-- name: schema_has_column
SELECT COUNT(*) FROM pragma_table_info(:table_name) WHERE name = :column_name;

-- name: change_begin
BEGIN IMMEDIATE;

-- name: change_commit
COMMIT;

-- name: change_rollback
ROLLBACK;

-- Settings of every connection (spec: delivery §6).

-- name: journal_wal
PRAGMA journal_mode = WAL;

-- name: synchronous_full
PRAGMA synchronous = FULL;

-- name: synchronous_extra
PRAGMA synchronous = EXTRA;

-- The first thing asked of a file that is not to be changed: garbage shows here.

-- name: first_read
PRAGMA schema_version;

-- name: cell_size_check
PRAGMA cell_size_check = ON;

-- name: schema_has_table
SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = :table_name;
