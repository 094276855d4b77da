-- On which days which name had what, from rules.habit_days() before `until` on: one row for each name,
-- kind, value and UTC day, with the number of requests.
--
-- kind: country, asn, device, ja4, host, section, colo, hour (of the week in UTC, 0 is Monday from 0 to
-- 1), and active, whose value is ''.
create macro rules.habits(until) as table
with seen as (
    select
        user_id,
        date                                     as day,
        ((isodow(date) - 1) * 24 + hour(in_utc(event_time)))::varchar as hour,
        upper(ClientCountry)                     as country,
        ClientASN                                as asn,
        ClientRequestUserAgent                   as user_agent,
        JA4                                      as ja4,
        EdgeColoCode                             as colo,
        host_name(ClientRequestHost)             as host,
        rules.section(
            host_name(ClientRequestHost),
            coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1), '')
        )                                        as section,
        count(*)                                 as requests
    from http_requests_where(
        null::varchar[], true,
        coalesce(until, shape.taken_at())::timestamp - rules.habit_days(), until
    )
    where user_id is not null and event_time is not null
    group by all
),
told as (
    select
        user_id, day, hour, nullif(country, '') as country, nullif(asn, 0)::varchar as asn,
        rules.device(user_agent) as device, nullif(ja4, '') as ja4, nullif(colo, '') as colo, host,
        section, requests
    from seen
)
select
    user_id,
    case grouping(country, asn, device, ja4, host, section, hour, colo)
        when 127 then 'country'
        when 191 then 'asn'
        when 223 then 'device'
        when 239 then 'ja4'
        when 247 then 'host'
        when 251 then 'section'
        when 253 then 'hour'
        when 254 then 'colo'
        else 'active'
    end                                          as kind,
    coalesce(country, asn, device, ja4, host, section, hour, colo, '') as value,
    day,
    sum(requests)::bigint                        as requests
from told
group by grouping sets (
    (user_id, day, country), (user_id, day, asn), (user_id, day, device), (user_id, day, ja4),
    (user_id, day, host), (user_id, day, section), (user_id, day, hour), (user_id, day, colo),
    (user_id, day)
)
having kind in ('active', 'device') or value <> ''
