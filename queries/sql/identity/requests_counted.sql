-- How many requests one person sent in a period.
--
-- Parameters: $who, $since, $until
-- Columns:    requests
select count(*) as requests
from http_requests
where list_contains($who::varchar[], user_id)
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
