-- What each user had on which days in [asked_since, asked_until), two TIMESTAMP in UTC, by the requests
-- of files that the catalog has no facts of. The compactor asks it of a file without a period.
--
-- Columns: user_id, kind, value, month (counted from year 0), days (a bit for each day of the month, the
-- lowest for the first). kind: country, asn, device, ja4, host, section, colo, hour (of the day in UTC).
-- Long values are cut, as anybody can make them up.
create macro rules.kept_habits(asked_since, asked_until) as table
with logged as (
    select
        user_id,
        (year(date) * 12 + month(date) - 1)::integer              as month,
        (1::ubigint << (day(date) - 1)::ubigint)                  as day_bit,
        hour(in_utc(event_time))                                  as hour,
        nullif(upper(ClientCountry), '')                          as country,
        nullif(ClientASN, 0)                                      as asn,
        nullif(JA4, '')                                           as ja4,
        nullif(EdgeColoCode, '')                                  as colo,
        coalesce(ClientRequestUserAgent, '')                      as user_agent,
        ClientRequestHost                                         as host,
        coalesce(ClientRequestPath, split_part(ClientRequestURI, '?', 1), '') as path
    from rules.logged_without_facts(null::varchar[], true, asked_since, asked_until)
    where user_id is not null and event_time is not null and date is not null
),
told as (
    select
        user_id,
        month,
        grouping(hour, country, asn, ja4, colo, user_agent, path) as absent,
        hour, country, asn, ja4, colo, user_agent, host, path,
        bit_or(day_bit)                                           as days
    from logged
    group by grouping sets (
        (user_id, month, hour),
        (user_id, month, country),
        (user_id, month, asn),
        (user_id, month, ja4),
        (user_id, month, colo),
        (user_id, month, user_agent),
        (user_id, month, host, path)
    )
),
named as (
    select
        user_id,
        month,
        days,
        unnest(case absent
            when 63 then [{kind: 'hour', value: hour::varchar}]
            when 95 then [{kind: 'country', value: country}]
            when 111 then [{kind: 'asn', value: asn::varchar}]
            when 119 then [{kind: 'ja4', value: ja4}]
            when 123 then [{kind: 'colo', value: colo}]
            when 125 then [{kind: 'device', value: rules.device(user_agent)}]
            else [
                {kind: 'host', value: nullif(host_name(host), '')},
                {kind: 'section', value: nullif(rules.section(host_name(host), path), '')}
            ]
        end)                                                      as told
    from told
)
select
    user_id,
    told.kind                                                     as kind,
    left(told.value, 200)                                         as value,
    month,
    bit_or(days)::uinteger                                        as days
from named
where told.value is not null
group by user_id, told.kind, left(told.value, 200), month
