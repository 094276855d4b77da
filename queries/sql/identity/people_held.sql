-- All names in the snapshot with what they did: those with logins first, then the busiest.
--
-- Parameters: $shown (names at most)
-- Columns:    user_id, requests, logins, first_seen, last_seen (of both), all_names, all_requests
with held as (
    select user_id, event_time, true as is_request, false as is_login from http_requests
    union all
    select user_id, event_time, false, event = 'login' from logins
),
named as (
    select
        user_id,
        count(*) filter (is_request)  as requests,
        count(*) filter (is_login)    as logins,
        in_utc(min(event_time))       as first_seen,
        in_utc(max(event_time))       as last_seen
    from held
    where user_id is not null
    group by user_id
)
select *, count(*) over () as all_names, sum(requests) over ()::bigint as all_requests
from named
order by logins > 0 desc, requests desc, logins desc, user_id
limit $shown
