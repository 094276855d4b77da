-- Facts about one person over the whole snapshot.
--
-- Parameters: $who (all names of the person)
-- Columns:    the fields of people.KnownUser but `user` and `person`
select
    coalesce(
        list_sort(list(distinct user_source) filter (user_source is not null)), []
    )                                                          as user_sources,
    in_utc(min(event_time))                                       as first_seen,
    in_utc(max(event_time))                                       as last_seen,
    count(*)                                                   as requests,
    count(*) filter (event_time is null)                       as requests_without_time,
    (
        select count(*) from sign_ins where list_contains($who::varchar[], user_id)
    )                                                          as logins
from http_requests
where list_contains($who::varchar[], user_id)
