-- One person's requests by the network of their address, the most used first.
--
-- Parameters: $who, $since, $until, $shown
-- Columns:    total, then the fields of model.Network (`number` is NULL where none was logged)
select
    count(*) over ()                                  as total,
    nullif(ClientASN, 0)                              as number,
    count(*)                                          as requests,
    count(distinct ClientIP)                          as addresses,
    list_sort(list(distinct upper(ClientCountry)) filter (ClientCountry is not null))[:10] as countries,
    in_utc(min(event_time))                           as first_seen,
    in_utc(max(event_time))                           as last_seen
from http_requests_where($who, false, $since::timestamp, $until::timestamp)
group by nullif(ClientASN, 0)
order by requests desc, number nulls last
limit $shown
