-- Names in the snapshot that are similar to a name, the most similar first.
--
-- Parameters: $user, $names (how many at most), $characters (longer names are not compared: the
--             time for a distance grows with the square of the length, and any client can send one)
-- Columns:    user_id
with names as (
    select user_id, lower(user_id) as name, lower($user) as asked
    from (
        select user_id from http_requests
        union
        select user_id from access_requests
        union
        select user_id from access_requests_rest
    )
    where length(user_id) between 1 and $characters
),
compared as (
    select
        user_id,
        jaro_winkler_similarity(name, asked)                               as similarity,
        -- One typing error in a short name, two in a longer one.
        damerau_levenshtein(name, asked) <= if(length(asked) < 5, 1, 2)    as is_slip,
        starts_with(name, asked || '@') or starts_with(asked, name || '@') as is_same_mailbox
    from names
)
select user_id
from compared
where is_slip or is_same_mailbox or similarity >= 0.9
order by is_same_mailbox desc, is_slip desc, similarity desc, user_id
limit $names
