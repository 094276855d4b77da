-- How much which name downloaded on which UTC day, for the days of rules.habits(): files (each URL
-- counts once a day, also in pieces) and their bytes.
create macro rules.takings(until) as table
select
    user_id,
    date                                         as day,
    count(distinct host_key || uri)              as files,
    sum(bytes)::bigint                           as bytes
from unfolded_requests_where(
    null::varchar[], true,
    coalesce(until, shape.taken_at())::timestamp - rules.habit_days(), until
)
where user_id is not null and event_time is not null and kind = 'download'
group by user_id, date
