-- The Access events under some names, each with its person as session_spans_where() has it.
create macro session_logins_where(who, everybody, since, until) as table
select case when everybody then user_id else '' end as person, *
from logins_where(who, everybody, since, until)
