-- The settings of `raytrail sql`, in the place of DuckDB's function: without those that name a folder.
-- `pg_settings` reads it.
create macro duckdb_settings() as table
    select *
    from "system".main.duckdb_settings()
    where not coalesce(contains(value, '/'), false)
