-- Every login and logout that Access told about a person, once: by Logpush, or by the REST log.
--
-- Both tell of the same login with the same Ray ID; what Logpush sent stands for both. One Ray ID
-- may stand for several applications, so the application counts too. Times may differ in their
-- digits, hence the second.
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
-- What has no Ray ID is told once for each line.
qualify coalesce(ray_id, '') = '' or preference = min(preference) over (
    partition by user_id, ray_id, action, application, date_trunc('second', event_time)
)
