-- One person's requests in a period with what a report asks of each; its other questions ask these.
--
-- Parameters: $who, $since, $until, $gap (microseconds), $access_hosts, $access_rules
-- Columns:    those of requests_under and sessions_under that a report and its files need (session is
--             NULL without a time), and identity
select
    told.event_time,
    told.nanoseconds,
    told.user_id,
    told.user_source,
    identity_of(
        told.is_let_through, told.host_key, told.uri, in_utc(told.event_time),
        $access_hosts::varchar[], access_rules_of($access_rules)
    )                                  as identity,
    told.method,
    told.host,
    told.host_key,
    told.uri,
    told.path,
    told.path_template,
    told.status,
    told.ip,
    told.country,
    told.user_agent,
    told.referer,
    told.content_type,
    told.bytes,
    told.bytes_received,
    told.direction,
    told.size_bytes,
    told.total_bytes,
    told.ray_id,
    told.parent_ray_id,
    told.source,
    told.security_action,
    told.kind,
    told.navigation,
    told.is_refused,
    told.is_let_through,
    told.folded_into,
    told.folded_by,
    told.route,
    told.batch_id,
    told.line_number,
    told.received_at,
    spans.session,
    spans.device,
    spans.started_by,
    spans.login_at,
    spans.login_ray_id
from requests_under($who, $since::timestamp, $until::timestamp) as told
left join session_spans_where($who, false, $since::timestamp, $until::timestamp, $gap) as spans
    on spans.user_id = told.user_id
    and spans.agent = coalesce(told.user_agent, '')
    and spans.bucket = session_bucket(told.event_time, $gap)
    and epoch_us(told.event_time) between spans.first_us and spans.last_us
