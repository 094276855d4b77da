-- What the person of a report did, of the requests that the report has read: rules.acts() of these.
--
-- Each user agent, address and path is judged once: there are few of them.
select
    acts.* exclude (session, device, started_by, login_at, login_ray_id),
    agents.device,
    addresses.network,
    places.section,
    places.is_admin,
    true as is_asked
from person_requests as acts
join (
    select user_agent, rules.device(user_agent) as device from person_requests group by user_agent
) as agents on agents.user_agent is not distinct from acts.user_agent
join (
    select ip, rules.network(ip) as network from person_requests group by ip
) as addresses on addresses.ip is not distinct from acts.ip
join (
    select
        host_key, path,
        rules.section(host_key, coalesce(path, '')) as section,
        rules.is_admin_path(coalesce(path, ''))     as is_admin
    from person_requests
    group by host_key, path
) as places
    on places.host_key is not distinct from acts.host_key
    and places.path is not distinct from acts.path
where acts.user_id is not null and acts.event_time is not null
