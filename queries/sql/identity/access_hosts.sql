-- Hosts in the settings.
--
-- Parameters: $configured (domains as applications have them; may hold a path)
-- Columns:    host
select distinct settings_host(domain) as host
from unnest($configured::varchar[]) as settings(domain)
where trim(domain) <> ''
order by host
