"""Numbers of the settings for rules, without the rules: every question has them at hand."""

# The name of a setting, such as `travel.km`, with its number.
Values = tuple[tuple[str, float], ...]
