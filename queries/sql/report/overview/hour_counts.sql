-- One person's requests that have a time, counted by a part of an hour and by host.
--
-- Parameters: $minutes (length of a part: 15 where a zone is off by a part of an hour, else 60),
--             $hosts (all other hosts count as NULL)
-- Columns:    the fields of days.PartOfHour
select
    time_bucket(to_minutes($minutes::bigint), in_utc(event_time))                as started_at,
    case when list_contains($hosts::varchar[], host_key) then host_key end       as host,
    count(*)                                                                     as requests,
    count(*) filter (kind = 'page')                                              as pages,
    count(*) filter (kind = 'download' and folded_into is null)                  as downloads,
    count(*) filter (kind = 'change' and folded_into is null)                    as changes,
    count(*) filter (is_refused)                                                 as refused
from person_requests
where event_time is not null
group by all
order by started_at, host nulls last
