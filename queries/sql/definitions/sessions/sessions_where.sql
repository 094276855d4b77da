-- The requests under some names that have a time, each with its session.
--
-- A session is one device's: see device_of. It begins at a login of the person, as session_spans_where
-- says, else after a pause longer than `gap` (microseconds); a pause of exactly `gap` ends none. Sessions
-- of a person are numbered by the time of their first request, from 1. Columns beside those of `requests`:
--   number, device, started_by ('login' or 'silence'), login_at (UTC)
create macro sessions_where(who, everybody, since, until, gap) as table
with timed as not materialized (
    select
        * exclude (session, login),
        coalesce(user_agent, '')                 as agent,
        session_bucket(event_time, gap)          as bucket
    from requests_where(who, everybody, since, until)
    where event_time is not null
),
spans as (
    from session_spans_where(who, everybody, since, until, gap)
)
select
    timed.* exclude (agent, bucket),
    spans.id                                     as session,
    spans.login_ray_id                           as login,
    spans.session                                as number,
    spans.device,
    spans.started_by,
    spans.login_at
from timed
join spans
    on spans.user_id = timed.user_id
    and spans.agent = timed.agent
    and spans.bucket = timed.bucket
    and epoch_us(timed.event_time) between spans.first_us and spans.last_us
