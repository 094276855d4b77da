-- The hosts of requests under each application that somebody logged in to.
--
-- An application is what a login names: a host, which may have a *, and the path it begins at.
create macro login_places() as table
with applications as materialized (
    select distinct
        application,
        '^' || replace(
            regexp_escape(host_name(split_part(application, '/', 1))), '\*', '[^.]*'
        ) || '$'                                               as host_pattern,
        rtrim(regexp_extract(application, '/.*'), '/*')        as path
    from logins
    where event = 'login' and application <> ''
),
hosts as (
    select distinct ClientRequestHost as host from http_requests where ClientRequestHost <> ''
)
select host, application, path
from hosts join applications on regexp_matches(host_name(host), host_pattern)
