-- Facts about one user over the whole snapshot.
--
-- Parameters: $user
-- Columns:    the fields of people.KnownUser but `user`
select
    coalesce(
        list_sort(list(distinct user_source) filter (user_source is not null)), []
    )                                                          as user_sources,
    in_utc(min(event_time))                                       as first_seen,
    in_utc(max(event_time))                                       as last_seen,
    count(*)                                                   as requests,
    count(*) filter (event_time is null)                       as requests_without_time,
    (select count(*) from sign_ins where user_id = $user) as logins
from http_requests
where user_id = $user
