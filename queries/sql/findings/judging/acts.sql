-- What people did: their requests from a day before the period on.
select *, asked_since is null or event_time >= instant_of(asked_since) as is_asked
from rules.acts(null::varchar[], true, asked_since - rules.lookback(), asked_until)
