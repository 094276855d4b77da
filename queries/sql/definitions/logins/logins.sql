-- Every event that Access logged, once, whichever source told it. See logins_under.
create view logins as
from logins_under(null::varchar[], null::timestamp, null::timestamp)
