-- The requests under some names that have a time, each with the number of its session, from 1.
--
-- A session is one device's: see device_of. It begins at a login of the person, as session_spans_of
-- says, else after a pause longer than `gap` (microseconds); a pause of exactly `gap` ends none. Sessions
-- are numbered by the time of their first request. Beside the columns of requests_under:
--   session, device, started_by ('login' or 'silence'), login_at (UTC), login_ray_id
create macro sessions_under(who, since, until, gap) as table
with timed as not materialized (
    select
        *,
        coalesce(user_agent, '')                 as agent,
        session_bucket(event_time, gap)          as bucket
    from requests_under(who, since, until)
    where event_time is not null
),
spans as (
    from session_spans_of(who, since, until, gap)
)
select
    timed.* exclude (agent, bucket),
    spans.session,
    spans.device,
    spans.started_by,
    spans.login_at,
    spans.login_ray_id
from timed
join spans
    on spans.agent = timed.agent
    and spans.bucket = timed.bucket
    and epoch_us(timed.event_time) between spans.first_us and spans.last_us
