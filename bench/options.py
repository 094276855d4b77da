"""How much to do, and what every measurement shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.machine import Spinner, cores
from bench.mixes import MIXES


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The defaults are those of `make bench`."""

    rounds: int = 5
    columns: str = "sent"
    small_batches: int = 2_000
    minutes: float = 1.0
    # Records a batch -> batches a round.
    sizes: dict[int, int] = field(default_factory=lambda: {1_000: 20, 10_000: 4, 100_000: 1})
    # Where one size is enough: the one that Logpush usually sends, and how many a round.
    records: int = 10_000
    batches_a_round: int = 4
    large_records: int = 100_000
    largest_records: int = 1_000_000
    # Kinds of traffic beside the usual one.
    mixes: Sequence[str] = tuple(MIXES)
    # Of the archive that is imported.
    import_records: int = 200_000
    # Of each kind of small request whose latency is told.
    requests: int = 300
    # Of the store that is merged and asked.
    days: int = 30
    rows_a_day: int = 1_000_000
    # A question takes milliseconds: so many rounds cost nothing, and tell a median from a mishap.
    question_rounds: int = 15


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the bench: its options, the look at the machine, and a line for the impatient."""

    options: Options
    spinner: Spinner | None
    say: Callable[[str], None]

    @property
    def one_core(self) -> Sequence[int]:
        return cores()[:1]

    @property
    def two_cores(self) -> Sequence[int]:
        return cores()[:2]
