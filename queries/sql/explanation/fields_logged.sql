-- How many requests of one batch have each field that explains a request. A field that none has was
-- not selected in the Logpush job.
--
-- Parameters: $batch_id, $since, $until (UTC)
-- Columns:    requests, then one count for each field, under its name
select
    count(*)                    as requests,
    count(EdgeResponseStatus)   as EdgeResponseStatus,
    count(OriginResponseStatus) as OriginResponseStatus,
    count(SecurityAction)       as SecurityAction,
    count(EdgePathingOp)        as EdgePathingOp,
    count(CacheCacheStatus)     as CacheCacheStatus,
    count(WorkerStatus)         as WorkerStatus,
    count(ParentRayID)          as ParentRayID
from http_requests
where batch_id = $batch_id
  and event_time >= $since::timestamp
  and event_time < $until::timestamp
