"""What to do about what decoding told: one sentence each, for `status` and `doctor`."""

from schema.body.body_shape import Shape

ARRAY_HINT = (
    "it is read; without batch_prefix and batch_suffix in the Logpush job it is read faster"
)
SHAPE_HINTS = {shape.value: shape.hint or ARRAY_HINT for shape in Shape}

# A newer version may have named others.
OTHER_SHAPE_HINT = SHAPE_HINTS["csv"]

# Shapes that are read in full, whatever is said about them.
READABLE_SHAPES = frozenset({"ndjson", "array", "empty"})


def shape_hint(shape: str) -> str:
    return SHAPE_HINTS.get(shape, OTHER_SHAPE_HINT)


def foreign_text(looks_like: str, records: int) -> str:
    """`firewall_events`, or an empty text where nobody knows."""
    like = f"look like {looks_like}" if looks_like else "look like no dataset we know"
    return f"{records:,} records {like}"
