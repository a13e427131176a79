-- Tables of the original's first versioned state, names and types unchanged.
CREATE TABLE IF NOT EXISTS export_state (
    export_name       TEXT PRIMARY KEY,
    last_cursor_value TEXT,
    last_run_at       TEXT
);
CREATE TABLE IF NOT EXISTS export_metrics (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    export_name    TEXT NOT NULL,
    run_at         TEXT NOT NULL,
    duration_ms    INTEGER NOT NULL,
    total_rows     INTEGER NOT NULL,
    peak_rss_mb    INTEGER,
    status         TEXT NOT NULL,
    error_message  TEXT,
    tuning_profile TEXT,
    format         TEXT,
    mode           TEXT,
    files_produced INTEGER DEFAULT 0,
    bytes_written  INTEGER DEFAULT 0,
    retries        INTEGER DEFAULT 0,
    validated      INTEGER,
    schema_changed INTEGER,
    run_id         TEXT
);
CREATE TABLE IF NOT EXISTS export_schema (
    export_name  TEXT PRIMARY KEY,
    columns_json TEXT NOT NULL,
    updated_at   TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS file_manifest (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id      TEXT NOT NULL,
    export_name TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    row_count   INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    format      TEXT NOT NULL,
    compression TEXT,
    created_at  TEXT NOT NULL
);
