-- The requests of placed_requests_where(), each with the sessions of its slice of time.
create macro requests_in_sessions_where(who, everybody, since, until) as table
select placed.*, slices.spans
from placed_requests_where(who, everybody, since, until) as placed
left join session_slices_where(who, everybody, since, until) as slices
on placed.user_id = slices.user_id
and placed.agent = slices.agent
and placed.bucket = slices.bucket
