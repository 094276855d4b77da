-- The number of stored rows in a period that have no Ray ID or no start, so they match no request.
--
-- Parameters: $since, $until
select count(*)
from http_requests
where event_time >= $since
  and event_time <= $until
  and (coalesce(RayID, '') = '' or EdgeStartTimestamp is null)
