-- The Access events under some names, or of everybody, in a period, each once; only the event 'login'
-- is a login. The parameters are those of http_requests_where().
--
-- The sources, in order of preference: Logpush, the REST log, GraphQL. The same event has the same
-- Ray ID in all of them. One Ray ID may belong to several applications, so the application is compared
-- too. The first two may differ in the fraction of a second, and in the letter case of a name.
--
-- A GraphQL event has no name and no action. Its user is the newest name that another source logged
-- with the same UserUID, or NULL. It is a login where a person took part, successful or not; service
-- tokens, certificates and bypasses are 'other'.
create macro logins_where(who, everybody, since, until) as table
with asked as (
    select * exclude (user_uid)
    from logged_logins()
    where (everybody or user_id in (select unnest(who::varchar[])))
      and is_within(event_time, date, since, until)
    -- Rows without a Ray ID are all kept. 'logpush' sorts before 'rest'.
    qualify coalesce(ray_id, '') = '' or 1 = row_number() over (
        partition by
            lower(user_id), ray_id, action, lower(application), date_trunc('second', in_utc(event_time))
        order by source, batch_id, line_number
    )
),
named as (
    select user_uid, max_by(user_id, coalesce(in_utc(event_time), timestamp '0001-01-01')) as user_id
    from logged_logins()
    where user_uid <> '' and user_id <> ''
    group by user_uid
),
logged_rays as (
    select lower(ray_id) as ray_id, list(distinct coalesce(app_uuid, '')) as app_uuids
    from logged_logins()
    where ray_id <> ''
    group by lower(ray_id)
),
queried as (
    select
        found.event_time,
        found.date,
        named.user_id,
        case
            when coalesce(found.UserUID, '') = ''
                or coalesce(found.IdentityProvider, '') = 'nonidentity'
                or coalesce(found.ServiceTokenId, '') <> ''
            then 'other'
            else 'login'
        end                                        as event,
        null::varchar                            as action,
        found.IsSuccessfulLogin = 1              as allowed,
        null::varchar                            as application,
        found.AppUUID                            as app_uuid,
        found.IdentityProvider                   as connection,
        found.IPAddress                          as ip,
        found.Country                            as country,
        found.RayID                              as ray_id,
        'graphql'                                as source,
        found.batch_id,
        found.line_number
    from access_login_events as found
    left join named on named.user_uid = found.UserUID
    left join logged_rays on logged_rays.ray_id = lower(found.RayID)
    where (everybody or named.user_id in (select unnest(who::varchar[])))
      and is_within(found.event_time, found.date, since, until)
      and (
          logged_rays.ray_id is null
          or (found.AppUUID <> '' and not list_has_any(logged_rays.app_uuids, ['', found.AppUUID]))
      )
    qualify coalesce(found.RayID, '') = '' or 1 = row_number() over (
        partition by found.RayID, found.AppUUID, found.UserUID, found.IsSuccessfulLogin
        order by found.event_time, found.batch_id, found.line_number
    )
)
from asked
union all
from queried
