-- One user's requests that have a time, each with the number of its session, from 1.
--
-- A session ends with a silence longer than `gap` (microseconds); as long as `gap` is not
-- longer. The running sum counts peers together, so requests of the same microsecond are
-- never torn apart.
create macro sessions_of(who, since, until, gap) as table
with spaced as (
    select
        *,
        epoch_us(event_time) - lag(epoch_us(event_time)) over (order by event_time) as silence
    from visits_of(who, since, until)
    where event_time is not null
)
select
    *,
    1 + sum(case when silence > gap then 1 else 0 end) over (order by event_time) as session
from spaced
