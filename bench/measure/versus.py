"""A peer's two chances: a body at a time, and with the groups that Raytrail makes one part of."""

from collections.abc import Iterator, Mapping, Sequence

from bench.bodies import Body, Groups, alone
from bench.pool import Worker
from bench.rounds import Task, Timing


def grouped(engine: str) -> str:
    return f"{engine}, grouped"


def peer_tasks(
    worker: Worker, sent: Sequence[Body], groups: Groups, traffic: str = "usual"
) -> Iterator[Task]:
    """One task where the groups are of one body each, which would be the same again."""
    yield Task(worker.engine, worker, alone(sent), traffic)
    if len(groups) < len(sent):
        yield Task(grouped(worker.engine), worker, groups, traffic)


def best(timings: Mapping[str, Timing], peer: str) -> Timing | None:
    """The faster of the two; None where the peer did not run."""
    ways = [timings[name] for name in (peer, grouped(peer)) if name in timings]
    return max(ways, key=lambda timing: timing.records_a_second, default=None)


def against(timings: Mapping[str, Timing], ours: str, peer: Timing | None) -> float | None:
    if ours not in timings or peer is None:
        return None
    return timings[ours].records_a_second / peer.records_a_second


def ratio(timing: Timing, peer: Timing | None) -> str:
    if peer is None:
        return "-"
    return f"{timing.records_a_second / peer.records_a_second:.2f}x"
