"""What each engine makes of a line that is not as it should be: why fast is not enough.

Nothing is timed. Each awkward line stands in a batch between two good ones.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench import adapter
from bench.columns import peer_fields
from bench.engine import Missing, Peer
from bench.engines import PEERS, engine
from bench.options import Run
from bench.pool import work_folder
from bench.tables import Findings, Table
from schema.dataset import Field

USER = "m.awkward@widgetcorp.example"
_LINE = (
    '{"ClientRequestMethod":"GET","EdgeResponseBytes":7,"EdgeResponseStatus":200,'
    '"EdgeStartTimestamp":"2026-11-20T09:00:00Z","RequestHeaders":{"cf-access-user":"%s"}%s}'
)
GOOD_ROWS = 2


@dataclass(frozen=True, slots=True)
class Case:
    """`line` with something wrong about `column`."""

    name: str
    line: bytes
    column: str = "EdgeResponseStatus"


def _good(user: str, more: str = "") -> str:
    return _LINE % (user, more)


def _status(value: str) -> bytes:
    return _good(USER).replace(":200,", f":{value},").encode()


CASES = (
    Case('`"2"` where a whole number belongs', _status('"2"')),
    Case("`2.5` where a whole number belongs", _status("2.5")),
    Case("2^64 - 1 in a column of 64 bits", _status("18446744073709551615")),
    Case("10^23 there", _status("100000000000000000000000")),
    Case(
        "`7.0` where text belongs",
        _good(USER).replace('"GET"', "7.0").encode(),
        "ClientRequestMethod",
    ),
    Case("a member twice, 200 then 404", _good(USER, ',"EdgeResponseStatus":404').encode()),
    Case("an unknown field, `1.10`", _good(USER, ',"Tomorrow":1.10').encode(), "Tomorrow"),
    Case("a line that was cut", _good(USER)[:-30].encode()),
    Case(
        "half of a surrogate pair",
        _good(USER).replace("GET", "\\ud800").encode(),
        "ClientRequestMethod",
    ),
    Case("two records on one line", (_good(USER) * 2).encode()),
)


def awkward(run: Run) -> Findings:
    run.say("awkward: what is kept of lines that are not as they should be")
    fields = peer_fields("sent")
    made = {name: _peer(name, fields) for name in PEERS}
    peers = {name: peer for name, peer in made.items() if peer is not None}
    with work_folder() as folder:
        rows = [
            (case.name, *(_of_peer(peer, case, folder) for peer in peers.values()), _of_ours(case))
            for case in CASES
        ]
    notes = [f"{name}: skipped, not installed" for name in made if name not in peers]
    return Findings([Table("Awkward lines", ("line", *peers, "raytrail"), rows, notes)])


def _peer(name: str, fields: Sequence[Field]) -> Peer | None:
    try:
        made = engine(name, fields, 1)
    except Missing:
        return None
    return made if isinstance(made, Peer) else None


def _of_peer(peer: Peer, case: Case, folder: Path) -> str:
    body, target = folder / "body.gz", folder / "out.parquet"
    body.write_bytes(_body(case))
    target.unlink(missing_ok=True)
    try:
        peer.convert([body], target)
    except Exception:  # noqa: BLE001 (each library has errors of its own)
        return "the batch fails"
    return _told(pq.read_table(target), case)


def _of_ours(case: Case) -> str:
    rows, rejected = adapter.rows_and_rejected(_body(case))
    if rejected.num_rows:
        kept = rejected["line"][0].as_py() == case.line
        return "rejected, its bytes kept" if kept else "rejected"
    extra = _awkward_row(rows).get("extra")
    told = _told(rows, case)
    return f"{told}, `{extra}` in `extra`" if extra else told


def _told(table: pa.Table, case: Case) -> str:
    row = _awkward_row(table)
    surplus = table.num_rows - GOOD_ROWS
    if not row:
        return {0: "the line is gone", 1: "a row of NULLs"}.get(surplus, f"{surplus} rows")
    if surplus > 1:
        return f"{surplus} rows"
    if case.column not in row:
        return "lost" if "extra" not in row else "no column"
    value = row[case.column]
    return "NULL" if value is None else f"`{value!r}`"


def _awkward_row(table: pa.Table) -> dict[str, Any]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return next((row for row in rows if row["user_id"] == USER), {})


def _body(case: Case) -> bytes:
    lines = (_good("a.good").encode(), case.line, _good("z.good").encode())
    return gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)
