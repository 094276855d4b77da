-- One user's requests over time, for the chart: those with a time, by bucket and host.
--
-- Parameters: $user, $since, $until, $bucket (hour, day or month), $hosts (named ones; every
--             other host counts under NULL)
-- Columns:    the fields of findings.Activity's counts
select
    date_trunc($bucket, event_time)                                            as started_at,
    case when list_contains($hosts::varchar[], host_key) then host_key end     as host,
    count(*)                                                                   as requests
from visits_of($user, $since::timestamp, $until::timestamp)
where event_time is not null
group by all
order by started_at, host nulls last
