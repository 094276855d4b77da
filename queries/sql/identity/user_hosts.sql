-- The hosts that one user sent requests to in a period, with first and last time.
--
-- Parameters: $who, $since, $until
-- Columns:    host, first_seen, last_seen, is_timed (whether every request has a time)
select
    host_key                         as host,
    in_utc(min(event_time))             as first_seen,
    in_utc(max(event_time))             as last_seen,
    count(*) = count(event_time)     as is_timed
from requests_under($who, $since::timestamp, $until::timestamp)
where host_key is not null
group by host_key
