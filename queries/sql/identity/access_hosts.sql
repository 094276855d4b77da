-- Hosts in the settings.
--
-- Parameters: $configured (domains as applications have them; may hold a path)
-- Columns:    host
select distinct
    host_name(split_part(regexp_replace(trim(domain), '^https?://', '', 'i'), '/', 1)) as host
from unnest($configured::varchar[]) as settings(domain)
where trim(domain) <> ''
order by host
