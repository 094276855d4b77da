-- With what the rules over the findings of others found.
from found
union all
select told.*
from found_together as told
where not is_compared
   or (
       in_utc(told.first_seen)::date - (select first_day from store_age) >= rules.learning_store_days()
       and (
           select count(*) from active
           where active.user_id = told.user_id and active.day < in_utc(told.first_seen)::date
       ) >= rules.learning_active_days()
   )
