-- A statement as DuckDB's own parser reads it, as JSON; it is not run.
--
-- Parameters: $statement
select json_serialize_sql($statement) as tree
