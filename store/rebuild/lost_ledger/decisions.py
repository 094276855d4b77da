"""What a person decides about batches of which nobody can know whether their rows were removed."""

from collections.abc import Collection
from dataclasses import dataclass

from store.errors import RebuildRefused

# Stands for every batch.
ALL = "all"

# Past this many, a list helps nobody; `--json` of a later run has them all.
NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Ids of batches, or their first characters, or `all`: `enter` makes rows of them again,
    `leave_out` removes their bodies.
    """

    enter: Collection[str] = ()
    leave_out: Collection[str] = ()

    def enters(self, batch_id: str) -> bool:
        return _is_among(batch_id, self.enter)

    def leaves_out(self, batch_id: str) -> bool:
        return not self.enters(batch_id) and _is_among(batch_id, self.leave_out)


def _is_among(batch_id: str, named: Collection[str]) -> bool:
    return ALL in named or any(batch_id.startswith(each) for each in named if each)


def demand_decided(undecided: Collection[str]) -> None:
    """RebuildRefused if there are any; it names them."""
    if undecided:
        shown = ", ".join(sorted(undecided)[:NAMES_SHOWN])
        more = f" and {len(undecided) - NAMES_SHOWN:,} more" if len(undecided) > NAMES_SHOWN else ""
        raise RebuildRefused(
            f"{len(undecided):,} raw bodies have no rows: either they were never loaded, or retention"
            f" or an erasure removed their rows. Decide about each: `--enter BATCH` loads it,"
            f" `--leave-out BATCH` deletes it; `all` stands for every batch. Batches: {shown}{more}"
        )
