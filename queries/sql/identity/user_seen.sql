-- Facts about one person over the whole snapshot.
--
-- Parameters: $who (all names of the person)
-- Columns:    the fields of people.KnownUser but `user` and `person`; access_events
select
    coalesce(
        list_sort(list(distinct user_source) filter (user_source is not null)), []
    )                                                          as user_sources,
    in_utc(min(event_time))                                       as first_seen,
    in_utc(max(event_time))                                       as last_seen,
    count(*)                                                   as requests,
    count(*) filter (event_time is null)                       as requests_without_time,
    (
        select count(*) from logins_under($who::varchar[], null::timestamp, null::timestamp)
        where event = 'login'
    )                                                          as logins,
    -- Logouts and enrolments too: somebody who only logged out is known.
    (
        select count(*) from logins_under($who::varchar[], null::timestamp, null::timestamp)
    )                                                          as access_events
from http_requests
where list_contains($who::varchar[], user_id)
