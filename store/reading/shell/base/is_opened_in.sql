-- Whether this file seems to be opened in a folder, by where DuckDB would spill rows: beside the
-- file, or where `raytrail shell` says. It is a constant, as the names of files must be.
CREATE MACRO shape.is_opened_in(folder) AS
    current_setting('temp_directory') = folder || 'audit.duckdb.tmp'
    OR starts_with(current_setting('temp_directory'), folder || '.spills/')
