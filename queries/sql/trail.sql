-- The requests of one person, oldest first; requests without a time come last.
--
-- The relation person_requests is what a report keeps (report/requests/), or a statement before this one
-- (trail_requests.sql).
--
-- Columns:    the fields of trail.TrailRow, in their order
select
    -- Nanoseconds only where they were logged: zeros would look like a measurement.
    strftime(in_utc(event_time), '%Y-%m-%dT%H:%M:%S.%f')
        || coalesce(lpad(nanoseconds::varchar, 3, '0'), '') || 'Z'   as time,
    user_id,
    user_source,
    identity,
    method,
    host,
    uri,
    status,
    ip,
    country,
    user_agent,
    referer,
    bytes,
    ray_id,
    parent_ray_id,
    source,
    batch_id,
    line_number,
    strftime(in_utc(received_at), '%Y-%m-%dT%H:%M:%S.%fZ')              as received_at,
    kind,
    navigation,
    size_bytes,
    direction,
    content_type,
    folded_into,
    folded_by,
    path_template,
    route
from person_requests
order by event_time nulls last, coalesce(nanoseconds, 0), ray_id, batch_id, line_number
