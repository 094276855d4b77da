-- The evidence about the requests with one Ray ID, part by part: what `raytrail explain` judges by.
--
-- One row for each record and for each part of Cloudflare that a request tells of. `layer` is
--   request    a request with this Ray ID; parent: what caused it; child: what it caused
--   login      the person's last allowed login to that application at its time or before
--   security   what rules did with it; also the answer to a challenge, up to an hour later
--   access     what Access logged about it, and the grade of the name on a request
--   worker, cache, origin: what the request tells of them, if it was logged
--   other      other records that name it
-- `outcome` is a status, an action, or allowed or refused. The command adds the verdict.
--
-- Example: select layer, outcome, detail from explain('8f0e1d2c3b4a5968-LHR')
create macro explain(of_ray) as table
with asked as (
    select
        *,
        host_name(ClientRequestHost)                                as host_key,
        regexp_extract(coalesce(ClientRequestURI, ClientRequestPath, ''), '^[^?#]*') as asked_path,
        regexp_extract(lower(ParentRayID), '^([0-9a-f]{16})(-[a-z]{3})?$', 1) as parent
    from http_requests
    where is_ray(RayID, of_ray)
),
named as (
    select
        case
            when dataset = 'http_requests' then case named_in when 'RayID' then 'request' else 'child' end
            when dataset = 'firewall_events' then 'security'
            when dataset = 'access_login_events' then 'access'
            else 'other'
        end                                                         as layer,
        records.*
    from ray_records(of_ray) as records
    where dataset not in ('access_requests', 'access_requests_rest')
      and (
          named_in in ('RayID', 'line')
          -- Without a request it is not known when they would have to be.
          or case
              when (select count(event_time) from asked) > 0 then event_time is not null
              else named_in = 'extra'
          end
      )
),
parents as (
    select distinct
        found.event_time, found.user_id, found.EdgeResponseStatus, found.ClientRequestMethod,
        found.ClientRequestHost, found.ClientRequestURI, found.ClientRequestPath, found.ClientIP,
        found.ClientCountry, found.RayID, found.batch_id, found.line_number
    from (
        select unnest([parent, upper(parent)]) as parent, in_utc(event_time) as seen_at
        from asked
        where parent <> ''
    ) as child
    join http_requests as found
        on found.RayID = child.parent
        and in_utc(found.event_time) >= child.seen_at - interval 1 hour
        and in_utc(found.event_time) < child.seen_at + interval 1 hour
),
applications as (
    select
        *,
        host_name(split_part(application, '/', 1))                  as application_host,
        rtrim(regexp_replace(application, '^[^/]*', ''), '/')       as application_path
    from logins
    where event = 'login' and allowed
),
logged_in as (
    select applications.*
    from asked
    join names_among((select list(user_id) from asked)) as person on person.asked = asked.user_id
    join applications
        on applications.user_id = person.name
        and application_host = host_key
        and applications.event_time <= asked.event_time
    where application_path = ''
        or asked_path = application_path
        or starts_with(asked_path, application_path || '/')
    qualify row_number() over (
        partition by asked.batch_id, asked.line_number
        order by applications.event_time desc, applications.batch_id, applications.line_number
    ) = 1
),
of_access as (
    select 'access' as layer, * from logins where is_ray(ray_id, of_ray) and source <> 'graphql'
    union all
    select distinct 'login', * exclude (application_host, application_path) from logged_in
),
-- What a request tells of the parts that it met.
met as (
    select *, unnest([
        {
            layer: 'security',
            outcome: SecurityAction,
            detail: concat_ws(': ', nullif(SecurityRuleID, ''), nullif(SecurityRuleDescription, ''))
        },
        {
            layer: 'security',
            outcome: EdgePathingOp,
            detail: concat_ws(' ', nullif(EdgePathingSrc, ''), nullif(EdgePathingStatus, ''))
        },
        {layer: 'worker', outcome: WorkerStatus, detail: WorkerScriptName},
        {layer: 'cache', outcome: CacheCacheStatus, detail: null},
        {layer: 'origin', outcome: OriginResponseStatus::varchar, detail: OriginIP}
    ]) as part
    from asked
),
graded as (
    select *
    from graded_requests_where(null::varchar[], true, null, null)
    where is_ray(ray_id, of_ray) and user_id is not null
),
told as (
    select
        layer, dataset, event_time, user_id, outcome, what as detail, ip, country, ray_id, batch_id,
        line_number
    from named
    union all
    select
        part.layer, 'http_requests', event_time, user_id, part.outcome, part.detail, ClientIP,
        ClientCountry, RayID, batch_id, line_number
    from met
    where part.outcome <> '' or part.detail <> ''
    union all
    select
        'access', 'http_requests', event_time, user_id, identity, user_source, ip, country, ray_id,
        batch_id, line_number
    from graded
    union all
    select
        'parent', 'http_requests', event_time, user_id, EdgeResponseStatus::varchar,
        concat_ws(' ', ClientRequestMethod, coalesce(ClientRequestHost, '')
            || coalesce(ClientRequestURI, ClientRequestPath, '')),
        ClientIP, ClientCountry, RayID, batch_id, line_number
    from parents
    union all
    select
        layer,
        case source
            when 'logpush' then 'access_requests'
            when 'rest' then 'access_requests_rest'
            else 'access_login_events'
        end,
        event_time, user_id, case when allowed then 'allowed' when not allowed then 'refused' end,
        concat_ws(' ', action, application, connection), ip, country, ray_id, batch_id, line_number
    from of_access
)
from told
order by
    list_position(
        ['request', 'parent', 'child', 'login', 'security', 'access', 'worker', 'cache', 'origin'], layer
    ) nulls last,
    event_time nulls last, dataset, batch_id, line_number, outcome
