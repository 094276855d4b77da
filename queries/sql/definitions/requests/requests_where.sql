-- The requests under some names, or of everybody, in a period. The parameters are those of
-- http_requests_where().
--
-- folded_into is the id (the Ray ID, or batch:line without one) of the request that this one belongs
-- to, which itself belongs to no other; folded_by is the reason; docs/requests.md explains both.
-- Requests up to fold_reach() before the period are read too: one at its beginning may belong to a
-- page before it. A question that asks for no such column does not pay for them.
--
-- session and login are those of the request's session within the period, see session_spans_where().
create macro requests_where(who, everybody, since, until) as table
select
    event_time,
    date,
    nanoseconds,
    user_id,
    user_source,
    -- graded_requests_where() has it, which stands here for analysts.
    null::varchar as identity,
    method,
    host,
    host_key,
    uri,
    path,
    path_template,
    status,
    ip,
    country,
    city,
    latitude,
    longitude,
    asn,
    ip_class,
    colo,
    ja4,
    requested_with,
    user_agent,
    is_program,
    referer,
    content_type,
    bytes,
    bytes_received,
    direction,
    size_bytes,
    coalesce(piece_bytes, size_bytes)                  as total_bytes,
    ray_id,
    parent_ray_id,
    source,
    security_action,
    sec_fetch_dest,
    sec_fetch_mode,
    sec_fetch_user,
    sec_purpose,
    disposition,
    kind,
    case when shown_by = 'viewed' then 'prefetch_then_viewed' else navigation end as navigation,
    is_refused,
    is_let_through,
    folded_into,
    folded_by,
    case when shown_by = 'route' then referer end              as route,
    -- requests_in_sessions_where() has them, which stands here for analysts.
    null::varchar as session,
    null::varchar as login,
    batch_id,
    line_number,
    received_at
from placed_requests_where(who, everybody, since, until)
