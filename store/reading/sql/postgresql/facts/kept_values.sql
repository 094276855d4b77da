-- The values that the habits of these files name by number.
--
-- Parameters: :files (a JSON list of their `users_number`)
-- Columns:    file, number, kind, value
SELECT file, number, kind, value
FROM fact_values
WHERE file IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:files AS json)))
ORDER BY file, number
