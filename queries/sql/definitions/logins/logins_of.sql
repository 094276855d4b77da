-- The Access events of one person in a period, oldest first, each once, whichever source told it.
-- `event` is 'login', 'logout', 'enrolment' or 'other'; only 'login' is a login.
--
-- The parameters are those of trail().
--
-- Example: select event_time, application, ip from logins_of('srhea') where event = 'login'
create macro logins_of(who, since := null, until := null) as table
from logins_where((select list(name) from names_of(who)), false, utc_moment(since), utc_moment(until))
order by event_time nulls last, source, batch_id, line_number
