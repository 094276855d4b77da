-- Every record of any dataset that has a Ray ID (`named_in` is RayID) or names it, under common names.
--
-- Each column is searched alone, so that files without the Ray ID are skipped by the bloom filters of
-- RayID. The other columns have none, and texts are long: they are searched in the hour before and after
-- the requests with the Ray ID, or everywhere if there are none. A batch may
-- arrive a week later.
create macro ray_records(of_ray) as table
with near as (
    select
        coalesce(
            instant_of(in_utc(min(event_time)) - interval 1 hour), timestamptz '-infinity'
        )                                              as since,
        coalesce(
            instant_of(in_utc(max(event_time)) + interval 1 hour), timestamptz 'infinity'
        )                                              as until,
        coalesce(
            instant_of(in_utc(max(event_time)) + interval 169 hours), timestamptz 'infinity'
        )                                              as late
    from http_requests
    where is_ray(RayID, of_ray)
)
select
    'http_requests'                                    as dataset,
    'RayID'                                            as named_in,
    event_time,
    user_id,
    concat_ws(' ', ClientRequestMethod, coalesce(ClientRequestHost, '')
        || coalesce(ClientRequestURI, ClientRequestPath, '')) as what,
    EdgeResponseStatus::varchar                        as outcome,
    ClientIP                                           as ip,
    ClientCountry                                      as country,
    RayID                                              as ray_id,
    batch_id,
    line_number,
    received_at
from http_requests
where is_ray(RayID, of_ray)
union all
select
    'http_requests',
    'ParentRayID',
    event_time,
    user_id,
    concat_ws(' ', ClientRequestMethod, coalesce(ClientRequestHost, '')
        || coalesce(ClientRequestURI, ClientRequestPath, '')),
    EdgeResponseStatus::varchar,
    ClientIP,
    ClientCountry,
    RayID,
    batch_id,
    line_number,
    received_at
from http_requests
where is_ray(ParentRayID, of_ray)
  and is_ray(RayID, of_ray) is not true
  and event_time >= (select since from near)
  and event_time < (select until from near)
union all
select
    'firewall_events',
    'RayID',
    event_time,
    user_id,
    concat_ws(' ', Source, RuleID, Description),
    Action,
    ClientIP,
    ClientCountry,
    RayID,
    batch_id,
    line_number,
    received_at
from firewall_events
where is_ray(RayID, of_ray)
union all
select
    'firewall_events',
    'OriginatorRayID',
    event_time,
    user_id,
    concat_ws(' ', Source, RuleID, Description),
    Action,
    ClientIP,
    ClientCountry,
    RayID,
    batch_id,
    line_number,
    received_at
from firewall_events
where is_ray(OriginatorRayID, of_ray)
  and is_ray(RayID, of_ray) is not true
  and event_time >= (select since from near)
  and event_time < (select until from near)
union all
select
    'access_requests',
    'RayID',
    event_time,
    user_id,
    concat_ws(' ', Action, AppDomain),
    case when Allowed then 'allowed' when not Allowed then 'refused' end,
    IPAddress,
    Country,
    RayID,
    batch_id,
    line_number,
    received_at
from access_requests
where is_ray(RayID, of_ray)
union all
select
    'access_requests_rest',
    'RayID',
    event_time,
    user_id,
    concat_ws(' ', Action, AppDomain),
    case when Allowed then 'allowed' when not Allowed then 'refused' end,
    IPAddress,
    Country,
    RayID,
    batch_id,
    line_number,
    received_at
from access_requests_rest
where is_ray(RayID, of_ray)
union all
select
    'access_login_events',
    'RayID',
    event_time,
    user_id,
    concat_ws(' ', 'login event', IdentityProvider),
    case when IsSuccessfulLogin = 1 then 'allowed' else 'refused' end,
    IPAddress,
    Country,
    RayID,
    batch_id,
    line_number,
    received_at
from access_login_events
where is_ray(RayID, of_ray)
union all
select
    'account_abuse_protection_events',
    'RayID',
    event_time,
    user_id,
    concat_ws(' ', EventType, Host),
    AuthenticationStatus,
    ClientIP,
    null,
    RayID,
    batch_id,
    line_number,
    received_at
from account_abuse_protection_events
where is_ray(RayID, of_ray)
union all
select
    'rejected',
    'line',
    null,
    null,
    'a line that was sent to ' || dataset,
    reason,
    null,
    null,
    null,
    batch_id,
    line_number,
    received_at
from rejected
where contains(lower(line::varchar), ray_key(of_ray))
  and received_at >= (select since from near)
  and received_at < (select late from near)
union all
select
    dataset,
    'extra',
    event_time,
    user_id,
    extra,
    null,
    null,
    null,
    null,
    batch_id,
    line_number,
    received_at
from shape.undocumented
where contains(lower(extra), ray_key(of_ray))
  and event_time >= (select since from near)
  and event_time < (select until from near)
union all
select
    dataset, 'extra', event_time, user_id, extra, null, null, null, null, batch_id, line_number,
    received_at
from shape.undocumented
where event_time is null and contains(lower(extra), ray_key(of_ray))
