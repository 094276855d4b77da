-- The requests under some names in a period [since, until); NULL is open. A name must be equal.
-- `who` is a list of names; NULL stands for everybody, also for requests without a name.
-- A request without a time is included only if both ends are open.
create macro requests_under(who, since, until) as table
from requests_where(who, who is null, since, until)
