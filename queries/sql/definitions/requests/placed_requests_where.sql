-- The requests of requests_where() beside what folds_of() tells of them, and what their session is
-- looked up by: agent, bucket.
--
-- A join that a counting question does not ask for is left out, but DuckDB 2.0 leaves out only one of
-- two joins in a row, and only one on plain columns. Nobody asks for `boundary`, so no window is
-- reckoned; it keeps this join apart from that of requests_in_sessions_where(). Conditions are applied
-- to the files if they are on columns that it is partitioned by.
create macro placed_requests_where(who, everybody, since, until) as table
select
    told.*,
    folds.folded_into,
    folds.folded_by,
    folds.shown_by,
    folds.piece_bytes,
    row_number() over (partition by
        told.event_time, told.date, told.nanoseconds, told.user_id, told.user_source, told.method,
        told.host, told.host_key, told.uri, told.path, told.path_template, told.status,
        told.ip, told.country, told.city, told.latitude, told.longitude, told.asn,
        told.ip_class, told.colo, told.ja4, told.requested_with, told.user_agent, told.is_program, told.referer,
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
