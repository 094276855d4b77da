-- The requests of one person's newest sessions by kind and by the reason for folding them.
--
-- Parameters: $after (number of the last session to leave out)
-- Columns:    session, kind, folded_by (NULL: not folded), requests
select session, kind, folded_by, count(*) as requests
from person_requests
where session > $after
group by session, kind, folded_by
