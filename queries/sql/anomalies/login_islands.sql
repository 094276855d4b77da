-- The times in which the sources of logins told anything, of anybody, with short silences only.
--
-- Parameters: $silence (microseconds)
-- Columns:    first_seen, last_seen
with events as (
    select in_utc(event_time) as seen_at from access_requests
    union all
    select in_utc(event_time) from access_requests_rest
    union all
    select in_utc(event_time) from access_login_events
),
hours as (
    select date_trunc('hour', seen_at) as hour, min(seen_at) as first_seen, max(seen_at) as last_seen
    from events
    where seen_at is not null
    group by hour
),
spaced as (
    select
        *,
        epoch_us(first_seen) - epoch_us(lag(last_seen) over (order by hour)) > $silence as is_apart
    from hours
),
numbered as (
    select *, count(*) filter (is_apart) over (order by hour) as island from spaced
)
select min(first_seen) as first_seen, max(last_seen) as last_seen
from numbered
group by island
order by first_seen
