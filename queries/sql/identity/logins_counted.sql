-- The logins under some names, whenever they were.
--
-- Parameters: $who (names)
-- Columns:    user_id, logins
select user_id, count(*) as logins
from logins_under($who, null, null)
where event = 'login'
group by user_id
