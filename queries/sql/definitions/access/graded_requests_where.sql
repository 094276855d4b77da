-- The requests of unfolded_requests_where() with `identity`: whether the name on each can be trusted.
--
-- Below the folding of requests, so that DuckDB can still leave that out.
create macro graded_requests_where(who, everybody, since, until) as table
select
    * exclude (access),
    identity_of(
        is_let_through, host_key, uri, in_utc(event_time),
        case when access.own[host_key].is_always then [host_key] else [] end,
        rules_known(access, host_key)
    ) as identity
from (
    select *, (select access from access_known(since, until)) as access
    from unfolded_requests_where(who, everybody, since, until)
)
