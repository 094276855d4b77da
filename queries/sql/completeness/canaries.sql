-- When each canary was first received, by id.
--
-- Parameters: $since
-- Columns:    id, received_at
select
    regexp_extract(ClientRequestURI, '[?&]raytrail-canary=([0-9a-f]{32})', 1) as id,
    in_utc(min(received_at))                                                     as received_at
from http_requests
where event_time >= $since::timestamp
  and contains(ClientRequestURI, 'raytrail-canary=')
group by 1
order by 1
