-- One person's events that Access logged: the newest $shown, oldest first, and the number of all.
--
-- Parameters: $who, $since, $until, $shown, $events (those wanted: 'login', 'logout', ...)
-- Columns:    total, then the fields of model.Login
with newest as (
    select
        count(*) over ()   as total,
        in_utc(event_time) as seen_at,
        user_id, event, action, allowed, application, connection, ip, country, ray_id, source,
        batch_id, line_number
    from logins_under($who, $since::timestamp, $until::timestamp)
    where list_contains($events::varchar[], event)
    order by seen_at desc nulls first, ray_id desc, batch_id desc, line_number desc
    limit $shown
)
select * from newest order by seen_at nulls last, ray_id, batch_id, line_number
