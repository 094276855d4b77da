-- Hosts of Access applications, from logins and from the settings.
--
-- Parameters: $configured (domains as applications have them; may hold a path)
-- Columns:    host
select distinct
    host_name(split_part(regexp_replace(trim(domain), '^https?://', '', 'i'), '/', 1)) as host
from (
    select application as domain from sign_ins
    union all
    select unnest($configured::varchar[])
)
where trim(domain) <> ''
order by host
