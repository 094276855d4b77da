-- The text of everything that is defined in an `audit.duckdb`.
SELECT 'view' AS kind, schema_name || '.' || view_name AS name, sql
FROM duckdb_views()
WHERE NOT internal
UNION ALL
SELECT 'table', schema_name || '.' || table_name, sql
FROM duckdb_tables()
WHERE NOT internal
UNION ALL
SELECT
    'macro',
    schema_name || '.' || function_name,
    function_type || array_to_string(parameters, ', ') || ' AS ' || macro_definition
FROM duckdb_functions()
WHERE NOT internal
    -- The time, the newest entry and the ledger of a snapshot, which are others in each.
    AND NOT (
        schema_name = 'shape' AND function_name IN ('taken_at', 'sequence', 'ledger_files')
    )
ORDER BY ALL
