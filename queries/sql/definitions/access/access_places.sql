-- What each application covers, and what it leaves open, while it does: one row for each host and path.
--
-- Parameters: those of applications_under()
-- Columns:    is_open, host (which may have a `*`), host_like, dots, path, patterns, begins, ends
create macro access_places(since, until) as table
select
    is_open,
    place_host(domain)                   as host,
    like_text(place_host(domain))        as host_like,
    dots_in(place_host(domain))          as dots,
    place_path(domain)                   as path,
    path_patterns(place_path(domain))    as patterns,
    begins,
    ends
from (
    select begins, ends, unnest(list_concat(
        list_transform(covers, lambda each: {is_open: false, domain: each}),
        list_transform(opens, lambda each: {is_open: true, domain: each})
    ), recursive := true)
    from applications_under(since, until)
)
