-- The views of `raytrail sql`, in the place of DuckDB's function: without the path of the data folder.
create macro duckdb_views() as table
    select * replace (replace("sql", '{folder}', '') as "sql")
    from "system".main.duckdb_views()
