-- One person's requests by host, address, country and user agent; the most used first.
--
-- Parameters: $shown (rows of each kind)
-- Columns:    kind, total (values of that kind, all of them), then the fields of model.Use. identity is `access`
--             if all requests to a host are that Access let through. For the other kinds it is
--             `unconfirmed` if no request is confirmed, or else NULL
with counted as (
    select
        case
            when grouping(host_key) = 0 then 'host'
            when grouping(ip) = 0 then 'address'
            when grouping(country) = 0 then 'country'
            else 'user_agent'
        end                                       as kind,
        coalesce(host_key, ip, country, user_agent) as value,
        count(*)                                  as requests,
        min(event_time)                           as first_seen,
        max(event_time)                           as last_seen,
        bool_or(identity = 'access')              as is_any_confirmed,
        bool_and(identity = 'access')
            filter (is_let_through and not starts_with(coalesce(uri, ''), '/cdn-cgi/'))
                                                  as is_confirmed
    from person_requests
    group by grouping sets ((host_key), (ip), (country), (user_agent))
)
select
    kind,
    count(*) over (partition by kind) as total,
    value,
    requests,
    in_utc(first_seen) as first_seen,
    in_utc(last_seen)  as last_seen,
    case
        when kind = 'host' then if(is_confirmed, 'access', 'unconfirmed')
        when not is_any_confirmed then 'unconfirmed'
    end                as identity
from counted
qualify row_number() over (partition by kind order by requests desc, value) <= $shown
order by kind, requests desc, value
