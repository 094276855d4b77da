-- All names in the snapshot, with their requests and logins.
--
-- Parameters: none
-- Columns:    user_id, requests, logins
select
    user_id,
    count(*) filter (event is null)     as requests,
    count(*) filter (event = 'login')   as logins
from (
    select user_id, null as event from http_requests
    union all
    select user_id, event from logins
)
where user_id is not null
group by user_id
