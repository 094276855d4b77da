-- How many events of each kind Access logged for one person in a period.
--
-- Parameters: $who, $since, $until
-- Columns:    the fields of model.AccessEvents
select
    count(*) filter (event = 'login')                                           as logins,
    count(*) filter (event = 'login' and not allowed)                           as logins_refused,
    count(*) filter (event = 'logout')                                          as logouts,
    count(*) filter (event = 'enrolment')                                       as enrolments,
    count(*) filter (event not in ('login', 'logout', 'enrolment'))             as others
from logins_under($who, $since::timestamp, $until::timestamp)
