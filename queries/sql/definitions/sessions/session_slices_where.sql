-- The sessions of each slice of time of a name and user agent: what a request looks its session up in.
-- Grouped, so that DuckDB knows that the rows are unique and leaves out a join that nobody asked for.
create macro session_slices_where(who, everybody, since, until) as table
select
    user_id,
    agent,
    bucket,
    list({first_us: first_us, last_us: last_us, id: id, login: login_ray_id}) as spans
from session_spans_where(who, everybody, since, until, session_gap())
group by user_id, agent, bucket
