-- Lines that could not become rows and name a Ray ID.
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC, of the receipt; NULL is open),
--             $shown
-- Columns:    sent_to (a dataset), reason, received_at, batch_id, line_number
select
    dataset              as sent_to,
    reason,
    in_utc(received_at)  as received_at,
    batch_id,
    line_number
from rejected
where contains(lower(line::varchar), $ray)
  and ($since::timestamp is null or received_at >= $since)
  and ($until::timestamp is null or received_at < $until)
order by received_at, batch_id, line_number
limit $shown
