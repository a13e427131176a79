CREATE INDEX IF NOT EXISTS idx_file_manifest_export ON file_manifest (export_name, id DESC);
