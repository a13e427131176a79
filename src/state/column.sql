-- Columns added to tables that may exist without them.

-- Files from before schema_version existed (version 0 with an export_state table):
-- name: add_metrics_files_produced
ALTER TABLE export_metrics ADD COLUMN files_produced INTEGER DEFAULT 0;
-- name: add_metrics_bytes_written
ALTER TABLE export_metrics ADD COLUMN bytes_written INTEGER DEFAULT 0;
-- name: add_metrics_retries
ALTER TABLE export_metrics ADD COLUMN retries INTEGER DEFAULT 0;
-- name: add_metrics_validated
ALTER TABLE export_metrics ADD COLUMN validated INTEGER;
-- name: add_metrics_schema_changed
ALTER TABLE export_metrics ADD COLUMN schema_changed INTEGER;
-- name: add_metrics_run_id
ALTER TABLE export_metrics ADD COLUMN run_id TEXT;

-- Version 4:
-- name: add_state_cursor_columns
ALTER TABLE export_state ADD COLUMN cursor_columns TEXT;
-- name: add_state_cursor_types
ALTER TABLE export_state ADD COLUMN cursor_types TEXT;
-- name: add_state_source_id
ALTER TABLE export_state ADD COLUMN source_id TEXT;
-- name: add_state_query_hash
ALTER TABLE export_state ADD COLUMN query_hash TEXT;
-- name: add_schema_source_types
ALTER TABLE export_schema ADD COLUMN source_types_json TEXT;
-- name: add_chunk_run_kind
ALTER TABLE chunk_run ADD COLUMN kind TEXT;
-- name: add_chunk_task_bounds
ALTER TABLE chunk_task ADD COLUMN bounds TEXT;
-- name: add_chunk_task_null_counts
ALTER TABLE chunk_task ADD COLUMN null_counts TEXT;
