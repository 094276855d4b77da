-- The Access events of the time in which a session may have begun.
from rules.events(asked_since - rules.login_lookback(), asked_until)
