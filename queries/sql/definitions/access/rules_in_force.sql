-- The rules that tell what went through Access: one for each pattern of what an application covers.
--
-- Where applications overlap, the more specific one decides: an exact host before one with `*`, a
-- longer path before a shorter one. Where neither is more specific, what is left open decides.
-- queries/identity/access_rules.py has the same rule.
--
-- Parameters: those of applications_under()
-- Columns:    host, rule (for identity_of(); of a host with `*` and its openings only those count that
--             fit the host of the request, see rules_fitting())
create macro rules_in_force(since, until) as table
with places as materialized (
    from access_places(since, until)
),
covers as (
    select row_number() over () as number, * from places where not is_open
),
deciding as (
    select
        number,
        list({
            host: opening.host_like, dots: opening.dots, path: opening.pattern
        }) as openings
    from covers
    join (select *, unnest(patterns) as pattern from places where is_open) as opening
        on (opening.ends is null or covers.begins < opening.ends)
        and (covers.ends is null or opening.begins < covers.ends)
        and (
            contains(covers.host, '*')
            or contains(opening.host, '*')
            or covers.host = opening.host
        )
        and not case
            when contains(opening.host, '*') <> contains(covers.host, '*') then contains(opening.host, '*')
            else starts_with(covers.path, opening.path) and covers.path <> opening.path
        end
    group by number
)
select
    covers.host,
    {
        host: host_like,
        dots: dots,
        path: unnest(patterns),
        openings: coalesce(openings, []),
        since: begins,
        until: ends
    } as rule
from covers left join deciding using (number)
