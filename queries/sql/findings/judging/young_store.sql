-- Whether the store is too young for rules that compare with habits, even on the last day that was asked
-- about; of the relations `acts`, `events` and `store_age`.
--
-- Columns:    is_young (one row)
with last as (
    select max(event_time) as seen from acts
    union all
    select max(event_time) from events
)
select
    coalesce(
        in_utc(max(seen))::date - (select first_day from store_age) < rules.learning_store_days(),
        true
    ) as is_young
from last
