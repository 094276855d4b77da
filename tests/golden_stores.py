"""The stores in tests/golden, each as the version that wrote it left it."""

import contextlib
import gzip
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import orjson
from typer.testing import CliRunner

from queries.analyst import analyst_sql
from queries.engine import Engine
from queries.outputs.json_out import answer_lines
from raytrail.commands.questions.asked import answered, take
from tests.command import app

GOLDEN = Path(__file__).parent / "golden"

# By what was new in the version that wrote it.
STORES = {
    name: GOLDEN / f"store-{name}"
    for name in ("format-1", "format-2", "ledger", "spellings", "facts")
}

ANSWERS = orjson.loads((GOLDEN / "answers.json").read_bytes())

# Machines that run the tests are often nearly full.
ENVIRONMENT = {"RAYTRAIL_RESERVE_BYTES": "0"}


def golden_store(data: Path, name: str) -> Path:
    """A data folder with a copy of the store."""
    _files(data, STORES[name])
    with contextlib.closing(sqlite3.connect(data / "catalog.sqlite")) as catalog:
        catalog.executescript((STORES[name] / "catalog.sql").read_text(encoding="utf-8"))
    return data


def golden_backup(folder: Path, name: str) -> Path:
    """A folder with the backup of that store."""
    _files(folder, STORES[name])
    kept = STORES[name] / "backup"
    for path in kept.glob("*.json"):
        shutil.copy(path, folder)
    packed = (kept / "backup.sqlite.gz").read_bytes()
    (folder / "backup.sqlite").write_bytes(gzip.decompress(packed))
    return folder


def answers(data: Path) -> dict[str, list[dict[str, object]]]:
    """What a store answers to the questions of `answers.json`, without what is NULL, and without the
    columns that the version before the second format did not have.
    """
    told = dict[str, Iterable[bytes]]()
    statements = dict[str, str]()
    for name, each in ANSWERS.items():
        if each["asked"][0] == "sql":
            statements[name] = each["asked"][-1]
            continue
        ended = CliRunner().invoke(app, [*each["asked"], "--data", str(data)], env=ENVIRONMENT)
        assert ended.exit_code == 0, ended.output
        told[name] = ended.stdout.encode().splitlines()
    told |= answered(
        take(data), partial(_told, statements), datasets=None, is_without_damaged=False
    )
    found = {}
    for name, each in ANSWERS.items():
        columns = {key for row in each["told"] for key in row}
        found[name] = [
            {key: value for key, value in row.items() if value is not None and key in columns}
            for row in map(orjson.loads, told[name])
        ]
    return found


def _told(statements: Mapping[str, str], engine: Engine) -> dict[str, list[bytes]]:
    """The lines of `raytrail sql --json` for several statements; one engine answers all of them."""
    return {
        name: b"".join(answer_lines(analyst_sql(engine, statement))).splitlines()
        for name, statement in statements.items()
    }


def _files(folder: Path, golden: Path) -> None:
    for kind in ("parts", "raw", "ledger", "holds", "links"):
        if (golden / kind).is_dir():
            shutil.copytree(golden / kind, folder / kind, symlinks=True)
    (folder / "quarantine").mkdir()
