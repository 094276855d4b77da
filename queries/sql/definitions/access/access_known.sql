-- All that a name on a request is judged by, as one value: what protected which host, and when.
--
-- Parameters: those of applications_under()
-- Columns:    access (own: for each host that the settings or an application name without `*`, whether
--             it is always protected, and the rules as identity_of() takes them; wide: the rules for
--             all other hosts, see rules_fitting())
create macro access_known(since, until) as table
with ruled as materialized (
    from rules_in_force(since, until)
),
hosts as (
    select settings_host(domain) as host, true as is_always
    from shape.access_domains
    where trim(domain) <> ''
    union all
    select host, false from ruled where not contains(host, '*')
),
known as (
    select host, bool_or(is_always) as is_always from hosts group by host
),
own as (
    select
        known.host,
        {
            is_always: any_value(is_always),
            rules: coalesce(
                list(rules_fitting(known.host, [rule])[1]) filter (rule is not null), []
            )
        } as access
    from known left join ruled on fits_host(rule, known.host)
    group by known.host
)
select {
    own: coalesce((select map(list(host), list(access)) from own), map([], [])),
    wide: coalesce((select list(rule) from ruled where contains(host, '*')), [])
} as access
