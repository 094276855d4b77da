-- What each name had on which days.
from rules.habits(asked_until)
