-- The requests with a name and a time in a period, as rules see them. The parameters are those of
-- http_requests_where().
--
-- Columns beside those of requests: device (see rules.device), network (see rules.network), section (see
-- rules.section), is_admin (whether the path is one of an administration).
create macro rules.acts(who, everybody, since, until) as table
select
    *,
    rules.device(user_agent)                 as device,
    rules.network(ip)                        as network,
    rules.section(host_key, coalesce(path, '')) as section,
    rules.is_admin_path(coalesce(path, ''))  as is_admin
from requests_where(who, everybody, since, until)
where user_id is not null and event_time is not null
