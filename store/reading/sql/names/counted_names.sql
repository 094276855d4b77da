-- Names with rows in files that the catalog has counted, each once.
--
-- Parameters: :most (names)
-- Columns:    name
SELECT name FROM user_names LIMIT :most
