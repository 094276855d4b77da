-- How many held rows of a time cannot be told from others.
--
-- Parameters: $since, $until
select count(*)
from http_requests
where event_time >= $since
  and event_time <= $until
  and (coalesce(RayID, '') = '' or EdgeStartTimestamp is null)
