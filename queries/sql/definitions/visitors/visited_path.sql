-- The path of a place, without a slash at its end: '' is every path. If none is given, it is that of the
-- URL.
create macro visited_path(asked_host, asked_path) as
    regexp_replace(
        '/' || trim(regexp_extract(
            coalesce(
                nullif(trim(asked_path::varchar), ''),
                regexp_extract(visited_place(asked_host), '^[^/]*/((?s:.*))$', 1)
            ),
            '^[^?#]*'
        ), '/'),
        '^/$', ''
    )
