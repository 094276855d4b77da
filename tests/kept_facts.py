"""What the catalog keeps of the users of live files, and the same by plain Python from the rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import RowMapping, select

from queries.baseline.file_facts import read_facts
from store.catalog.tables import files
from store.catalog.users import user_facts
from store.catalog.users.facts_number import DATASET, facts_number
from store.catalog.users.packed_facts import Habit, Taking, UserFacts
from store.compaction.compactor import Compactor
from store.compaction.facts import waiting
from store.compaction.facts.reading import FactReading
from store.store import Store

Row = Mapping[str, Any]

# Every device and section that the tests use; what else there is, other tests tell.
DEVICES = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36": (
        "Chrome on Windows"
    ),
    "curl/8.5.0": "curl",
    None: "",
}
SECTIONS = {"/browse/EXP-1": "/browse", "/7/admin/x": "/admin", "/~srhea/a.pdf": "/~srhea"}

_COLUMNS = {"country": "ClientCountry", "asn": "ClientASN", "ja4": "JA4", "colo": "EdgeColoCode"}


def compact_with_facts(store: Store, reading: FactReading = read_facts) -> None:
    """Merge all that is due now, as the service does it."""
    with (swap := store.file_swap()).locked():
        while jobs := Compactor(swap).due_jobs():
            Compactor(swap, reading).run(jobs[0])


def compute_waiting(
    store: Store, reading: FactReading = read_facts, put_off: waiting.PutOff | None = None
) -> int:
    """As the idle compactor does it; returns of how many files."""
    done, put_off = 0, put_off or waiting.PutOff()
    with (swap := store.file_swap()).locked():
        while some := waiting.compute_some(swap, reading, put_off):
            done += some
    return done


def live(store: Store) -> list[RowMapping]:
    is_live = (files.c.dataset == DATASET) & files.c.retired_sequence.is_(None)
    with store.catalog.read() as connection:
        return list(connection.execute(select(files).where(is_live)).mappings())


def kept(store: Store) -> dict[str, UserFacts]:
    """By file, as the catalog has it; files without facts or without users are left out."""
    with store.catalog.read() as connection:
        return {
            each["path"]: facts
            for each in live(store)
            if facts_number(each)
            and (facts := user_facts.of_file(connection, each["users_number"])) is not None
        }


def demand_kept(store: Store) -> None:
    """What is kept is right, and there is nothing of a file that is gone."""
    assert kept(store) == {path: truth(rows(store, [path])) for path in kept(store)}
    with store.catalog.read() as connection:
        assert user_facts.unused(connection) == 0


def rows(store: Store, paths: Iterable[str]) -> list[Row]:
    return [
        row
        for path in paths
        for row in pq.read_table(store.layout.root / path, partitioning=None).to_pylist()
    ]


def truth(found: Iterable[Row]) -> UserFacts:
    named = [row for row in found if row["user_id"] is not None and row["event_time"] is not None]
    return UserFacts(tuple(sorted(_habits(named))), tuple(sorted(_takings(named))))


def _habits(named: Iterable[Row]) -> Iterator[Habit]:
    days = defaultdict[tuple[str, str, str, int], int](int)
    for row in named:
        time = row["event_time"]
        for kind, value in _values(row):
            days[row["user_id"], kind, value, time.year * 12 + time.month - 1] |= 1 << time.day - 1
    yield from (Habit(*key, mask) for key, mask in days.items())


def _values(row: Row) -> Iterator[tuple[str, str]]:
    yield "hour", str(row["event_time"].hour)
    for kind, column in _COLUMNS.items():
        if row[column] is not None:
            text = str(row[column])
            yield kind, text.upper() if kind == "country" else text
    yield "device", DEVICES[row["ClientRequestUserAgent"]]
    host = row["ClientRequestHost"]
    yield "host", host
    yield "section", f"{host}{SECTIONS[row['ClientRequestURI']]}"


def _takings(named: Iterable[Row]) -> Iterator[Taking]:
    taken: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    seen = dict[tuple[str, date, str], Row]()
    for row in named:
        if row["ClientRequestURI"].endswith(".pdf"):
            seen[row["user_id"], row["event_time"].date(), row["RayID"]] = row
    pieces = defaultdict[tuple[str, date, str], list[Row]](list)
    for (user, day, _), row in seen.items():
        pieces[user, day, row["ClientRequestURI"]].append(row)
    for (user, day, _), each in pieces.items():
        taken[user, day]["files"] += 1
        taken[user, day]["bytes"] += sum(row["EdgeResponseBytes"] for row in each)
    for (user, day), found in taken.items():
        yield Taking(user, (day - date(1970, 1, 1)).days, found["files"], found["bytes"])
