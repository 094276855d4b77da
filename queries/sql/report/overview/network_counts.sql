-- One person's requests by the network of their address, the most used first.
--
-- Parameters: $who, $since, $until, $shown
-- Columns:    total, then the fields of model.Network (`number` is NULL where none was logged)
with confirmed as (
    select distinct batch_id, line_number from person_requests where identity = 'access'
)
select
    count(*) over ()                                  as total,
    nullif(ClientASN, 0)                              as number,
    count(*)                                          as requests,
    count(distinct ClientIP)                          as addresses,
    case when count(confirmed.batch_id) = 0 then 'unconfirmed' end as identity,
    list_sort(list(distinct upper(ClientCountry)) filter (ClientCountry is not null))[:10] as countries,
    in_utc(min(event_time))                           as first_seen,
    in_utc(max(event_time))                           as last_seen
from http_requests_where($who, false, $since::timestamp, $until::timestamp) as told
left join confirmed using (batch_id, line_number)
group by nullif(ClientASN, 0)
order by requests desc, number nulls last
limit $shown
