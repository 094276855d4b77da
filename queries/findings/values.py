"""Settings for rules, without the rules: every question has them at hand."""

# The name of a setting, such as `travel.km`, with its number; or that of a list, such as
# `decoy_path.paths`, with one of its texts.
Values = tuple[tuple[str, float | str], ...]
