-- name: part_open
INSERT INTO part (run_id, unit, part_index, key, nonce, upload_ref, status)
VALUES (:run_id, :unit, :part_index, :key, :nonce, NULLIF(:upload_ref, ''), 'open');

-- name: part_open_applied
SELECT COUNT(*) FROM part
WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index AND nonce = :nonce;

-- name: part_set_reference
UPDATE part SET upload_ref = :upload_ref
WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index AND status = 'open';

-- name: part_set_reference_applied
SELECT COUNT(*) FROM part
WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index AND upload_ref IS :upload_ref;

-- name: part_seal
UPDATE part
SET status = 'sealed', key = COALESCE(:key, key), rows = :rows, bytes = :bytes, xxh3 = :xxh3, store_check = :store_check,
    tail = :tail, upload_ref = COALESCE(NULLIF(:upload_ref, ''), upload_ref)
WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index AND status = 'open';

-- name: part_seal_applied
SELECT COUNT(*) FROM part
WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index AND status = 'sealed'
      AND (:key IS NULL OR key = :key);

-- name: part_delete_blocked
SELECT COUNT(*) FROM part
WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index AND status = 'visible';

-- name: part_delete
DELETE FROM part WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index;

-- name: part_delete_applied
SELECT NOT EXISTS (SELECT 1 FROM part
                   WHERE run_id = :run_id AND unit = :unit AND part_index = :part_index);

-- name: part_list
SELECT *, bytes IS NOT NULL AS was_sealed FROM part
WHERE run_id = :run_id AND (:status IS NULL OR status = :status)
ORDER BY unit, part_index;
