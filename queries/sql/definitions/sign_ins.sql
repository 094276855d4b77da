-- Every login and logout that Access logged, once, from Logpush or from the REST API.
--
-- Both sources give the same login the same Ray ID; the row from Logpush is kept. One Ray ID may
-- belong to several applications, so the application is compared too. The sources may differ in
-- the fraction of a second, so times are compared by the second.
create view sign_ins as
with told as (
    select
        event_time,
        user_id,
        Action                                   as action,
        Allowed                                  as allowed,
        AppDomain                                as application,
        Connection                               as connection,
        IPAddress                                as ip,
        Country                                  as country,
        RayID                                    as ray_id,
        batch_id,
        line_number,
        1                                        as preference
    from access_requests
    union all
    select
        event_time,
        user_id,
        Action,
        Allowed,
        AppDomain,
        Connection,
        IPAddress,
        Country,
        RayID,
        batch_id,
        line_number,
        2
    from access_requests_rest
)
select * exclude (preference)
from told
-- Rows without a Ray ID are all kept.
qualify coalesce(ray_id, '') = '' or preference = min(preference) over (
    partition by user_id, ray_id, action, application, date_trunc('second', in_utc(event_time))
)
