-- Which of some logins were followed by a request of the person, to any host.
--
-- Parameters: $who, $logins ({number, since, until})
-- Columns:    number (of the login)
with logins as (
    select unnest(
        $logins::struct(number integer, since timestamp, until timestamp)[], recursive := true
    )
),
hours as (
    select
        *,
        unnest(generate_series(date_trunc('hour', since), until, interval 1 hour)) as hour
    from logins
)
select distinct number
from hours
join (
    select in_utc(event_time) as seen_at, date_trunc('hour', in_utc(event_time)) as hour
    from http_requests
    where list_contains($who::varchar[], user_id) and event_time is not null
) using (hour)
where seen_at >= hours.since and seen_at <= hours.until
