-- The requests under some names that have a time, each with the number of its session, from 1.
--
-- A pause longer than `gap` (microseconds) ends a session; a pause of exactly `gap` does not.
-- Pauses are found between time slices instead of between requests: ten million requests in a
-- month fall into fifteen hundred slices, and no request has to be sorted.
create macro sessions_of(who, since, until, gap) as table
with timed as not materialized (
    select *, session_bucket(event_time, gap) as bucket
    from requests_of(who, since, until)
    where event_time is not null
),
buckets as (
    select bucket, min(epoch_us(event_time)) as first_us, max(epoch_us(event_time)) as last_us
    from timed
    group by bucket
),
spaced as (
    select bucket, first_us - lag(last_us) over (order by bucket) as pause from buckets
),
numbered as (
    select
        bucket,
        1 + sum(case when pause > gap then 1 else 0 end) over (order by bucket) as session
    from spaced
)
select timed.* exclude (bucket), numbered.session
from timed join numbered using (bucket)
