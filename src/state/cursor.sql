-- name: cursor_put
INSERT INTO export_state (export_name, last_cursor_value, last_run_at, cursor_columns,
                          cursor_types, source_id, query_hash)
VALUES (:export_name, :value, :now, :columns, :types, :source_id, :query_hash)
ON CONFLICT (export_name) DO UPDATE
SET last_cursor_value = excluded.last_cursor_value, last_run_at = excluded.last_run_at,
    cursor_columns = excluded.cursor_columns, cursor_types = excluded.cursor_types,
    source_id = excluded.source_id, query_hash = excluded.query_hash;

-- name: cursor_list
SELECT export_name, last_cursor_value AS value, last_run_at AS run_at, cursor_columns AS columns,
       cursor_types AS types, source_id, query_hash
FROM export_state
WHERE :export_name IS NULL OR export_name = :export_name
ORDER BY export_name;

-- name: cursor_delete
DELETE FROM export_state WHERE export_name = :export_name;

-- name: cursor_delete_applied
SELECT NOT EXISTS (SELECT 1 FROM export_state WHERE export_name = :export_name);
