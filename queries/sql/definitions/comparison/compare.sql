-- What one person did in a period and in the one of the same length right before, value by value.
--
-- who: one name. Other names of the person count too, see names_of().
-- since, until: the period [since, until); what has no offset is UTC. It ends by default when this
--   view of the store was taken.
-- There is one row for each value and period. `dimension` is kind, host, page, download, change, API call,
-- country, network, address or user agent; pages and the like are path templates. `state` is new (only in
-- the period), gone (only in the one before) or both. The kinds add up to the requests;
-- `confirmed` ones have a name that Access itself wrote. Of networks only requests and times are known.
--
-- Example: from compare('srhea', '2026-11-16', '2026-11-23') where state = 'new' and dimension = 'country'
create macro compare(who, since, until := null) as table
with found as (
    from graded_requests_where(
        (select list(name) from names_of(who)), false,
        compared_since(since, until), compared_until(until)
    )
),
numbered as (
    select event_time, ClientASN
    from http_requests_where(
        (select list(name) from names_of(who)), false,
        compared_since(since, until), compared_until(until)
    )
    where ClientASN > 0
),
told as (
    select
        event_time, identity, is_refused, size_bytes, direction,
        unnest([
            {dimension: 'kind', value: kind},
            {dimension: 'host', value: host_key},
            case kind
                when 'page' then {dimension: 'page', value: host_key || path_template}
                when 'download' then {dimension: 'download', value: host_key || path_template}
                when 'change'
                    then {dimension: 'change', value: method || ' ' || host_key || path_template}
                when 'api' then {dimension: 'API call', value: host_key || path_template}
            end,
            {dimension: 'country', value: upper(country)},
            {dimension: 'address', value: ip},
            {dimension: 'user agent', value: user_agent}
        ]) as compared
    from found
    union all
    select event_time, null, null, null, null, {dimension: 'network', value: 'AS' || ClientASN::varchar}
    from numbered
),
counted as (
    select
        compared.dimension                                      as dimension,
        compared.value                                          as value,
        event_time >= instant_of(utc_moment(since))             as is_now,
        count(*)                                                as requests,
        count(*) filter (identity = 'access')                   as confirmed,
        count(*) filter (is_refused)                            as refused,
        coalesce(sum(size_bytes) filter (direction = 'down'), 0)::bigint as bytes_down,
        coalesce(sum(size_bytes) filter (direction = 'up'), 0)::bigint   as bytes_up,
        min(event_time)                                         as first_seen,
        max(event_time)                                         as last_seen
    from told
    where compared.value <> ''
    group by all
)
select
    dimension,
    value,
    case
        when count(*) over (partition by dimension, value) = 2 then 'both'
        when is_now then 'new'
        else 'gone'
    end                                                         as state,
    is_now,
    requests,
    case when dimension <> 'network' then confirmed end         as confirmed,
    case when dimension <> 'network' then refused end           as refused,
    case when dimension <> 'network' then bytes_down end        as bytes_down,
    case when dimension <> 'network' then bytes_up end          as bytes_up,
    first_seen,
    last_seen
from counted
order by
    list_position(
        [
            'kind', 'host', 'page', 'download', 'change', 'API call', 'country', 'network', 'address',
            'user agent'
        ],
        dimension
    ),
    state desc, is_now desc, requests desc, first_seen, value
