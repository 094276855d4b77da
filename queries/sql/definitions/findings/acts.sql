-- The requests of everybody with a name and a time in a period, as rules see them.
--
-- Columns beside those of requests: device (see rules.device), network (see rules.network), section (see
-- rules.section), is_admin (whether the path is one of an administration).
create macro rules.acts(since, until) as table
select
    *,
    rules.device(user_agent)                 as device,
    rules.network(ip)                        as network,
    rules.section(host_key, coalesce(path, '')) as section,
    rules.is_admin_path(coalesce(path, ''))  as is_admin
from requests_where(null::varchar[], true, since, until)
where user_id is not null and event_time is not null
