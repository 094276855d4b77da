-- A database of addresses may be wrong, so the data centres have to be far apart too.
with placed as (
    select
        acts.*,
        upper(acts.country)                      as place,
        centres.latitude                         as colo_latitude,
        centres.longitude                        as colo_longitude
    from acts
    left join rules.data_centres() as centres on centres.code = acts.colo
    where rules.tunnel(acts.asn) is null
      and not acts.is_program
      and acts.folded_by is distinct from 'resent'
      and upper(acts.country) not in ('', 'XX', 'T1')
),
used as (
    select user_id, value, list(day) as days
    from habits
    where kind = 'asn'
    group by user_id, value
),
turns as (
    select *
    from (
        select *, lag(place) over (partition by user_id order by event_time, ray_id) as place_before
        from placed
    )
    where place is distinct from place_before
),
fours as (
    select
        *,
        -- DuckDB 1.4 cannot read a lag(x, 2) that a newer version stored.
        list({seen_at: event_time, ray_id: ray_id, place: place}) over (
            partition by user_id order by event_time, ray_id
            rows between 3 preceding and current row
        )                                        as rays,
        lag(identity) over by_time               as identity_before,
        lag(asn) over by_time                    as asn_before,
        coalesce(rules.distance_km(
            lag(latitude) over by_time, lag(longitude) over by_time, latitude, longitude
        ), rules.two_places_at_once_km())        as km,
        coalesce(rules.distance_km(
            lag(colo_latitude) over by_time, lag(colo_longitude) over by_time,
            colo_latitude, colo_longitude
        ), rules.two_places_at_once_km())        as colo_km
    from turns
    window by_time as (partition by user_id order by event_time, ray_id)
),
taken_in_turns as (
    select *, rays[2].seen_at as second_turn
    from fours
    where len(rays) = 4 and rays[4].place = rays[2].place and rays[3].place = rays[1].place
)
select
    fours.user_id,
    min(second_turn)                             as first_seen,
    max(event_time)                              as last_seen,
    list_transform(list_sort(list_distinct(flatten(list(rays)))), lambda each: each.ray_id) as evidence,
    case when bool_and(identity = 'access' and identity_before = 'access') then 'access' else 'unconfirmed' end as identity,
    'Requests came in turns from ' || min_by(place_before, event_time) || ' and '
        || min_by(place, event_time) || ' within '
        || ceil(epoch(max(event_time) - min(second_turn)) / 60)::integer || ' minutes.' as what
from taken_in_turns as fours
left join used as mine on mine.user_id = fours.user_id and mine.value = fours.asn::varchar
left join used as others on others.user_id = fours.user_id and others.value = fours.asn_before::varchar
where is_asked
  and event_time - second_turn <= to_minutes(rules.two_places_at_once_minutes())
  and km >= rules.two_places_at_once_km()
  and colo_km >= rules.two_places_at_once_km()
  and least(
      len(list_filter(coalesce(mine.days, []), lambda day: day < fours.date)),
      len(list_filter(coalesce(others.days, []), lambda day: day < fours.date))
  ) < rules.two_places_at_once_used_days()
group by fours.user_id, date
