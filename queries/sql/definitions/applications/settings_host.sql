-- The host of a domain in the settings, which may have a path.
create macro settings_host(domain) as
    host_name(split_part(regexp_replace(trim(domain), '^https?://', '', 'i'), '/', 1))
