-- Every event that Access logged, once, whichever source told it. See logins_of.
create view logins as
from logins_of(null::varchar[], null::timestamp, null::timestamp)
