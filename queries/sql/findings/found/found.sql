-- A rule that compares with habits finds nothing while they are being learned.
select told.*
from found_alone as told
where not is_compared
   or (
       in_utc(told.first_seen)::date - (select first_day from store_age) >= rules.learning_store_days()
       and (
           select count(*) from active
           where active.user_id = told.user_id and active.day < in_utc(told.first_seen)::date
       ) >= rules.learning_active_days()
   )
