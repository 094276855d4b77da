-- Values that one person's requests have in one of two periods and not in the other: hosts, path
-- templates by kind, countries, networks, addresses, user agents. The most frequent of each come first.
--
-- Parameters: $who (all names of the person), $since, $until, $with_since, $with_until (UTC), $shown
--             (of each dimension and side)
-- Columns:    dimension, is_new (only in the first period), total (of this dimension and side), then
--             the fields of comparison.Value
with found as (
    select true as is_now, *
    from unfolded_requests_where($who::varchar[], false, $since::timestamp, $until::timestamp)
    union all
    select false, *
    from unfolded_requests_where($who::varchar[], false, $with_since::timestamp, $with_until::timestamp)
),
numbered as (
    select
        event_time >= $since::timestamp and event_time < $until::timestamp as is_now,
        event_time,
        'AS' || ClientASN::varchar as value
    from http_requests
    where list_contains($who::varchar[], user_id)
      and ClientASN > 0
      and (
          (event_time >= $since::timestamp and event_time < $until::timestamp)
          or (event_time >= $with_since::timestamp and event_time < $with_until::timestamp)
      )
),
told as (
    select is_now, event_time, 'host' as dimension, host_key as value from found
    union all
    select is_now, event_time, 'page', host_key || path_template from found where kind = 'page'
    union all
    select is_now, event_time, 'download', host_key || path_template
    from found where kind = 'download'
    union all
    select is_now, event_time, 'change', method || ' ' || host_key || path_template
    from found where kind = 'change'
    union all
    select is_now, event_time, 'API call', host_key || path_template from found where kind = 'api'
    union all
    select is_now, event_time, 'country', upper(country) from found
    union all
    select is_now, event_time, 'address', ip from found
    union all
    select is_now, event_time, 'user agent', user_agent from found
    union all
    select is_now, event_time, 'network', value from numbered
),
counted as (
    select
        dimension,
        value,
        bool_or(is_now)          as is_new,
        count(*)                 as requests,
        in_utc(min(event_time))  as first_seen,
        in_utc(max(event_time))  as last_seen
    from told
    where value <> ''
    group by dimension, value
    having bool_or(is_now) <> bool_or(not is_now)
)
select
    dimension,
    is_new,
    count(*) over (partition by dimension, is_new) as total,
    value,
    requests,
    first_seen,
    last_seen
from counted
qualify row_number() over (
    partition by dimension, is_new order by requests desc, first_seen, value
) <= $shown
order by dimension, is_new desc, requests desc, first_seen, value
