-- The records of Logpush and of the REST log in one shape. A macro, and not a part of logins_where(): a
-- file loses the `not materialized` of a part that is used more than once.
create macro logged_logins() as table
select
    event_time,
    date,
    user_id,
    login_event(Action)                      as event,
    Action                                   as action,
    Allowed                                  as allowed,
    AppDomain                                as application,
    AppUUID                                  as app_uuid,
    Connection                               as connection,
    IPAddress                                as ip,
    Country                                  as country,
    RayID                                    as ray_id,
    'logpush'                                as source,
    batch_id,
    line_number,
    UserUID                                  as user_uid
from access_requests
union all
select
    event_time,
    date,
    user_id,
    login_event(Action),
    Action,
    Allowed,
    AppDomain,
    AppUUID,
    Connection,
    IPAddress,
    Country,
    RayID,
    'rest',
    batch_id,
    line_number,
    UserUID
from access_requests_rest
