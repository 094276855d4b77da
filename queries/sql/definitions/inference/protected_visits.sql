-- What each name visited behind Access, at which address and when: the requests of one name to one
-- application, until a pause. Names are folded_name() and addresses address_block().
--
-- What no application covered at that time counts for nothing, since a client can send any name
-- there; nor does what Cloudflare answers itself (see identity_of), or what was not let through.
create macro protected_visits(access_hosts, access_rules, pause) as table
with
places as materialized (
    from login_places()
),
-- What was covered there, by rule. Most rules cover a host as a whole, and no URI has to be read.
rules as (
    select unnest(access_rules_of(access_rules)) as rule
),
covered as materialized (
    select distinct
        places.*,
        rule.since                                             as since,
        rule.until                                             as until,
        case
            when path = '' and rule.path = '%' and len(rule.openings) = 0 then null
            else [rule]
        end                                                    as uri_rules
    from places join rules on host_name(host) = rule.host
    union all
    select places.*, timestamp '-infinity', null, case when path <> '' then [] end
    from places
    where list_contains(access_hosts, host_name(host))
),
-- The one pass over all requests. Two requests in one slice are less than a pause apart.
-- What was not let through is left out by the aggregates: with a condition more, DuckDB expects few
-- requests, builds the hash table of the join from them, and judges each URI alone, 20 times slower.
slices as materialized (
    select
        user_id,
        ClientIP                                               as ip,
        application,
        epoch_us(event_time) // pause                          as slice,
        min(let_through_us)                                    as first_us,
        max(let_through_us)                                    as last_us
    from (
        select
            user_id, event_time, ClientIP, ClientRequestHost, ClientRequestURI, ClientRequestPath,
            case
                when is_let_through(
                    ClientRequestMethod, EdgeResponseStatus, SecurityAction, CacheCacheStatus,
                    WorkerStatus, OriginResponseStatus
                )
                and not starts_with(coalesce(ClientRequestPath, ClientRequestURI, ''), '/cdn-cgi/')
                then epoch_us(event_time)
            end                                                  as let_through_us
        from http_requests
    ) join covered on ClientRequestHost = host
    where user_id <> ''
      and ClientIP <> ''
      and in_utc(event_time) >= since
      and (until is null or in_utc(event_time) < until)
      and (uri_rules is null or (
          starts_with(
              regexp_extract(coalesce(ClientRequestURI, ClientRequestPath), '^[^?#]*') || '/',
              path || '/'
          )
          and identity_of(
              true,
              host_name(ClientRequestHost),
              coalesce(ClientRequestURI, ClientRequestPath),
              in_utc(event_time),
              access_hosts,
              uri_rules
          ) = 'access'
      ))
    group by all
    having count(let_through_us) > 0
),
named_slices as (
    select
        folded_name(user_id)                                   as folded,
        address_block(ip)                                      as address,
        application,
        slice,
        min(first_us)                                          as first_us,
        max(last_us)                                           as last_us,
        max_by(user_id, last_us)                               as spelling
    from slices
    group by all
),
silences as (
    select *, first_us - lag(last_us) over one_name as silence
    from named_slices
    window one_name as (partition by folded, address, application order by slice)
),
numbered as (
    select *, count(*) filter (silence is null or silence > pause) over (
        partition by folded, address, application order by slice
    )                                                          as visit
    from silences
)
select
    folded,
    address,
    application,
    min(first_us)                                          as first_us,
    max(last_us)                                           as last_us,
    max_by(spelling, last_us)                              as spelling
from numbered
group by folded, address, application, visit
