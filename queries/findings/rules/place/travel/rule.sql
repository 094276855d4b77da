-- Where the log has no position of the client, that of the data centre stands for it.
with placed as (
    select
        acts.user_id, acts.event_time, acts.date, acts.ray_id, acts.identity, acts.is_asked,
        acts.network, acts.asn,
        coalesce(nullif(concat_ws(', ', nullif(acts.city, ''), upper(acts.country)), ''), acts.colo) as place,
        centres.continent,
        coalesce(acts.latitude, centres.latitude)   as latitude,
        coalesce(acts.longitude, centres.longitude) as longitude
    from acts
    left join rules.data_centres() as centres on centres.code = acts.colo
    where rules.tunnel(acts.asn) is null
      and not acts.is_program
      and acts.folded_by is distinct from 'resent'
),
steps as (
    select
        *,
        lag(event_time) over by_time             as last_time,
        lag(ray_id) over by_time                 as last_ray,
        lag(network) over by_time                as last_network,
        lag(asn) over by_time                    as last_asn,
        lag(identity) over by_time               as last_identity,
        lag(place) over by_time                  as last_place,
        lag(continent) over by_time              as last_continent,
        rules.distance_km(
            lag(latitude) over by_time, lag(longitude) over by_time, latitude, longitude
        )                                        as km
    from placed
    where latitude is not null and longitude is not null
    window by_time as (partition by user_id order by event_time, ray_id)
),
used as (
    select user_id, value, list(day) as days
    from habits
    where kind = 'asn'
    group by user_id, value
),
leaps as (
    select
        steps.*,
        greatest(epoch(event_time - last_time), 1) / 3600.0 as hours,
        identity = 'access' and last_identity = 'access' as is_sure
    from steps
    left join used as mine on mine.user_id = steps.user_id and mine.value = steps.asn::varchar
    left join used as last_used
        on last_used.user_id = steps.user_id and last_used.value = steps.last_asn::varchar
    where is_asked
      and km >= rules.travel_km()
      and continent <> last_continent
      and network <> last_network
      and least(
          len(list_filter(coalesce(mine.days, []), lambda day: day < steps.date)),
          len(list_filter(coalesce(last_used.days, []), lambda day: day < steps.date))
      ) < rules.travel_used_days()
),
-- What anybody can have sent tells nothing where the login itself proves a leap on the same day.
told as (
    select *, km / hours as kmh
    from leaps
    where km / hours >= rules.travel_kmh()
    qualify is_sure or not bool_or(is_sure) over (partition by user_id, date)
)
select
    user_id,
    min(last_time)                               as first_seen,
    max(event_time)                              as last_seen,
    flatten(list([last_ray, ray_id] order by event_time, ray_id)) as evidence,
    case when bool_and(is_sure) then 'access' else 'unconfirmed' end as identity,
    'Requests came from ' || max_by(last_place, kmh) || ' and '
        || case when max_by(hours, kmh) < 2
           then greatest(round(max_by(hours, kmh) * 60)::integer, 1) || ' minutes'
           else round(max_by(hours, kmh), 1) || ' hours' end
        || ' later from ' || max_by(place, kmh) || ', '
        || format('{:,}', round(max_by(km, kmh))::integer) || ' km away, which takes '
        || format('{:,}', round(max(kmh))::bigint) || ' km/h'
        || case when count(*) > 1 then ' (the fastest of ' || count(*) || ' such changes of place on that day)' else '' end
        || '. A place is that of an internet address, and not of a person.' as what
from told
group by user_id, date
