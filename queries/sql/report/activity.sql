-- One person's requests that have a time, counted by bucket and host, for the chart.
--
-- Parameters: $bucket (hour, day or month), $hosts (all other hosts
--             count as NULL)
-- Columns:    the fields of model.ActivityCount
select
    date_trunc($bucket, in_utc(event_time))                                       as started_at,
    case when list_contains($hosts::varchar[], host_key) then host_key end     as host,
    count(*)                                                                   as requests
from person_requests
where event_time is not null
group by all
order by started_at, host nulls last
