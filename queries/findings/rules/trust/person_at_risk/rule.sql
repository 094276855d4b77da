with told as (
    select user_id, rule, room, title, first_seen, last_seen, evidence, identity
    from found
    where user_id is not null
),
-- Each finding with those that begin within a day after it.
windows as (
    select
        first.user_id,
        first.first_seen                         as begins,
        count(distinct near.rule)                as rules,
        count(distinct near.room)                as rooms
    from (select distinct user_id, first_seen from told) as first
    join told as near
        on near.user_id = first.user_id
        and near.first_seen >= first.first_seen
        and near.first_seen <= first.first_seen + to_hours(rules.person_at_risk_hours())
    group by first.user_id, first.first_seen
),
days as (
    select
        user_id,
        begins,
        begins - lag(begins) over (partition by user_id order by begins)
            > to_hours(rules.person_at_risk_hours()) as is_apart
    from windows
    where rules >= rules.person_at_risk_rules() and rooms >= rules.person_at_risk_rooms()
),
islands as (
    select
        user_id,
        min(begins)                              as begins,
        max(begins) + to_hours(rules.person_at_risk_hours()) as ends
    from (
        select *, count(*) filter (is_apart) over (partition by user_id order by begins) as island
        from days
    )
    group by user_id, island
),
rays as (
    select user_id, begins, list(ray_id order by seen_at, ray_id) as evidence
    from (
        select user_id, begins, ray_id, min(first_seen) as seen_at
        from (
            select islands.user_id, islands.begins, told.first_seen, unnest(told.evidence[1:3]) as ray_id
            from islands
            join told
                on told.user_id = islands.user_id
                and told.first_seen >= islands.begins
                and told.first_seen <= islands.ends
        )
        group by user_id, begins, ray_id
    )
    group by user_id, begins
)
select
    islands.user_id,
    min(told.first_seen)                         as first_seen,
    max(told.last_seen)                          as last_seen,
    coalesce(any_value(rays.evidence), [])       as evidence,
    case when bool_and(told.identity = 'access') then 'access' else 'unconfirmed' end as identity,
    count(distinct told.rule) || ' rules found something about this name between '
        || strftime(in_utc(min(told.first_seen)), '%Y-%m-%d %H:%M') || ' and '
        || strftime(in_utc(max(told.last_seen)), '%Y-%m-%d %H:%M') || ' UTC: '
        || string_agg(
            distinct lower(left(told.title, 1)) || substr(told.title, 2), ', '
            order by lower(left(told.title, 1)) || substr(told.title, 2)
        ) || '.' as what
from islands
join told
    on told.user_id = islands.user_id
    and told.first_seen >= islands.begins
    and told.first_seen <= islands.ends
left join rays on rays.user_id = islands.user_id and rays.begins = islands.begins
group by islands.user_id, islands.begins
