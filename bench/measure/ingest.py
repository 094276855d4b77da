"""From gz bodies to durable, sorted Parquet on one core: we and our peers, and the floor."""

from collections.abc import Mapping

from bench.bodies import bodies
from bench.engines import CHDB, FLOOR, OURS, PEERS, PLAIN
from bench.options import Run
from bench.pool import workers
from bench.rounds import Timing, interleaved
from bench.tables import Findings, Goal, Table, milliseconds, thousands
from bench.traffic import Traffic

NATIVE, PYTHON = OURS
# Native against chDB, by records a batch.
GOALS = {1_000: 1.8, 10_000: 1.6, 100_000: 1.4}
FLOOR_SHARE_MIN = 0.6
PLAIN_MIN = 1.0
# Unknown fields, mistyped values and bad lines; see docs/performance.md.
KEEPS = {NATIVE: "all", PYTHON: "all"}
# Ten times slower than the rest: past this many records a batch they would take all the minutes.
SLOW = {PYTHON, PLAIN}
SLOW_RECORDS_MAX = 10_000


def ingest(run: Run) -> Findings:
    tables, goals, facts = [], [], {}
    with workers((*OURS, *PEERS, FLOOR), run.one_core, run.options.columns) as (ready, missing):
        for records, count in run.options.sizes.items():
            run.say(f"ingest: {count} x {records:,} records, one core")
            sent = bodies(Traffic(), records, count)
            wanted = [each for each in ready if _is_wanted(each.engine, records, run)]
            timings = interleaved(wanted, sent, run.options.rounds, run.spinner)
            tables += _tables(records, timings, missing)
            goals += _goals(records, timings, missing)
            facts[f"{records}"] = {name: each.as_dict() for name, each in timings.items()}
    return Findings(tables, goals, facts)


def _is_wanted(engine: str, records: int, run: Run) -> bool:
    if engine == FLOOR:
        return records == run.options.records
    return records <= SLOW_RECORDS_MAX or engine not in SLOW


def _tables(records: int, timings: Mapping[str, Timing], missing: Mapping[str, str]) -> list[Table]:
    peer = timings.get(CHDB)
    rows = [
        (
            name,
            thousands(each.records_a_second),
            milliseconds(each.seconds / each.records * records),
            milliseconds(each.best_seconds / each.records * records),
            milliseconds(each.cpu_seconds / each.records * records),
            ratio(each, peer),
            f"{each.parquet_bytes_a_record:.1f}",
            KEEPS.get(name, "no"),
        )
        for name, each in timings.items()
        if name != FLOOR
    ]
    columns = ("engine", "krec/s", "ms a batch", "least", "CPU", "to chdb", "B/record", "keeps all")
    notes = [f"{name}: skipped, {why}" for name, why in missing.items()]
    if records > SLOW_RECORDS_MAX:
        notes.append(f"{', '.join(sorted(SLOW))}: left out, too slow for a batch of this size")
    notes += disturbance(timings)
    found = [Table(f"Ingest, {records:,} records a batch, one core", columns, rows, notes)]
    if FLOOR in timings:
        found.append(_floor_table(timings[FLOOR], timings))
    return found


def _floor_table(floor: Timing, timings: Mapping[str, Timing]) -> Table:
    stages = floor.stages()
    rows = [(name, f"{microseconds:.2f}") for name, microseconds in stages.items()]
    rows.append(("floor", f"{sum(stages.values()):.2f}"))
    rows += [(name, f"{_microseconds(timings[name]):.2f}") for name in OURS if name in timings]
    return Table("The floor, one core, CPU", ("part", "us a record"), rows)


def _goals(records: int, timings: Mapping[str, Timing], missing: Mapping[str, str]) -> list[Goal]:
    why = missing.get(NATIVE) or missing.get(CHDB, "")
    goals = []
    if records in GOALS:
        measured = _faster(timings, NATIVE, CHDB)
        goals.append(Goal(f"native to chdb, {records:,}", GOALS[records], measured, why=why))
    if FLOOR in timings:
        floor = sum(timings[FLOOR].stages().values())
        native = timings.get(NATIVE)
        share = floor / _microseconds(native) if native else None
        goals.append(Goal("native, share of the floor", FLOOR_SHARE_MIN, share, why=why))
        faster = _faster(timings, PYTHON, PLAIN)
        goals.append(Goal("python to orjson + from_pylist", PLAIN_MIN, faster))
    return goals


def _faster(timings: Mapping[str, Timing], ours: str, peer: str) -> float | None:
    if ours not in timings or peer not in timings:
        return None
    return timings[ours].records_a_second / timings[peer].records_a_second


def _microseconds(timing: Timing) -> float:
    return timing.judged_seconds / timing.records * 1e6


def ratio(timing: Timing, peer: Timing | None) -> str:
    if peer is None:
        return "-"
    return f"{timing.records_a_second / peer.records_a_second:.2f}x"


def disturbance(timings: Mapping[str, Timing]) -> list[str]:
    if any(each.is_disturbed for each in timings.values()):
        return ["DISTURBED: somebody else used the machine; rates and ratios are by CPU seconds"]
    return []
