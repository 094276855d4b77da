-- Applications that people logged in to, each with the times in which its logins lie close together.
--
-- A refused login counts: its application asked for it. Logins before, in and after the time in which
-- the list of applications was known are told apart. GraphQL does not tell the domain.
--
-- Parameters: $since, $until, $listed_since, $listed_until (NULL where there is no list),
--             $apart (microseconds between two logins at most)
-- Columns:    application, app_uuid, is_before_list, is_after_list, first_login, last_login
with logged as (
    select application, app_uuid, seen_at
    from (
        select AppDomain as application, AppUUID as app_uuid, Action as action, event_time
        from access_requests
        union all
        select AppDomain, AppUUID, Action, event_time
        from access_requests_rest
    ),
    lateral (select in_utc(event_time) as seen_at)
    where login_event(action) = 'login'
      and trim(application) <> ''
      and event_time is not null
      and ($since::timestamp is null or event_time >= $since)
      and ($until::timestamp is null or event_time < $until)
),
placed as (
    select
        *,
        coalesce(seen_at < $listed_since::timestamp, false) as is_before_list,
        coalesce(seen_at > $listed_until::timestamp, false) as is_after_list
    from logged
),
spaced as (
    select
        *,
        coalesce(epoch_us(seen_at) - epoch_us(lag(seen_at) over in_order) > $apart, true) as is_first
    from placed
    window in_order as (
        partition by application, app_uuid, is_before_list, is_after_list order by seen_at
    )
),
numbered as (
    select
        *,
        count(*) filter (is_first) over (
            partition by application, app_uuid, is_before_list, is_after_list
            order by seen_at
        ) as run
    from spaced
)
select
    application,
    app_uuid,
    is_before_list,
    is_after_list,
    min(seen_at) as first_login,
    max(seen_at) as last_login
from numbered
group by application, app_uuid, is_before_list, is_after_list, run
order by application, app_uuid, first_login
