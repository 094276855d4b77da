-- The batches of one person's requests and logins in a period that recovery entered.
--
-- Parameters: $who, $since, $until, $recovered (ids of batches)
-- Columns:    batches
with of_user as (
    select batch_id, event_time from http_requests where list_contains($who::varchar[], user_id)
    union all
    select batch_id, event_time
    from logins_under($who::varchar[], $since::timestamp, $until::timestamp)
)
select count(distinct batch_id) as batches
from of_user
where list_contains($recovered::varchar[], batch_id)
  and ($since::timestamp is null or event_time >= $since)
  and ($until::timestamp is null or event_time < $until)
