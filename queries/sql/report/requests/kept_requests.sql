-- person_requests.sql, of the relations person_records and person_folds.
--
-- Parameters: $who, $since, $until, $gap (microseconds), $access_hosts, $access_rules
-- Columns:    those of person_requests.sql
select
    told.* exclude (id, is_child, role) replace (
        case when folds.shown_by = 'viewed' then 'prefetch_then_viewed' else told.navigation end
            as navigation
    ),
    coalesce(folds.piece_bytes, told.size_bytes) as total_bytes,
    folds.folded_into,
    folds.folded_by,
    case when folds.shown_by = 'route' then told.referer end as route,
    identity_of(
        told.is_let_through, told.host_key, told.uri, in_utc(told.event_time),
        $access_hosts::varchar[], access_rules_of($access_rules)
    )                                  as identity,
    spans.session,
    spans.device,
    spans.started_by,
    spans.login_at,
    spans.login_ray_id
from person_records as told
left join person_folds as folds
    on folds.user_id = told.user_id
    and folds.batch_id = told.batch_id
    and folds.line_number = told.line_number
left join session_spans_where($who, false, $since::timestamp, $until::timestamp, $gap) as spans
    on spans.user_id = told.user_id
    and spans.agent = coalesce(told.user_agent, '')
    and spans.bucket = session_bucket(told.event_time, $gap)
    and epoch_us(told.event_time) between spans.first_us and spans.last_us
where is_within(told.event_time, told.date, $since::timestamp, $until::timestamp)
