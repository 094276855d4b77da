-- Requests that one request caused, oldest first: subrequests of its Worker, and others whose
-- ParentRayID it is. ParentRayID has no bloom filter, so the period should be short.
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC), $shown
-- Columns:    total (of all), then the fields of records.Child, in their order
select
    count(*) over ()                                as total,
    in_utc(event_time)                              as seen_at,
    ClientRequestMethod                             as method,
    ClientRequestHost                               as host,
    coalesce(ClientRequestURI, ClientRequestPath)   as uri,
    EdgeResponseStatus                              as status,
    OriginResponseStatus                            as origin_status,
    ClientRequestSource                             as source,
    WorkerSubrequest                                as is_subrequest,
    RayID                                           as ray_id,
    batch_id,
    line_number
from http_requests
where ParentRayID in ($ray, upper($ray))
  and event_time >= $since::timestamp
  and event_time < $until::timestamp
order by seen_at, batch_id, line_number
limit $shown
