"""How long the decoder takes for a batch of the usual size: what other figures are set against."""

from bench import adapter
from bench.bodies import bodies
from bench.options import Run
from bench.pool import worker
from bench.rounds import interleaved
from bench.traffic import Traffic

ROUNDS = 5


def decode_seconds(run: Run) -> float:
    """The median, on one core."""
    sent = bodies(Traffic(), run.options.records, 1)
    name = f"decode {adapter.best_decoder()}"
    with worker(name, run.one_core) as started:
        return interleaved([started], sent, ROUNDS, None)[name].seconds
