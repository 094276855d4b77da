-- Each version of each Access application that is known: from the list that Cloudflare gave, or from
-- logins in a period (UTC, NULL is open). docs/identity.md; queries/identity/login_coverage.py has the
-- same rule.
--
-- A login proves that its application existed, from one session length before the first to one after
-- the last of logins that lie close together. Where an application is in the list, that decides from
-- its first version on; another one counts only outside the time in which the list was known.
--
-- Columns: id, name, type, covers, opens, session_duration, source ('list' or 'logins'), begins, ends,
--          listed_at
create macro applications_under(since, until) as table
with listed as materialized (
    select * replace (
        in_utc(begins) as begins,
        in_utc(ends) as ends,
        in_utc(listed_at) as listed_at,
        to_microseconds(lasts) as lasts
    )
    from shape.applications
),
list_known as materialized (
    select
        min(coalesce(listed_at, begins))                                          as known_from,
        max(greatest(coalesce(listed_at, begins), coalesce(ends, listed_at, begins))) as known_to
    from listed
),
by_id as materialized (
    select id, arg_min({begins: begins, lasts: lasts}, number) as first_one from listed group by id
),
by_place as materialized (
    select
        place_host(domain)                                 as host,
        place_path(domain)                                 as path,
        arg_min({begins: begins, lasts: lasts}, number)    as first_one
    from (select number, begins, lasts, unnest(list_concat(covers, opens)) as domain from listed)
    group by all
),
told as (
    select
        coalesce(app_uuid, '')                             as id,
        application                                        as domain,
        is_before_list,
        is_after_list,
        first_login,
        last_login,
        known_from,
        known_to,
        coalesce(by_id.first_one, by_place.first_one)      as version
    from application_spells(
        since::timestamp - logins_apart(),
        until::timestamp + logins_apart(),
        (select known_from from list_known),
        (select known_to from list_known)
    )
    cross join list_known
    left join by_id on by_id.id = coalesce(app_uuid, '')
    left join by_place
        on by_place.host = place_host(application) and by_place.path = place_path(application)
),
spells as (
    select
        *,
        first_login - coalesce(version.lasts, default_session()) as earliest,
        last_login + coalesce(version.lasts, default_session())  as latest
    from told
),
proven as (
    select
        id,
        domain,
        case
            when version is null and not is_before_list and is_after_list
            then greatest(earliest, known_to)
            else earliest
        end                                                as begins,
        case
            when version is not null then least(latest, version.begins)
            when is_before_list then least(latest, known_from)
            else latest
        end                                                as ends
    from spells
    where version is not null or is_before_list or is_after_list or known_from is null
)
select
    id, name, type, covers, opens, session_duration, 'list' as source, begins, ends, listed_at
from listed
union all
select id, null, null, [domain], [], null, 'logins', begins, ends, null
from proven
where begins < ends
