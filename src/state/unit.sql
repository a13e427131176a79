-- A, B and the way back, for the units :first_unit to :last_unit: one, or all of the run. Tasks
-- exist only for runs with a chunk plan; elsewhere their updates touch nothing.

-- name: unit_intend_blocked
SELECT (SELECT COUNT(*) FROM part
        WHERE run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit
              AND status NOT IN ('sealed', 'intent'))
       + (SELECT COUNT(*) FROM chunk_task
          WHERE run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit
                AND status <> 'sealed'
                AND NOT (status = 'running' AND :first_unit = :last_unit));

-- name: unit_intend_parts
UPDATE part SET status = 'intent'
WHERE run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit AND status = 'sealed';

-- name: unit_intend_tasks
UPDATE chunk_task SET status = 'sealed', updated_at = :now
WHERE run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit AND status = 'running';

-- name: unit_intend_run
UPDATE run
SET cursor_after = COALESCE(:cursor_after, cursor_after),
    manifest_json = COALESCE(:manifest_json, manifest_json)
WHERE run_id = :run_id;

-- name: unit_intend_applied
SELECT COUNT(*) FROM run
WHERE run_id = :run_id AND owner = :owner
      AND (:cursor_after IS NULL OR cursor_after = :cursor_after)
      AND NOT EXISTS (SELECT 1 FROM part
                      WHERE part.run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit
                            AND part.status IN ('open', 'sealed'))
      AND NOT EXISTS (SELECT 1 FROM chunk_task
                      WHERE chunk_task.run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit
                            AND chunk_task.status = 'running');

-- name: unit_record_blocked
SELECT (SELECT COUNT(*) FROM part
        WHERE run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit
              AND status IN ('open', 'sealed'))
       + (SELECT COUNT(*) FROM chunk_task
          WHERE run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit
                AND status IN ('pending', 'failed'));

-- The name without its path: rtrim leaves what ends at the last '/', replace removes that.
-- name: unit_record_files
INSERT INTO file_manifest (run_id, export_name, file_name, row_count, bytes, format, compression,
                           created_at)
SELECT part.run_id, :export_name, replace(key, rtrim(key, replace(key, '/', '')), ''), rows, bytes,
       COALESCE(:format, run.format), COALESCE(:compression, run.compression), :now
FROM part JOIN run USING (run_id)
WHERE part.run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit AND part.status = 'intent'
ORDER BY unit, part_index;

-- name: unit_record_tasks
UPDATE chunk_task
SET status = 'completed', last_error = NULL, updated_at = :now,
    rows_written = (SELECT COALESCE(SUM(rows), 0) FROM part
                    WHERE part.run_id = :run_id AND unit = chunk_index),
    file_name = (SELECT replace(key, rtrim(key, replace(key, '/', '')), '') FROM part
                 WHERE part.run_id = :run_id AND unit = chunk_index
                 ORDER BY part_index LIMIT 1)
WHERE run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit AND status IN ('running', 'sealed');

-- The reference may be a credential (GCS session); nothing needs it any more.
-- name: unit_record_parts
UPDATE part SET status = 'visible', upload_ref = NULL, tail = NULL
WHERE run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit AND status = 'intent';

-- name: unit_record_unfinished
SELECT (SELECT COUNT(*) FROM part WHERE run_id = :run_id AND status <> 'visible')
       + (SELECT COUNT(*) FROM chunk_task WHERE run_id = :run_id AND status <> 'completed');

-- name: unit_record_run
UPDATE run
SET status = 'done', ended_at = COALESCE(CASE status WHEN 'done' THEN ended_at END, :now),
    manifest_json = :manifest_json,
    manifest = CASE WHEN :manifest_json IS NULL THEN 'none'
                    WHEN manifest = 'published' THEN 'published' ELSE 'due' END
WHERE run_id = :run_id;

-- name: unit_record_plan
UPDATE chunk_run SET status = 'completed', updated_at = :now
WHERE run_id = :run_id AND status <> 'completed';

-- name: unit_record_applied
SELECT COUNT(*) FROM run
WHERE run_id = :run_id AND owner = :owner AND (:is_last_unit = 0 OR status = 'done')
      AND NOT EXISTS (SELECT 1 FROM part
                      WHERE part.run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit
                            AND part.status <> 'visible')
      AND NOT EXISTS (SELECT 1 FROM chunk_task
                      WHERE chunk_task.run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit
                            AND chunk_task.status <> 'completed')
      AND (:cursor_value IS NULL
           OR EXISTS (SELECT 1 FROM export_state
                      WHERE export_state.export_name = :export_name
                            AND last_cursor_value = :cursor_value));

-- name: manifest_published
UPDATE run SET manifest = 'published' WHERE run_id = :run_id AND manifest IN ('due', 'published');

-- name: manifest_published_applied
SELECT COUNT(*) FROM run WHERE run_id = :run_id AND manifest = 'published';

-- name: unit_reopen_parts
UPDATE part SET status = 'open'
WHERE run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit AND status IN ('sealed', 'intent');

-- name: unit_reopen_tasks
UPDATE chunk_task
SET status = 'pending', rows_written = NULL, file_name = NULL, null_counts = NULL, updated_at = :now
WHERE run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit AND status IN ('running', 'sealed');

-- name: unit_reopen_run
UPDATE run SET cursor_after = NULL, manifest_json = NULL
WHERE run_id = :run_id AND status <> 'done';

-- name: unit_reopen_applied
SELECT NOT EXISTS (SELECT 1 FROM part
                   WHERE run_id = :run_id AND unit BETWEEN :first_unit AND :last_unit
                         AND status IN ('sealed', 'intent'))
       AND NOT EXISTS (SELECT 1 FROM chunk_task
                       WHERE run_id = :run_id AND chunk_index BETWEEN :first_unit AND :last_unit
                             AND status IN ('running', 'sealed'));
