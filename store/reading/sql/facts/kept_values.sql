-- The values that the habits of these files name by number.
--
-- Parameters: :files (a JSON list of their `users_number`)
-- Columns:    file, number, kind, value
SELECT file, number, kind, value
FROM fact_values
WHERE file IN (SELECT value FROM json_each(:files))
ORDER BY file, number
