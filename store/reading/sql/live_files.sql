-- The live files that may hold a row of the scope. A parameter that is NULL narrows nothing.
SELECT
  files.path,
  files.sha256,
  files.bytes,
  files.rows,
  files.dataset,
  files.day,
  files.time_min,
  files.time_max,
  files.columns,
  files.format,
  damaged.kind,
  damaged.reason,
  damaged.found_at
FROM files
LEFT JOIN damaged ON damaged.path = files.path
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
ORDER BY files.dataset, files.day, files.path
