-- All users, the number of their requests, and when.
--
-- Example: from people()
create macro people() as table
select
    user_id,
    count(*)         as requests,
    min(event_time)  as first_seen,
    max(event_time)  as last_seen
from http_requests
where user_id is not null
group by user_id
order by requests desc, user_id
