"""Every rule finds its hits, and none of its near misses, in records as the loader writes them."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from queries.engine import open_engine
from queries.errors import QueryFailed
from queries.findings.rule import Rule, rules
from queries.identity.access_facts import access_hosts
from queries.shell_content import Told
from schema.columns import arrow_schema
from schema.dataset import datasets
from schema.decoding.decode import decode
from schema.decoding.result import Provenance
from store.parquet.fingerprint import fingerprint
from store.parquet.ordered_part import PartWriter
from store.reading.snapshot import Snapshot
from tests.factories import NOW, ndjson
from tests.finished import content
from tests.queries.findings.case import Case, Record, cases

CASES = list(cases())

FINDINGS = "SELECT * EXCLUDE (since, until) FROM findings($since, $until)"


@pytest.fixture(scope="module")
def taken(
    empty_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Case], Snapshot]:
    """The records of a case as a snapshot of a store. One file for all days is ten times as fast as
    the files of forty days.
    """
    root = shutil.copytree(empty_store, tmp_path_factory.mktemp("cases") / "data", symlinks=True)
    numbers = count(1)

    def write(dataset: str, records: tuple[Record, ...]) -> Path:
        folder = root / "cases" / str(next(numbers))
        folder.mkdir(parents=True)
        kind = datasets()[dataset]
        writer = PartWriter(folder, content(arrow_schema(kind), dataset))
        provenance = Provenance(batch_id=folder.name, received_at=NOW)
        for piece in decode([ndjson(*records)], kind, provenance):
            assert piece.tally.rejected == 0, "a record of the case was rejected"
            writer.add(piece.table)
        return writer.finish("part.parquet").path

    def take(case: Case) -> Snapshot:
        found = {"http_requests": case.requests, "access_requests": case.events}
        files = {name: (write(name, records),) for name, records in found.items() if records}
        return Snapshot(
            sequence=1,
            taken_at=NOW,
            files=files,
            columns={path: fingerprint(pq.read_schema(path)) for [path] in files.values()},
            pending_batches=0,
            lag_seconds=0.0,
            root=root,
        )

    return take


def found(case: Case, snapshot: Snapshot) -> Iterator[Mapping[str, Any]]:
    [rule] = [each for each in rules() if each.name == case.rule]
    chosen = None if rule.is_over_findings else frozenset({rule.name})
    told = Told([access_hosts(case.protected)], findings=chosen)
    with open_engine(snapshot, told=told) as engine:
        given = {"since": case.since, "until": case.until}
        for each in engine.run(FINDINGS, given, QueryFailed).records():
            if each["rule"] == case.rule:
                yield each


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_finds_its_hits_and_no_near_miss(
    case: Case, taken: Callable[[Case], Snapshot]
) -> None:
    told = list(found(case, taken(case)))

    expected = [(each["user"], each["evidence"]) for each in case.expected]
    assert [(each["user_id"], each["evidence"]) for each in told] == expected
    for each in told:
        assert each["what"].endswith(".")
        assert each["identity"] in {"access", "unconfirmed"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_has_a_hit_and_two_near_misses(rule: Rule) -> None:
    held = Counter((each.rule, each.is_hit) for each in CASES)

    assert held[rule.name, True] >= 1
    assert held[rule.name, False] >= 2
