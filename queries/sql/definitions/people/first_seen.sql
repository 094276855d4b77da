-- What one person was first seen with: one row for each host, country, address (`ip`), user agent and
-- path template of the person's requests, with the first and the last time, the newest first.
--
-- who: one name. Other names of the person count too, see names_of().
-- what: 'host', 'country', 'ip', 'user_agent' or 'path_template', which is of a host: '/browse/{key}'.
--
-- Example: select value, first_seen from first_seen('srhea') where what = 'country'
create macro first_seen(who) as table
select
    case grouping(host_key, country, ip, user_agent, path_template)
        when 15 then 'host'
        when 23 then 'country'
        when 27 then 'ip'
        when 29 then 'user_agent'
        else 'path_template'
    end                                                       as what,
    coalesce(host_key, country, ip, user_agent, path_template) as value,
    min(event_time)                                           as first_seen,
    max(event_time)                                           as last_seen,
    count(*)                                                  as requests
from requests_where((select list(name) from names_of(who)), false, null, null)
group by grouping sets ((host_key), (country), (ip), (user_agent), (path_template))
having coalesce(host_key, country, ip, user_agent, path_template) is not null
order by first_seen desc nulls last, what, value
