-- The requests of one session, oldest first: the columns are those of the view `requests`.
--
-- id: the `id` of a session, or the Ray ID of any of its requests. The whole session is shown, under
--   all names of the person.
--
-- Example: select event_time, kind, host, uri from session('8f00000000000001')
create macro session(id) as table
with person as materialized (
    select list(name) as names from names_of((select min(user_id) from requests_with_id(id)))
),
asked as (
    select
        coalesce(ClientRequestUserAgent, '')          as agent,
        session_bucket(event_time, session_gap())     as bucket,
        epoch_us(event_time)                          as at_us
    from requests_with_id(id)
    where user_id in (select unnest(names) from person)
),
wanted as (
    select spans.session as number
    from session_spans_where((select names from person), false, null, null, session_gap()) as spans
    join asked
        on spans.agent = asked.agent
        and spans.bucket = asked.bucket
        and asked.at_us between spans.first_us and spans.last_us
)
select * exclude (number, device, started_by, login_at)
from sessions_where((select names from person), false, null, null, session_gap())
where number in (select number from wanted)
order by event_time, coalesce(nanoseconds, 0), ray_id, batch_id, line_number
