-- One person's requests by kind and by the reason for which they are folded under another request.
--
-- Parameters: $who, $since, $until
-- Columns:    kind, folded_by (NULL: not folded), requests
select kind, folded_by, count(*) as requests
from requests_under($who, $since::timestamp, $until::timestamp)
group by kind, folded_by
