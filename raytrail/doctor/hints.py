"""Words for what decoding found, shared by `status` and `doctor`."""

from collections.abc import Mapping

from queries.escape import cut, for_terminal
from schema.body.body_shape import Shape

ARRAY_HINT = "it is read, but slowly; remove batch_prefix and batch_suffix from the Logpush job"
SHAPE_HINTS = {shape.value: shape.hint or ARRAY_HINT for shape in Shape}

# For a shape that only a newer version knows.
OTHER_SHAPE_HINT = SHAPE_HINTS["csv"]

# Shapes whose records are all read.
READABLE_SHAPES = frozenset({"ndjson", "array", "empty"})


# A person reads no more names than this; --json has them all.
NAMES_SHOWN = 20
NAME_CHARACTERS_SHOWN = 60


def shape_hint(shape: str) -> str:
    return SHAPE_HINTS.get(shape, OTHER_SHAPE_HINT)


def foreign_text(looks_like: str, records: int) -> str:
    """`looks_like` is a dataset such as `firewall_events`, or empty for an unknown one."""
    like = f"look like {looks_like}" if looks_like else "look like no known dataset"
    return f"{records:,} records {like}"


def moving_text(name: str, looks_like: str) -> str:
    """The command that moves what came so far, if it is known where it belongs."""
    if not looks_like:
        return ""
    return f", then `raytrail reassign --from {name} --dataset {looks_like}` moves what is here"


def names(times: Mapping[str, int]) -> str:
    """Fields with their counts, the most frequent first, up to NAMES_SHOWN."""
    shown = [
        f"{for_terminal(cut(name, NAME_CHARACTERS_SHOWN))} ({count:,})"
        for name, count in times.items()
        if name
    ]
    more = len(shown) - NAMES_SHOWN
    text = ", ".join(shown[:NAMES_SHOWN])
    text += f" and {more:,} more names" if more > 0 else ""
    return text + (f"; {times['']:,} under other names" if "" in times else "")
