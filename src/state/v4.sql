-- What exactly-once delivery needs (spec: state, version 4). Columns added to the older tables are
-- in column.sql: SQLite cannot add a column "if not exists".
CREATE TABLE IF NOT EXISTS run (
    run_id            TEXT PRIMARY KEY,
    export_name       TEXT NOT NULL,
    mode              TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (status IN ('open', 'done', 'failed', 'interrupted')),
    owner             TEXT NOT NULL,
    name_stamp        TEXT NOT NULL,
    source_id         TEXT,
    destination_id    TEXT,
    destination_inode INTEGER,
    bounds            TEXT,
    output_hash       TEXT,
    query_hash        TEXT,
    format            TEXT,
    compression       TEXT,
    cursor_columns    TEXT,
    cursor_types      TEXT,
    cursor_before     TEXT,
    cursor_after      TEXT,
    snapshot          TEXT,
    manifest          TEXT NOT NULL CHECK (manifest IN ('none', 'due', 'published')),
    manifest_json     TEXT,
    started_at        TEXT NOT NULL,
    ended_at          TEXT
);
CREATE INDEX IF NOT EXISTS idx_run_export_status ON run (export_name, status);
CREATE INDEX IF NOT EXISTS idx_run_manifest_due ON run (export_name) WHERE manifest = 'due';
CREATE TABLE IF NOT EXISTS part (
    run_id      TEXT NOT NULL,
    unit        INTEGER NOT NULL CHECK (unit >= 0),
    part_index  INTEGER NOT NULL,
    key         TEXT NOT NULL,
    nonce       TEXT NOT NULL,
    upload_ref  TEXT,
    status      TEXT NOT NULL CHECK (status IN ('open', 'sealed', 'intent', 'visible')),
    rows        INTEGER,
    bytes       INTEGER,
    xxh3        TEXT,
    store_check TEXT,
    tail        BLOB,
    PRIMARY KEY (run_id, unit, part_index)
);
CREATE INDEX IF NOT EXISTS idx_part_invisible ON part (run_id) WHERE status <> 'visible';
CREATE TABLE IF NOT EXISTS event (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    at     TEXT NOT NULL,
    kind   TEXT NOT NULL,
    detail TEXT
);
CREATE INDEX IF NOT EXISTS idx_event_run ON event (run_id, id);
-- A claim must not read every task that is done.
CREATE INDEX IF NOT EXISTS idx_chunk_task_claim ON chunk_task (run_id, status, chunk_index);
