-- The functions of `raytrail sql`, in the place of DuckDB's function: without the path of the data folder.
create macro duckdb_functions() as table
    select * replace (replace(macro_definition, '{folder}', '') as macro_definition)
    from "system".main.duckdb_functions()
