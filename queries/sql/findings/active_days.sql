-- How many names have requests in a period, and how many of them were active on too few days before its
-- end for rules that compare with habits.
--
-- Parameters: $who (a list of names; NULL: everybody), $since, $until (TIMESTAMP in UTC; NULL: open)
-- Columns:    people, learning (people with too few days), first_day (of the store's requests with a name),
--             active_days, store_days (what the rules want)
with days as (
    select user_id, date as day
    from http_requests_where(null::varchar[], true, null, $until::timestamp)
    where user_id is not null and event_time is not null
    group by all
),
counted as (
    select
        user_id,
        count(*)                                 as days,
        bool_or($since::timestamp is null or day >= $since::timestamp::date) as is_seen
    from days
    where $who::varchar[] is null or list_contains($who::varchar[], user_id)
    group by user_id
)
select
    count(*) filter (is_seen)                    as people,
    -- The last of the days may be that of a finding.
    count(*) filter (is_seen and days <= rules.learning_active_days()) as learning,
    (select min(day) from days)                  as first_day,
    rules.learning_active_days()                 as active_days,
    rules.learning_store_days()                  as store_days
from counted
