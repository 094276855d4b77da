-- The Access events under some names in a period, as requests_under() has the requests.
create macro logins_under(who, since, until) as table
from logins_where(who, who is null, since, until)
