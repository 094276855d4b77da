"""Which bodies become one file, where Raytrail's loader decides."""

from collections.abc import Sequence

from bench import adapter
from bench.bodies import Body, Groups


def together(bodies: Sequence[Body]) -> Groups:
    """As the loader takes them when all of them wait."""
    groups: list[list[Body]] = []
    group_bytes = 0
    for body in bodies:
        size = sum(map(len, adapter.inflated(body.path.read_bytes())))
        has_room = bool(groups) and len(groups[-1]) < adapter.GROUP_BATCHES_MAX
        if has_room and group_bytes + size <= adapter.GROUP_BYTES_MAX:
            groups[-1].append(body)
            group_bytes += size
        else:
            groups.append([body])
            group_bytes = size
    return groups
