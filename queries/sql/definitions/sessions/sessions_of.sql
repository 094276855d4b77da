-- The sessions of one person, oldest first: the columns are those of the view `sessions`.
--
-- All names of the person are one, as in a report; user_id is the name of the first request. Of a
-- session that was running at `since`, only the requests from then on count, and the first of them is
-- its `id`.
--
-- The parameters are those of trail().
--
-- Example: select id, started_at, requests, pages from sessions_of('srhea', since := '2026-11-20')
create macro sessions_of(who, since := null, until := null) as table
from session_rows_where((select list(name) from names_of(who)), false, utc_moment(since), utc_moment(until))
order by started_at, device
