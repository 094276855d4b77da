-- One person's requests by the network of their address, the most used first.
--
-- Parameters: $shown
-- Columns:    total, then the fields of model.Network (`number` is NULL where none was logged)
select
    count(*) over ()                                  as total,
    nullif(asn, 0)                                    as number,
    count(*)                                          as requests,
    count(distinct ip)                                as addresses,
    case when not bool_or(identity = 'access') then 'unconfirmed' end as identity,
    list_sort(list(distinct upper(country)) filter (country is not null))[:10] as countries,
    in_utc(min(event_time))                           as first_seen,
    in_utc(max(event_time))                           as last_seen
from person_requests
group by nullif(asn, 0)
order by requests desc, number nulls last
limit $shown
