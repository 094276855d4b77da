-- Names with rows in live files, by dataset. A parameter that is NULL narrows nothing.
--
-- Parameters: :folded (the key of what all spellings of a name have in common)
-- Columns:    name, dataset, rows, first_us, last_us
SELECT
  user_names.name,
  files.dataset,
  SUM(user_days.rows) AS rows,
  MIN(user_days.first_us) AS first_us,
  MAX(user_days.last_us) AS last_us
FROM user_names
JOIN user_days ON user_days.who = user_names.who
JOIN files ON files.users_number = user_days.file
WHERE files.retired_sequence IS NULL
  AND (:folded IS NULL OR user_names.folded = :folded)
GROUP BY user_names.who, user_names.name, files.dataset
ORDER BY user_names.name, files.dataset
