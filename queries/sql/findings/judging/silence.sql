-- Hours about which nothing can be claimed.
from rules.silence(asked_since - rules.lookback(), asked_until)
