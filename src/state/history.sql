-- name: metric_add
INSERT INTO export_metrics (export_name, run_at, duration_ms, total_rows, peak_rss_mb, status,
                            error_message, tuning_profile, format, mode, files_produced,
                            bytes_written, retries, validated, schema_changed, run_id)
VALUES (:export_name, :now, :duration_ms, :total_rows, :peak_rss_mb, :status, :error_message,
        :tuning_profile, :format, :mode, :files_produced, :bytes_written, :retries, :validated,
        :schema_changed, :run_id);

-- name: metric_list
SELECT * FROM export_metrics
WHERE :export_name IS NULL OR export_name = :export_name
ORDER BY id DESC LIMIT :limit;

-- name: schema_put
INSERT INTO export_schema (export_name, columns_json, source_types_json, updated_at)
VALUES (:export_name, :columns_json, :source_types_json, :now)
ON CONFLICT (export_name) DO UPDATE
SET columns_json = excluded.columns_json, source_types_json = excluded.source_types_json,
    updated_at = excluded.updated_at;

-- name: schema_put_applied
SELECT COUNT(*) FROM export_schema
WHERE export_name = :export_name AND columns_json = :columns_json
      AND source_types_json IS :source_types_json;

-- name: schema_get
SELECT columns_json, source_types_json FROM export_schema WHERE export_name = :export_name;

-- name: file_list
SELECT run_id, export_name, file_name, row_count, bytes, format, compression, created_at
FROM file_manifest
WHERE :export_name IS NULL OR export_name = :export_name
ORDER BY id DESC LIMIT :limit;

-- name: event_add
INSERT INTO event (run_id, at, kind, detail) VALUES (:run_id, :now, :kind, :detail);

-- name: event_list
SELECT at, kind, detail FROM event WHERE run_id = :run_id ORDER BY id;
