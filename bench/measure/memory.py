"""How much memory decoding and loading take at most, and whether it stays flat."""

from pathlib import Path

from bench.bodies import Body, alone, bodies
from bench.engine import inflate
from bench.measure.pace import best_decoder
from bench.options import Run
from bench.pool import Memory, Worker, work_folder, worker
from bench.tables import Findings, Goal, Table, mebibytes
from bench.traffic import Traffic

DECODE_MAX = 2.0
LOADER_BYTES_MAX = 1_200_000_000
SMALL_RECORDS = 100
# Looks at the loader while it loads many small batches; the first tenth is for caches to fill.
LOOKS = 10
GROWTH_MAX = 1.05
MORE_DESCRIPTORS_MAX = 0


def memory(run: Run) -> Findings:
    decoder = best_decoder()
    parts = [_decode(run, decoder), _large(run, decoder), _flat(run, decoder)]
    return Findings(
        [table for part in parts for table in part.tables],
        [goal for part in parts for goal in part.goals],
        {name: fact for part in parts for name, fact in part.facts.items()},
    )


def _decode(run: Run, decoder: str) -> Findings:
    """Of a fresh process each: the peak above what it had before the batch."""
    records = run.options.large_records
    run.say(f"memory: decoding {records:,} records")
    sent = bodies(Traffic(), records, 1)
    raw_bytes = len(inflate(sent[0].path.read_bytes()))
    small = bodies(Traffic(), 1_000, 1)
    rows, facts = [], {}
    for engine in (f"decode {decoder}", f"raytrail {decoder}"):
        with worker(engine, run.two_cores) as started, work_folder() as folder:
            # Imports and pools come with the first batch and are no batch's own.
            _once(started, small, folder / "small")
            before, after = _once(started, sent, folder / "out")
        facts[engine] = (after.peak - before.rss) / raw_bytes
        above = mebibytes(after.peak - before.rss)
        rows.append((engine, mebibytes(before.rss), above, f"{facts[engine]:.2f}x"))
    columns = ("process", "before, MiB", "peak above, MiB", "to the raw batch")
    title = f"Peak memory of one batch of {records:,} ({mebibytes(raw_bytes)} MiB raw)"
    goal = Goal(
        "peak of one decode to its raw batch", DECODE_MAX, max(facts.values()), at_most=True
    )
    return Findings([Table(title, columns, rows)], [goal], {"decode": facts})


def _once(started: Worker, sent: list[Body], folder: Path) -> tuple[Memory, Memory]:
    started.prepare(alone(sent), folder)
    before = started.forget()
    started.run()
    return before, started.memory()


def _large(run: Run, decoder: str) -> Findings:
    """The largest batch Logpush sends: a million records, just under a gigabyte."""
    records = run.options.largest_records
    run.say(f"memory: loading one batch of {records:,} records")
    sent = bodies(Traffic(fields="short"), records, 1)
    with worker(f"raytrail {decoder}", run.two_cores) as started, work_folder() as folder:
        _, after = _once(started, sent, folder / "out")
    limit = LOADER_BYTES_MAX / 1e6
    goal = Goal(
        f"loader's peak at {records:,} records", limit, after.peak / 1e6, at_most=True, unit="MB"
    )
    return Findings([], [goal], {"large": {"records": records, "peak": after.peak}})


def _flat(run: Run, decoder: str) -> Findings:
    total = run.options.small_batches
    run.say(f"memory: {total:,} batches of {SMALL_RECORDS} records")
    step = max(total // LOOKS, 1)
    looks: list[Memory] = []
    with worker(f"raytrail {decoder}", run.two_cores) as started, work_folder() as folder:
        for number in range(0, total, step):
            sent = bodies(Traffic(), SMALL_RECORDS, step, first=number)
            started.prepare(alone(sent), folder / "out")
            started.run()
            looks.append(started.memory())
    rows = [
        (f"{(number + 1) * step:,}", mebibytes(each.rss), str(each.descriptors))
        for number, each in enumerate(looks)
    ]
    first, last = looks[min(1, len(looks) - 1)], looks[-1]
    growth, more = last.rss / first.rss, last.descriptors - first.descriptors
    goals = [
        Goal(f"memory after {total:,} batches to a tenth", GROWTH_MAX, growth, at_most=True),
        Goal("descriptors more", MORE_DESCRIPTORS_MAX, more, at_most=True, unit="more"),
    ]
    table = Table("The loader over many small batches", ("batches", "MiB", "descriptors"), rows)
    facts = [{"rss": each.rss, "descriptors": each.descriptors} for each in looks]
    return Findings([table], goals, {"flat": facts})
