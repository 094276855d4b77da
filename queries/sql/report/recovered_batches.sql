-- The batches of one user's requests and logins in a period that recovery entered.
--
-- Parameters: $user, $since, $until, $recovered (ids of batches)
-- Columns:    batches
with of_user as (
    select batch_id, event_time from http_requests where user_id = $user
    union all
    select batch_id, event_time from sign_ins where user_id = $user
)
select count(distinct batch_id) as batches
from of_user
where list_contains($recovered::varchar[], batch_id)
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
