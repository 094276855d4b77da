-- The hosts that one user sent requests to in a period, with first and last time.
--
-- Parameters: $who, $since, $until
-- Columns:    host, first_seen, last_seen, is_timed (whether every request has a time)
select
    host_name(ClientRequestHost)     as host,
    in_utc(min(event_time))          as first_seen,
    in_utc(max(event_time))          as last_seen,
    count(*) = count(event_time)     as is_timed
from http_requests
where list_contains($who::varchar[], user_id)
  and ClientRequestHost is not null
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
group by host_name(ClientRequestHost)
