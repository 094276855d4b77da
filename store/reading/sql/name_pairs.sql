-- What operators said of pairs of names, the newest first.
SELECT
  name_pairs.salt,
  name_pairs.digest,
  name_pairs.is_same,
  name_pairs.name,
  name_pairs.other,
  entries.recorded_at AS said_at
FROM name_pairs
JOIN entries ON entries.sequence = name_pairs.sequence
ORDER BY name_pairs.sequence DESC
