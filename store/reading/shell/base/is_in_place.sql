-- True if this file was opened where it was published, and an error otherwise: a copy would read
-- the rows of the store that it was copied from. As a subquery it is evaluated once for a question,
-- and never pruned. DuckDB 1.4 does not tell the canonical path, so it is not checked there.
CREATE MACRO shape.is_in_place() AS (
    SELECT CASE
        WHEN version() LIKE 'v1.4.%' OR count(*) > 0 THEN true
        ELSE error(
            'This is a copy of ' || shape.folder() || 'audit.duckdb, and answers only there.'
            || ' In a copied data folder run `raytrail load`, which writes a new one.'
            || ' If the data folder has another path here, set RAYTRAIL_SHELL_ROOT to that path.'
        )
    END
    FROM duckdb_databases()
    WHERE path = shape.folder() || 'audit.duckdb'
)
