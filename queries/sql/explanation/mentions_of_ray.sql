-- Records of a dataset without columns of its own that name a Ray ID anywhere.
--
-- Parameters: $dataset, $ray (16 hex digits in lower case), $since, $until (UTC, NULL is open),
--             $shown
-- Columns:    seen_at, extra (the record), batch_id, line_number
select
    in_utc(event_time)   as seen_at,
    extra,
    batch_id,
    line_number
from query_table($dataset)
where contains(lower(extra), $ray)
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
order by seen_at, batch_id, line_number
limit $shown
