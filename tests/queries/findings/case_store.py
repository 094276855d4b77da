"""Asks `findings` about many cases one after the other, with one database.

Only the list of files, the protected hosts and the rules change between two cases: to make all
views and macros again takes longer than to ask.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from queries.definition_search import Definitions
from queries.definitions import shared_statements
from queries.findings.composition import SCHEMA, composed, finding_statements
from queries.findings.rule import rules
from queries.shell_content import FACTS, KEPT
from schema.columns import arrow_schema
from schema.dataset import datasets
from schema.decoding.decode import decode
from schema.decoding.result import Provenance
from store.files.layout import Layout
from store.parquet.fingerprint import fingerprint
from store.parquet.ordered_part import PartWriter
from store.reading.relations import Relations
from store.reading.shell.content import FactTable
from store.reading.snapshot import Snapshot
from tests.factories import NOW, ndjson
from tests.finished import content
from tests.queries.findings.case import Case, Record, audit_record, event_record, request_record

FINDINGS = "SELECT * EXCLUDE (since, until) FROM findings($since, $until)"

# No rule says anything of a name that nobody has. They make a file for each dataset of every case.
NOBODY = {
    "http_requests": request_record({"ray": "00"}, "2026-11-20T00:00:00Z"),
    "access_requests": event_record({"event": "warpEnrollment"}, "2026-11-20T00:00:00Z"),
    "audit_logs_v2": audit_record({"act": "Create Logpush job"}, "2026-11-20T00:00:00Z"),
}


class CaseStore:
    """Files below `folder`, and a database that reads those of one case at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._relations = self._taken({})
        self._define()

    def found(self, case: Case) -> Sequence[Mapping[str, Any]]:
        """What the rule of the case finds in its records."""
        records = {
            "http_requests": case.requests,
            "access_requests": case.events,
            "audit_logs_v2": case.audits,
        }
        taken = self._taken(records)
        assert taken.kind == self._relations.kind
        taken.fill(self._connection)
        self._connection.execute("DELETE FROM shape.access_domains")
        for host in case.protected:
            self._connection.execute("INSERT INTO shape.access_domains VALUES (?)", [host])
        self._judge_by(case.rule)
        asked = self._connection.execute(FINDINGS, {"since": case.since, "until": case.until})
        columns = [each[0] for each in asked.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in asked.fetchall()]
        return [each for each in rows if each["rule"] == case.rule]

    def in_time_zone(self, name: str) -> None:
        """As in a shell of somebody there."""
        self._connection.execute(f"SET TimeZone = '{name}'")

    def close(self) -> None:
        self._connection.close()

    def _judge_by(self, name: str) -> None:
        """By this rule alone, or by all for a rule over the findings of others."""
        [rule] = [each for each in rules() if each.name == name]
        text = composed([rule] if rule.reads == "records" else rules())
        self._connection.execute(text.replace("create macro", "create or replace macro", 1))

    def _define(self) -> None:
        self._relations.define(self._connection)
        for each in FACTS:
            FactTable(each.name, each.columns).create(self._connection)
        for kept in KEPT:
            kept.table(Layout(self._folder), self._snapshot({})).create(self._connection)
        statements = (*shared_statements(is_for_analyst=True), *finding_statements())
        definitions = Definitions(statements)
        self._connection.execute(SCHEMA)
        for statement in definitions.needed(definitions.closure(frozenset({"findings("}))):
            self._connection.execute(statement)

    def _taken(self, records: Mapping[str, Sequence[Record]]) -> Relations:
        files = {
            name: (self._part(name, (nobody, *records.get(name, ()))),)
            for name, nobody in NOBODY.items()
        }
        return Relations.of_snapshot(self._snapshot(files))

    @staticmethod
    def _snapshot(files: Mapping[str, tuple[Path, ...]]) -> Snapshot:
        return Snapshot(
            sequence=1,
            taken_at=NOW,
            files=files,
            columns={path: fingerprint(pq.read_schema(path)) for [path] in files.values()},
            pending_batches=0,
            lag_seconds=0.0,
        )

    def _part(self, dataset: str, records: Sequence[Record]) -> Path:
        """The records as the loader writes them, but all days in one file."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        kind = datasets()[dataset]
        writer = PartWriter(folder, content(arrow_schema(kind), dataset))
        provenance = Provenance(batch_id=folder.name, received_at=NOW)
        for piece in decode([ndjson(*records)], kind, provenance):
            assert piece.tally.rejected == 0, "a record of the case was rejected"
            writer.add(piece.table)
        return writer.finish("part.parquet").path
