"""The time to decode a batch of the usual size, with which other figures are compared."""

from bench import adapter
from bench.bodies import bodies
from bench.engines import DECODERS
from bench.options import Run
from bench.pool import worker
from bench.rounds import interleaved
from bench.traffic import Traffic

ROUNDS = 5


def best_decoder() -> str:
    """The fastest decoder that is available here."""
    return next(name for name in DECODERS if adapter.missing(name) is None)


def decode_seconds(run: Run) -> float:
    """The median, on one core."""
    sent = bodies(Traffic(), run.options.records, 1)
    name = f"decode {best_decoder()}"
    with worker(name, run.one_core) as started:
        return interleaved([started], sent, ROUNDS, None)[name].seconds
