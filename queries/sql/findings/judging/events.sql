-- The Access events from a day before the period on.
select *, asked_since is null or event_time >= instant_of(asked_since) as is_asked
from sign_ins
where asked_since is null or event_time >= instant_of(asked_since - rules.lookback())
