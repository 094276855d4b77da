-- One person's requests by kind and by the reason for which they are folded under another request.
--
-- Columns:    kind, folded_by (NULL: not folded), requests
select kind, folded_by, count(*) as requests
from person_requests
group by kind, folded_by
