-- Half hours in which a host refused many of the people who used it: something was out of order.
select host_key, half_hour
from (
    select host_key, user_id, unnest([half_hour - 1, half_hour, half_hour + 1]) as half_hour, refusals
    from (
        select
            host_key, user_id, floor(epoch(event_time) / 1800)::bigint as half_hour,
            count(*) filter (is_refused and kind not in ('asset', 'prefetch')) as refusals
        from acts
        semi join (select distinct host_key from acts where is_refused) as refusing using (host_key)
        group by all
    )
)
group by host_key, half_hour
having count(distinct user_id) filter (refusals >= 2) >= rules.outage_people()
   and count(distinct user_id) filter (refusals >= 2) * 3 >= count(distinct user_id)
