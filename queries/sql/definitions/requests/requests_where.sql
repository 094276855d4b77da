-- The requests under some names, or of everybody, in a period. The parameters are those of
-- http_requests_where().
--
-- folded_into is the id (the Ray ID, or batch:line without one) of the request that this one belongs
-- to, which itself belongs to no other; folded_by is the reason; docs/requests.md explains both.
-- Requests up to fold_reach() before the period are read too: one at its beginning may belong to a
-- page before it. A question that asks for no such column does not pay for them.
--
-- session and login are those of the request's session, see session_spans_where(): within the period.
--
-- A join that nobody asked for is left out, but DuckDB 2.0 leaves out only one of two joins in a row,
-- and only one on plain columns. Nobody asks for `boundary`, so no window is reckoned; it keeps the
-- joins apart. Conditions are applied to the files if they are on columns that it is partitioned by.
create macro requests_where(who, everybody, since, until) as table
select
    event_time,
    date,
    nanoseconds,
    folded.user_id,
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
    list_filter(
        spans, lambda span: epoch_us(event_time) between span.first_us and span.last_us
    )[1].id                                            as session,
    list_filter(
        spans, lambda span: epoch_us(event_time) between span.first_us and span.last_us
    )[1].login                                         as login,
    batch_id,
    line_number,
    received_at
from (
    select
        told.*,
        folds.folded_into,
        folds.folded_by,
        folds.shown_by,
        folds.piece_bytes,
        row_number() over (partition by
            told.event_time, told.date, told.nanoseconds, told.user_id, told.user_source, told.method,
            told.host, told.host_key, told.uri, told.path, told.path_template, told.status,
            told.ip, told.country, told.user_agent, told.is_program, told.referer,
            told.content_type, told.bytes, told.bytes_received, told.direction,
            told.size_bytes, told.ray_id, told.parent_ray_id, told.source,
            told.security_action, told.sec_fetch_dest, told.sec_fetch_mode,
            told.sec_fetch_user, told.sec_purpose, told.disposition, told.kind,
            told.navigation, told.is_refused, told.is_let_through, told.batch_id,
            told.line_number, told.received_at
        ) as boundary
    from (
        select
            *,
            coalesce(user_agent, '')                   as agent,
            session_bucket(event_time, session_gap())  as bucket
        from unfolded_requests_where(who, everybody, since, until)
    ) as told
    left join folds_of(
        who, everybody, since::timestamp - fold_reach(), until::timestamp + prefetch_life()
    ) as folds
    on told.user_id = folds.user_id
    and told.batch_id = folds.batch_id
    and told.line_number = folds.line_number
) as folded
left join session_slices_where(who, everybody, since, until) as slices
on folded.user_id = slices.user_id
and folded.agent = slices.agent
and folded.bucket = slices.bucket
