-- How many records of a period have the fields that rules need: one row for each dataset and field.
-- An empty text counts as nothing. queries/findings/composition.py puts the fields into it.
create macro rules.fields_logged(asked_since, asked_until) as table
select dataset, records, unnest(told, recursive := true)
from (
    select
        'http_requests' as dataset, count(*) as records,
        [{field: 'of http_requests', logged: 0::bigint}] as told
    from http_requests_where(null::varchar[], true, asked_since, asked_until)
    union all
    select
        'access_requests', count(*), [{field: 'of access_requests', logged: 0::bigint}]
    from (from access_requests union all by name from access_requests_rest)
    where is_within(event_time, date, asked_since, asked_until)
)
