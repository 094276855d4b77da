-- From the first to the last record of each live file of a dataset that can be read.
SELECT time_min, time_max
FROM files
WHERE retired_sequence IS NULL
  AND dataset = :of_dataset
  AND time_min IS NOT NULL
  AND path NOT IN (SELECT path FROM damaged)
ORDER BY time_min
