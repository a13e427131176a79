-- Plans of checkpointed chunked runs.
CREATE TABLE IF NOT EXISTS chunk_run (
    run_id             TEXT PRIMARY KEY,
    export_name        TEXT NOT NULL,
    plan_hash          TEXT NOT NULL,
    status             TEXT NOT NULL,
    max_chunk_attempts INTEGER NOT NULL DEFAULT 3,
    created_at         TEXT NOT NULL,
    updated_at         TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_chunk_run_export_status ON chunk_run (export_name, status);
CREATE TABLE IF NOT EXISTS chunk_task (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id       TEXT NOT NULL,
    chunk_index  INTEGER NOT NULL,
    start_key    TEXT NOT NULL,
    end_key      TEXT NOT NULL,
    status       TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    last_error   TEXT,
    rows_written INTEGER,
    file_name    TEXT,
    updated_at   TEXT NOT NULL,
    UNIQUE (run_id, chunk_index)
);
CREATE INDEX IF NOT EXISTS idx_chunk_task_run_status ON chunk_task (run_id, status);
