-- The logins and logouts of one person in a period, oldest first.
--
-- Parameters: $who, $since, $until
-- Columns:    the fields of login_windows.AccessEvent
select
    event,
    in_utc(event_time) as seen_at,
    coalesce(allowed, true) as is_allowed,
    coalesce(application, '') as application,
    coalesce(app_uuid, '') as app_uuid,
    ray_id
from logins_under($who::varchar[], $since::timestamp, $until::timestamp)
where event in ('login', 'logout') and event_time is not null
order by event_time, ray_id, batch_id, line_number
