-- When logins show which applications existed, by what logins call them.
--
-- A row spans consecutive logins to one application, each at most logins_apart() after the one before
-- it. Logins before and after the time in which the list of applications was known are apart from
-- the others (queries/identity/login_coverage.py).
--
-- Parameters: since, until (UTC, NULL is open); known_from, known_to (first and last moment of the
--             list; NULL where there is none)
-- Columns:    application, app_uuid, is_before_list, is_after_list, first_login, last_login
create macro application_spells(since, until, known_from, known_to) as table
with logged as (
    select application, app_uuid, seen_at
    from (
        select AppDomain as application, AppUUID as app_uuid, Action as action, event_time, date
        from access_requests
        union all
        select AppDomain, AppUUID, Action, event_time, date
        from access_requests_rest
    ),
    lateral (select in_utc(event_time) as seen_at)
    where login_event(action) = 'login'
      and trim(application) <> ''
      and event_time is not null
      and is_within(event_time, date, since, until)
),
placed as (
    select
        *,
        coalesce(seen_at < known_from::timestamp, false) as is_before_list,
        coalesce(seen_at > known_to::timestamp, false)   as is_after_list
    from logged
),
-- A few days of logins instead of millions of logins.
daily as (
    select
        application,
        app_uuid,
        is_before_list,
        is_after_list,
        min(seen_at) as first_login,
        max(seen_at) as last_login
    from placed
    group by application, app_uuid, is_before_list, is_after_list, date_trunc('day', seen_at)
),
listed as (
    select
        application,
        app_uuid,
        is_before_list,
        is_after_list,
        list({first_login: first_login, last_login: last_login} order by first_login) as days
    from daily
    group by application, app_uuid, is_before_list, is_after_list
)
select
    application,
    app_uuid,
    is_before_list,
    is_after_list,
    unnest(list_filter(days, lambda day, place:
        place = 1 or day.first_login > days[place - 1].last_login + logins_apart()
    )).first_login as first_login,
    unnest(list_filter(days, lambda day, place:
        place = len(days) or days[place + 1].first_login > day.last_login + logins_apart()
    )).last_login as last_login
from listed
