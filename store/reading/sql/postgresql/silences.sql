-- Times without a receipt of a dataset that overlap a period and are not shorter than a limit, the
-- longest first. Batches of every origin count, also imported ones.
-- What was before the first receipt is NULL: it comes first, as in SQLite.
--
-- Parameters: :dataset, :since, :until, :seconds, :most
-- Columns:    since and until (the receipts before and after; NULL if there is none), found
WITH states(state) AS (SELECT 'entered' UNION ALL SELECT 'loaded' UNION ALL SELECT 'unread'),
ends AS (
  SELECT
    (
      SELECT received_at FROM batches
      WHERE batches.state = states.state AND dataset = :dataset AND received_at < :since
      ORDER BY received_at DESC LIMIT 1
    ) AS before,
    (
      SELECT received_at FROM batches
      WHERE batches.state = states.state AND dataset = :dataset AND received_at >= :until
      ORDER BY received_at LIMIT 1
    ) AS after
  FROM states
),
receipts AS (
  SELECT received_at FROM batches
  JOIN states ON states.state = batches.state
  WHERE dataset = :dataset AND received_at >= :since AND received_at < :until
  UNION ALL SELECT MAX(before) FROM ends
  UNION ALL SELECT COALESCE(MIN(after), '~') FROM ends
),
pairs AS (
  SELECT
    received_at AS since,
    LEAD(received_at) OVER (ORDER BY received_at NULLS FIRST) AS until
  FROM receipts
),
apart AS (
  SELECT
    since,
    NULLIF(until, '~') AS until,
    floor(EXTRACT(EPOCH FROM CAST(COALESCE(NULLIF(until, '~'), :until) AS timestamptz)))
      - floor(EXTRACT(EPOCH FROM CAST(COALESCE(since, :since) AS timestamptz))) AS seconds
  FROM pairs
  WHERE until IS NOT NULL
)
SELECT since, until, COUNT(*) OVER () AS found
FROM apart
WHERE seconds >= :seconds
ORDER BY seconds DESC, since NULLS FIRST
LIMIT :most
