-- What everybody did but for the names that were asked for.
select *, asked_since is null or event_time >= instant_of(asked_since) as is_asked
from rules.other_acts(asked_names, asked_since - rules.lookback(), asked_until)
