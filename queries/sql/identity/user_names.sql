-- All names in the snapshot that are compared with a name that is not in it.
--
-- Parameters: $characters (longer names are left out)
-- Columns:    user_id
select user_id
from (
    select user_id from http_requests
    union
    select user_id from access_requests
    union
    select user_id from access_requests_rest
)
where length(user_id) between 1 and $characters
