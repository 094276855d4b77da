"""What a published `audit.duckdb` says of itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import duckdb

from store.files.layout import Layout
from store.reading.shell.statements import sql_of

# The text of each view, macro and table, by its kind and name.
Definitions: TypeAlias = Mapping[str, str]

# DuckDB names the relation that a view was made of anew each time.
_OF_RELATION = re.compile(r"unnamed_relation_[0-9a-f]+")
# And tells these lists in another order each time that it writes a file.
_UNORDERED = re.compile(r"\b(?:EXCLUDE|REPLACE) \(")
_ITEM_PART = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[(),]|[^(),'\"]+")


@dataclass(frozen=True, slots=True)
class Published:
    """The ledger entry up to which it shows the store, and the paths at which it answers."""

    sequence: int
    paths: tuple[Path, ...]

    @property
    def place(self) -> str:
        return " and ".join(map(str, self.paths))


def published(layout: Layout) -> Published | None:
    """None if it cannot be read, or an earlier version wrote it."""
    try:
        with duckdb.connect(str(layout.audit), read_only=True) as audit:
            found = audit.execute("SELECT sequence, answers_at FROM shape.snapshot").fetchall()
        [(sequence, paths)] = found
    except (duckdb.Error, ValueError):
        return None
    return Published(sequence, tuple(map(Path, paths)))


def writer() -> str:
    """Which Raytrail and which DuckDB write here; the text of a view depends on both."""
    return f"raytrail {version('raytrail')}, DuckDB {duckdb.__version__}"


def writer_of(audit: duckdb.DuckDBPyConnection) -> str | None:
    """Who wrote a file; None for a version that did not say."""
    try:
        [(found,)] = audit.execute("SELECT writer FROM shape.snapshot").fetchall()
    except (duckdb.Error, ValueError):
        return None
    return str(found)


def definitions_of(audit: duckdb.DuckDBPyConnection) -> Definitions:
    found = audit.execute(sql_of("definitions")).fetchall()
    return {
        f"{kind} {name}": _in_order(_OF_RELATION.sub("relation", sql)) for kind, name, sql in found
    }


def _in_order(sql: str) -> str:
    """The text with the items of such lists sorted."""
    told, at = list[str](), 0
    while found := _UNORDERED.search(sql, at):
        items, end = _items(sql, found.end())
        told += [sql[at : found.end()], ", ".join(sorted(items))]
        at = end
    return "".join([*told, sql[at:]])


def _items(sql: str, start: int) -> tuple[list[str], int]:
    """The items of the list that begins here, and where it ends."""
    items, depth = [""], 0
    for part in _ITEM_PART.finditer(sql, start):
        match part[0], depth:
            case ")", 0:
                return [each.strip() for each in items], part.start()
            case ",", 0:
                items.append("")
                continue
            case "(", _:
                depth += 1
            case ")", _:
                depth -= 1
        items[-1] += part[0]
    return [each.strip() for each in items], len(sql)


def damaged_of(audit: duckdb.DuckDBPyConnection) -> set[str]:
    """The files that it calls damaged; none where an earlier version wrote it."""
    try:
        return {path for (path,) in audit.execute("SELECT path FROM damaged").fetchall()}
    except duckdb.Error:
        return set()


def expected_paths(layout: Layout, root: Path | None) -> tuple[Path, ...]:
    """Where the file answers: as DuckDB tells a path, without links. `root` is from the options."""
    folders = dict.fromkeys([layout.root.resolve(), root or layout.root.resolve()])
    return tuple(folder / layout.audit.name for folder in folders)
