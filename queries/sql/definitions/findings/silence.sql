-- The hours of a period of which nothing can be said because records of `http_requests` are missing or
-- may be: Cloudflare counted more than was received (`missing`), or nothing of anybody was received and
-- nobody knows that this is all (`nothing received`). One row an hour, from rules.silence_since() to now: a
-- record of the year 1, or a period until 9999, would make eighteen million.
create macro rules.silence(since, until) as table
with hours as (
    select unnest(generate_series(
        date_trunc('hour', greatest(coalesce(since, first_at), rules.silence_since())),
        least(coalesce(until, shape.taken_at()), shape.taken_at()) - to_microseconds(1),
        interval 1 hour
    )) as hour
    from (
        select min(in_utc(event_time)) as first_at
        from http_requests_where(null::varchar[], true, since, until)
    )
),
received as (
    select distinct date_trunc('hour', in_utc(event_time)) as hour
    from http_requests_where(null::varchar[], true, since, until)
),
partial as (
    select distinct in_utc(hour) as hour
    from coverage
    where dataset = 'http_requests' and state = 'partial'
),
complete as (
    select in_utc(hour) as hour
    from coverage
    where dataset = 'http_requests'
    group by hour
    having bool_and(state = 'complete')
)
select instant_of(hour) as hour, 'missing' as why
from hours semi join partial using (hour)
union all
select instant_of(hour), 'nothing received'
from hours
anti join received using (hour)
anti join partial using (hour)
anti join complete using (hour)
