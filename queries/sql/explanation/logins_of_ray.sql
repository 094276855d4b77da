-- The Access events of people with one Ray ID: the request was a login itself, or was refused.
--
-- Parameters: $ray (16 hex digits in lower case), $since, $until (UTC, NULL is open)
-- Columns:    the fields of records.Login, in their order
select
    in_utc(event_time)   as seen_at,
    user_id,
    event,
    allowed,
    application,
    connection,
    ip,
    country,
    ray_id,
    source,
    batch_id,
    line_number
from logins_under(null::varchar[], $since::timestamp, $until::timestamp)
where ray_id in ($ray, upper($ray))
order by seen_at, batch_id, line_number
