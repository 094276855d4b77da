-- The syntax tree of a statement from DuckDB's parser, as JSON. The statement is not run.
--
-- Parameters: $statement
select json_serialize_sql($statement) as tree
