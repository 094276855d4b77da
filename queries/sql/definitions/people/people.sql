-- Everybody with requests or logins, one row a person, by the rule of `raytrail people`.
--
-- A name is on one row alone, with its other spellings. Two names that are mapped to each other share
-- a row only if neither is mapped to a third name; otherwise they are in `mapped` of each other.
--
-- Columns:
--   name: The first of the names; those with logins come before others, then the busiest.
--   mail: The name of the person that is a mail address, also one of `mapped`; NULL without one.
--   requests: How many requests the names of the row have.
--   logins: How many logins they have, each counted once.
--   first_seen: Their first request or Access event, an instant.
--   last_seen: Their last one.
--   names: The names of the row, the first one first.
--   mapped: Names that belong to `name` too, and are on other rows or have no request and no login.
--
-- Example: select name, requests, names from people where logins = 0
create view people as
with recursive held as (
    select
        user_id                                         as name,
        count(*) filter (is_request)                    as requests,
        count(*) filter (is_login)                      as logins,
        min(event_time)                                 as first_seen,
        max(event_time)                                 as last_seen
    from (
        select user_id, event_time, true as is_request, false as is_login from http_requests
        union all
        select user_id, event_time, false, event = 'login' from logins
    )
    where user_id is not null
    group by user_id
),
ranked as materialized (
    select
        held.*,
        coalesce(told.folded, spelling_of(held.name))   as folded,
        row_number() over (
            order by logins > 0 desc, requests desc, logins desc, held.name
        ) as place
    from held
    left join shape.known_names as told using (name)
),
-- The only name that is mapped to a name, if there is one.
partners as (
    select asked as name, min(name) as partner
    from shape.mapped_names
    group by asked
    having count(distinct name) = 1
),
-- Which name would be on the row of which. Of very many spellings, the busiest are asked.
pairs as (
    select first.name as head, second.name
    from (
        select *, row_number() over (partition by folded order by place) as nth from ranked
    ) as first
    join ranked as second using (folded)
    where first.nth <= 20
    union
    select one.name, other.name
    from partners as one
    join partners as other on one.partner = other.name and other.partner = one.name
    where other.name in (select name from ranked)
),
others as (
    select told.head, told.name
    from pairs as told
    join shape.name_acts as act on act.digest = name_pair_digest(act.salt, told.head, told.name)
    group by told.head, told.name
    having not arg_max(act.is_same, act.number)
),
-- A name is on the row of the first head before it, and heads a row if there is none.
before as materialized (
    select told.head, told.name, one.place
    from pairs as told
    join ranked as one on one.name = told.head
    join ranked as other on other.name = told.name
    where one.place < other.place
      and not exists (
          select 1 from others where others.head = told.head and others.name = told.name
      )
),
judged as (
    select
        name,
        case when name not in (select name from before) then true end as is_head,
        1                                                as round
    from (select head as name from before union select name from before)
    union all
    select
        told.name,
        case
            when any_value(told.is_head) is not null then any_value(told.is_head)
            when bool_or(coalesce(heads.is_head, false)) then false
            when bool_and(coalesce(not heads.is_head, false)) then true
        end,
        any_value(told.round) + 1
    from judged as told
    left join before using (name)
    left join judged as heads on heads.name = before.head
    where (select bool_or(is_head is null) from judged)
    group by told.name
),
known as (
    select name, is_head from judged where round = (select max(round) from judged)
),
on_rows as materialized (
    select ranked.name, coalesce(told.person, ranked.name) as person
    from ranked
    left join (
        select before.name, min_by(before.head, before.place) as person
        from before
        join known as heads on heads.name = before.head and heads.is_head
        join known on known.name = before.name and not known.is_head
        group by before.name
    ) as told using (name)
),
covered as (
    select person as head, name, 9 as strength from on_rows
    union all
    select heads.name, spelled.name, 1
    from on_rows
    join ranked as heads on heads.name = on_rows.person and heads.name = on_rows.name
    join ranked as spelled using (folded)
    union all
    select asked, told.name, case grade when 'setting' then 2 else 3 end
    from shape.mapped_names as told
    join on_rows on on_rows.person = told.asked and on_rows.name = told.asked
),
told as (
    select
        head,
        name,
        case when head = name then 0 else min(strength) end as strength
    from covered
    where not exists (
        select 1 from others where others.head = covered.head and others.name = covered.name
    )
    group by head, name
),
counted as (
    select
        told.*,
        coalesce(ranked.requests, 0)                      as requests,
        coalesce(ranked.logins, 0)                        as logins,
        ranked.first_seen,
        ranked.last_seen,
        ranked.place,
        coalesce(on_rows.person = told.head, false)       as is_here
    from told
    left join ranked using (name)
    left join on_rows using (name)
)
select
    head                                                   as name,
    list(name order by strength, logins desc, requests desc, name)
        filter (contains(name, '@'))[1]                    as mail,
    (sum(requests) filter (is_here))::bigint               as requests,
    (sum(logins) filter (is_here))::bigint                 as logins,
    min(first_seen) filter (is_here)                       as first_seen,
    max(last_seen) filter (is_here)                        as last_seen,
    list(name order by strength, logins desc, requests desc, name)
        filter (is_here)                                   as names,
    coalesce(
        list(name order by strength, logins desc, requests desc, name) filter (not is_here), []
    )                                                      as mapped
from counted
group by head
order by min(place) filter (name = head)
