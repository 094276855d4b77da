"""What to do about what decoding told: one sentence each, for `status` and `doctor`."""

SHAPE_HINTS = {
    "csv": 'in the Logpush job set output_options.output_type to "ndjson"',
    "text": "in the Logpush job remove output_options.record_template",
    "printed": "send each record on one line; a record that spans lines is read line by line",
    "array": "it is read; without batch_prefix and batch_suffix in the Logpush job it is read faster",
}
OTHER_SHAPE_HINT = 'in the Logpush job set output_options.output_type to "ndjson"'

# Shapes that are read in full, whatever is said about them.
READABLE_SHAPES = frozenset({"ndjson", "array"})


def shape_hint(shape: str) -> str:
    return SHAPE_HINTS.get(shape, OTHER_SHAPE_HINT)


def foreign_text(looks_like: str, records: int) -> str:
    """`firewall_events`, or an empty text where nobody knows."""
    like = f"look like {looks_like}" if looks_like else "look like no dataset we know"
    return f"{records:,} records {like}"
