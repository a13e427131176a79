-- name: chunk_plan_in_progress
SELECT COUNT(*) FROM chunk_run WHERE export_name = :export_name AND status = 'in_progress';

-- name: chunk_plan_run
INSERT INTO chunk_run (run_id, export_name, plan_hash, kind, status, max_chunk_attempts,
                       created_at, updated_at)
VALUES (:run_id, :export_name, :plan_hash, :kind, 'in_progress', :max_chunk_attempts, :now, :now);

-- name: chunk_plan_task
INSERT INTO chunk_task (run_id, chunk_index, start_key, end_key, bounds, status, attempts,
                        updated_at)
VALUES (:run_id, :chunk_index, :start_key, :end_key, :bounds, 'pending', 0, :now);

-- name: chunk_plan_applied
SELECT COUNT(*) FROM chunk_run WHERE run_id = :run_id AND plan_hash = :plan_hash;

-- name: chunk_find_open
SELECT *, NOT EXISTS (SELECT 1 FROM run WHERE run.run_id = chunk_run.run_id)
       AS is_of_original
FROM chunk_run
WHERE export_name = :export_name AND status = 'in_progress'
ORDER BY created_at DESC, rowid DESC LIMIT 1;

-- name: chunk_find_latest
SELECT *, NOT EXISTS (SELECT 1 FROM run WHERE run.run_id = chunk_run.run_id)
       AS is_of_original
FROM chunk_run
WHERE export_name = :export_name
ORDER BY updated_at DESC, rowid DESC LIMIT 1;

-- name: chunk_run_list
SELECT *, NOT EXISTS (SELECT 1 FROM run WHERE run.run_id = chunk_run.run_id)
       AS is_of_original
FROM chunk_run
WHERE export_name = :export_name
ORDER BY created_at, rowid;

-- name: chunk_task_list
SELECT * FROM chunk_task WHERE run_id = :run_id ORDER BY chunk_index;

-- Each inner query stops at its first row of idx_chunk_task_claim.
-- name: chunk_claim
UPDATE chunk_task SET status = 'running', attempts = attempts + 1, updated_at = :now
WHERE id = (
    SELECT id FROM (
        SELECT * FROM (SELECT id, chunk_index FROM chunk_task
                       WHERE run_id = :run_id AND status = 'pending'
                       ORDER BY chunk_index LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT id, chunk_index FROM chunk_task
                       WHERE run_id = :run_id AND status = 'failed'
                             AND attempts < (SELECT max_chunk_attempts FROM chunk_run
                                             WHERE run_id = :run_id)
                       ORDER BY chunk_index LIMIT 1))
    ORDER BY chunk_index LIMIT 1)
  AND EXISTS (SELECT 1 FROM chunk_run WHERE run_id = :run_id AND status = 'in_progress')
RETURNING *;

-- name: chunk_fail
UPDATE chunk_task SET status = 'failed', last_error = :last_error, updated_at = :now
WHERE run_id = :run_id AND chunk_index = :chunk_index AND status = 'running';

-- name: chunk_fail_applied
SELECT COUNT(*) FROM chunk_task
WHERE run_id = :run_id AND chunk_index = :chunk_index AND status = 'failed';

-- name: chunk_release
UPDATE chunk_task
SET status = 'pending', attempts = max(attempts - 1, 0), updated_at = :now
WHERE run_id = :run_id AND chunk_index = :chunk_index AND status = 'running';

-- name: chunk_release_applied
SELECT COUNT(*) FROM chunk_task
WHERE run_id = :run_id AND chunk_index = :chunk_index AND status = 'pending';

-- name: chunk_seal_blocked
SELECT COUNT(*) FROM part
WHERE run_id = :run_id AND unit = :chunk_index AND status <> 'sealed';

-- name: chunk_seal
UPDATE chunk_task
SET status = 'sealed', null_counts = :null_counts, last_error = NULL, updated_at = :now,
    rows_written = (SELECT COALESCE(SUM(rows), 0) FROM part
                    WHERE part.run_id = :run_id AND unit = chunk_index)
WHERE run_id = :run_id AND chunk_index = :chunk_index AND status = 'running';

-- name: chunk_seal_applied
SELECT COUNT(*) FROM chunk_task
WHERE run_id = :run_id AND chunk_index = :chunk_index AND status = 'sealed';

-- name: chunk_resume_run
UPDATE run SET owner = :owner, status = 'open', ended_at = NULL
WHERE run_id = :run_id AND status <> 'done';

-- name: chunk_resume_failed
UPDATE chunk_task SET attempts = 0, updated_at = :now WHERE run_id = :run_id AND status = 'failed';

-- name: chunk_resume_running
UPDATE chunk_task SET status = 'pending', updated_at = :now
WHERE run_id = :run_id AND status = 'running';

-- name: chunk_resume_applied
SELECT COUNT(*) FROM run
WHERE run_id = :run_id AND owner = :owner AND status = 'open'
      AND NOT EXISTS (SELECT 1 FROM chunk_task
                      WHERE chunk_task.run_id = :run_id AND chunk_task.status = 'running');

-- name: chunk_totals
SELECT COUNT(*) AS task_count,
       COALESCE(SUM(status NOT IN ('completed', 'sealed')), 0) AS open_count,
       COALESCE(SUM(status = 'failed'), 0) AS failed_count,
       COALESCE(SUM(CASE WHEN status IN ('completed', 'sealed') THEN rows_written END), 0) AS rows,
       (SELECT COUNT(*) FROM part JOIN chunk_task AS task
        ON task.run_id = part.run_id AND task.chunk_index = part.unit
        WHERE part.run_id = :run_id AND task.status IN ('completed', 'sealed')) AS files,
       (SELECT COALESCE(SUM(bytes), 0) FROM part JOIN chunk_task AS task
        ON task.run_id = part.run_id AND task.chunk_index = part.unit
        WHERE part.run_id = :run_id AND task.status IN ('completed', 'sealed')) AS bytes
FROM chunk_task WHERE run_id = :run_id;

-- name: chunk_discard_blocked
SELECT COUNT(*) FROM part WHERE run_id = :run_id AND status <> 'visible';

-- name: chunk_discard_tasks
DELETE FROM chunk_task WHERE run_id = :run_id;

-- name: chunk_discard_run
DELETE FROM chunk_run WHERE run_id = :run_id;

-- name: chunk_discard_applied
SELECT NOT EXISTS (SELECT 1 FROM chunk_run WHERE run_id = :run_id);

-- name: chunk_reset_state
UPDATE run SET status = 'interrupted', ended_at = :now
WHERE run_id IN (SELECT run_id FROM chunk_run WHERE export_name = :export_name)
      AND status <> 'done';

-- name: chunk_reset_tasks
DELETE FROM chunk_task
WHERE run_id IN (SELECT run_id FROM chunk_run WHERE export_name = :export_name);

-- name: chunk_reset_runs
DELETE FROM chunk_run WHERE export_name = :export_name;

-- name: chunk_reset_applied
SELECT NOT EXISTS (SELECT 1 FROM chunk_run WHERE export_name = :export_name);
