-- A statement "x_applied" answers whether change x is in the file: it is read after a COMMIT whose
-- outcome is not known, with the same parameters.

-- name: run_start
INSERT INTO run (run_id, export_name, mode, status, owner, name_stamp, source_id, destination_id,
                 destination_inode, bounds, output_hash, query_hash, format, compression,
                 cursor_columns, cursor_types, cursor_before, cursor_after, snapshot, manifest,
                 started_at)
VALUES (:run_id, :export_name, :mode, 'open', :owner, :name_stamp, :source_id, :destination_id,
        :destination_inode, :bounds, :output_hash, :query_hash, :format, :compression,
        :cursor_columns, :cursor_types, :cursor_before, :cursor_after, :snapshot, 'none',
        COALESCE(:started_at, :now));

-- name: run_start_applied
SELECT COUNT(*) FROM run WHERE run_id = :run_id AND owner = :owner;

-- name: run_rebind
UPDATE run
SET source_id = :source_id, output_hash = :output_hash, bounds = :bounds,
    cursor_columns = :cursor_columns, cursor_types = :cursor_types, cursor_before = :cursor_before
WHERE run_id = :run_id AND owner = :owner;

-- name: run_rebind_applied
SELECT COUNT(*) FROM run
WHERE run_id = :run_id AND owner = :owner AND source_id IS :source_id
      AND output_hash IS :output_hash AND bounds IS :bounds AND cursor_columns IS :cursor_columns
      AND cursor_types IS :cursor_types AND cursor_before IS :cursor_before;

-- name: run_end
UPDATE run
SET status = CASE status WHEN 'done' THEN 'done' ELSE :status END,
    ended_at = CASE status WHEN 'done' THEN ended_at ELSE :now END
WHERE run_id = :run_id;

-- name: run_end_applied
SELECT COUNT(*) FROM run WHERE run_id = :run_id AND status IN (:status, 'done');

-- name: run_take
UPDATE run SET owner = :owner WHERE run_id = :run_id;

-- name: run_take_applied
SELECT COUNT(*) FROM run WHERE run_id = :run_id AND owner = :owner;

-- name: run_is_owned
SELECT COUNT(*) FROM run WHERE run_id = :run_id AND owner = :owner;

-- name: run_is_done
SELECT COUNT(*) FROM run WHERE run_id = :run_id AND status = 'done';

-- name: run_forget_parts
DELETE FROM part WHERE run_id = :run_id AND status <> 'visible';

-- name: run_forget
UPDATE run
SET status = CASE status WHEN 'done' THEN 'done' ELSE 'interrupted' END,
    manifest = CASE manifest WHEN 'due' THEN 'none' ELSE manifest END,
    ended_at = COALESCE(ended_at, :now)
WHERE run_id = :run_id;

-- name: run_forget_applied
SELECT COUNT(*) FROM run
WHERE run_id = :run_id AND status IN ('done', 'interrupted') AND manifest <> 'due'
      AND NOT EXISTS (SELECT 1 FROM part WHERE part.run_id = :run_id AND part.status <> 'visible');

-- name: run_get
SELECT * FROM run WHERE run_id = :run_id;

-- name: run_list
SELECT * FROM run
WHERE export_name = :export_name AND (:status IS NULL OR status = :status)
ORDER BY started_at, rowid;

-- name: run_list_unfinished
SELECT * FROM run
WHERE export_name = :export_name
      AND (status = 'open' OR manifest = 'due'
           OR run_id IN (SELECT run_id FROM part WHERE status <> 'visible'))
ORDER BY started_at, rowid;
