-- One person's requests in a period with what a report asks of each; its other questions ask these.
--
-- Parameters: $who, $since, $until, $gap (microseconds), $access_hosts, $access_rules
-- Columns:    those of requests_under, with identity, and of sessions_under (session is NULL without a
--             time)
select
    told.* exclude (identity, session, login),
    identity_of(
        told.is_let_through, told.host_key, told.uri, in_utc(told.event_time),
        $access_hosts::varchar[], access_rules_of($access_rules)
    )                                  as identity,
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
