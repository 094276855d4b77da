-- The live files that may hold a row of the scope. A parameter that is NULL narrows nothing.
SELECT dataset, path, columns
FROM files
WHERE retired_sequence IS NULL
  AND (
    :dataset IS NULL
    OR dataset <> :dataset
    OR (
      (
        :user IS NULL
        OR number IN (SELECT file FROM people WHERE who = :who)
        OR (number IS NULL AND user_min <= :user AND user_max >= :user)
      )
      AND (:since IS NULL OR time_max >= :since)
      AND (:until IS NULL OR time_min < :until)
    )
  )
ORDER BY dataset, day, path
