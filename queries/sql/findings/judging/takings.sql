-- How much each name downloaded on which days.
from rules.takings(asked_until)
