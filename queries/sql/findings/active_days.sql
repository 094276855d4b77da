-- How many names have requests in a period, and how many of them were active on too few days before its
-- end for rules that compare with habits; of the relations `active` and `store_age`.
--
-- Columns:    people, learning (people with too few days), first_day (of the store's requests with a name),
--             active_days, store_days (what the rules want)
with counted as (
    select
        user_id,
        count(*)                                 as days,
        bool_or(asked_since is null or day >= asked_since::date) as is_seen
    from active
    where asked_names is null or list_contains(asked_names, user_id)
    group by user_id
)
select
    count(*) filter (is_seen)                    as people,
    -- The last of the days may be that of a finding.
    count(*) filter (is_seen and days <= rules.learning_active_days()) as learning,
    (select first_day from store_age)            as first_day,
    rules.learning_active_days()                 as active_days,
    rules.learning_store_days()                  as store_days
from counted
