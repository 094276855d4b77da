-- The columns of what rules find, without a row.
select
    ''::varchar as rule, ''::varchar as title, ''::varchar as level, ''::varchar as room,
    ''::varchar as dataset, false as is_compared, ''::varchar as user_id,
    now()::timestamptz as first_seen, now()::timestamptz as last_seen, []::varchar[] as evidence,
    ''::varchar as identity, ''::varchar as what
where false
