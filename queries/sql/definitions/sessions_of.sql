-- One user's requests that have a time, each with the number of its session, from 1.
--
-- A session ends with a silence longer than `gap` (microseconds); as long as `gap` is not
-- longer. Silences are looked for between slices of time instead of between requests: ten
-- million requests a month are fifteen hundred slices, and nothing has to be sorted.
create macro sessions_of(who, since, until, gap) as table
with timed as not materialized (
    select *, session_bucket(event_time, gap) as bucket
    from visits_of(who, since, until)
    where event_time is not null
),
buckets as (
    select bucket, min(epoch_us(event_time)) as first_us, max(epoch_us(event_time)) as last_us
    from timed
    group by bucket
),
spaced as (
    select bucket, first_us - lag(last_us) over (order by bucket) as silence from buckets
),
numbered as (
    select
        bucket,
        1 + sum(case when silence > gap then 1 else 0 end) over (order by bucket) as session
    from spaced
)
select timed.* exclude (bucket), numbered.session
from timed join numbered using (bucket)
