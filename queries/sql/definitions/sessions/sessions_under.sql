-- The requests under some names that have a time, each with the number of its session, from 1. See
-- sessions_where(). Beside the columns of requests_under:
--   session, device, started_by ('login' or 'silence'), login_at (UTC), login_ray_id
create macro sessions_under(who, since, until, gap) as table
select * exclude (session, login, number), number as session, login as login_ray_id
from sessions_where(who, who is null, since, until, gap)
