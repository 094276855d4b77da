-- Names with rows in live files that the catalog has counted, each once.
--
-- Parameters: :most (names)
-- Columns:    name
SELECT user_names.name
FROM user_names
WHERE EXISTS (
  SELECT 1
  FROM user_days
  WHERE user_days.who = user_names.who
    -- The few retired files that are not removed yet; to look up each live one takes twice as long.
    AND user_days.file NOT IN (
      SELECT users_number
      FROM files
      WHERE retired_sequence IS NOT NULL AND users_number IS NOT NULL
    )
)
LIMIT :most
