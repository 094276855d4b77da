-- What each request of one person tells alone, and of those before and after the period to which, or
-- from which, one in the period may be folded; see requests_where().
--
-- Parameters: $who, $since, $until
-- Columns:    those of unfolded_requests_where
select *
from unfolded_requests_where(
    $who, false, $since::timestamp - fold_reach(), $until::timestamp + prefetch_life()
)
