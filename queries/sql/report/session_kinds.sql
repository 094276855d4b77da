-- The requests of one person's newest sessions by kind and by the reason for folding them.
--
-- Parameters: $who, $since, $until, $gap (microseconds), $after (number of the last session to
--             leave out)
-- Columns:    session, kind, folded_by (NULL: not folded), requests
select session, kind, folded_by, count(*) as requests
from sessions_under($who, $since::timestamp, $until::timestamp, $gap)
where session > $after
group by session, kind, folded_by
