"""Makes the small store that a version leaves behind: `python -m tests.golden.make_store FOLDER`.

Later versions open it. It has what they must still understand: a month whose raw bodies are gone, a
day with lines that came twice, parts as they were loaded with a rejected line, a field nobody knows
and a record of no day, holds with and without other spellings, a batch that recovery entered, an
erased person who is kept out, the files of the ledger, and a backup of all that. The same records as
in every other such store, but for those of the erased person, so that all of them answer alike; what
they answer is in `answers.json`.
"""

import gzip
import hashlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from raytrail.commands.service import compaction
from store.backup.backup import Backup
from store.files.layout import draft_path
from store.intake.limits import IntakeLimits
from store.lifetimes import Lifetimes
from store.retention import holds
from store.retention.confirmation import Confirmation
from store.retention.holds import Criteria
from store.retention.retention import Retention
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, login, ndjson, record, send
from tests.person_store import by, erase

LEAVER = "leaver@widgetcorp.example"

_numbers = count(1)


def requests(day: str, users: Sequence[str | None], **changes: object) -> Iterator[dict[str, Any]]:
    for user in users:
        number = next(_numbers)
        yield record(
            RayID=f"{number:016x}",
            ClientRequestURI=f"/browse/EXP-{number}",
            EdgeStartTimestamp=f"{day}T09:{number:02}:07.123456{number:03}Z",
            EdgeEndTimestamp=f"{day}T09:{number:02}:07.9Z",
            RequestHeaders={"cf-access-user": user} if user else {},
            **changes,
        )


def load(store: Store) -> None:
    loader = store.loader()
    while loader.load_next():
        pass


def recover(store: Store, clock: Clock, body: bytes, dataset: str) -> None:
    """Enter a body as after a kill between storing it and its entry."""
    folder = store.layout.raw / clock.now.date().isoformat()
    draft = draft_path(folder, dataset)
    draft.write_bytes(body)
    stored_at = clock.now.replace(tzinfo=UTC).timestamp()
    os.utime(draft, (stored_at, stored_at))
    os.link(draft, folder / f"{hashlib.sha256(body).hexdigest()}.gz")
    store.recover()


def erase_the_leaver(store: Store) -> None:
    """Nothing is left of them but the receipt in the ledger, and digests that keep them out."""
    send(store, gzipped(ndjson(by(LEAVER, EdgeStartTimestamp="2026-11-22T08:00:00Z"))))
    load(store)
    erase(store, LEAVER, reason="request 7")


def fill(store: Store, clock: Clock) -> None:
    for day in ("2026-10-01", "2026-10-02"):
        send(store, gzipped(ndjson(*requests(day, ["srhea", "dora", None]))))
    send(store, gzipped(ndjson(login(CreatedAt="2026-10-01T08:00:00Z"))), "access_requests")
    load(store)
    clock.now = clock.now.replace(month=11, day=20)
    compaction.run(store)
    with (swap := store.file_swap()).locked():
        retention = Retention(swap, Lifetimes(raw=30))
        retention.run(Confirmation(clock_is_right=True, count=retention.plan().count))
    twice = list(requests("2026-11-19", ["srhea", "ada"]))
    send(store, gzipped(ndjson(*twice)))
    send(store, gzipped(ndjson(*twice, *requests("2026-11-19", [None]))))
    load(store)
    compaction.run(store)
    clock.now = clock.now.replace(day=22)
    today = ndjson(*requests("2026-11-22", ["srhea", None], Unheard=1))
    send(store, gzipped(today + b"no json\n"))
    of_no_day = record(
        RayID="00000000000000ff",
        EdgeStartTimestamp=1,
        EdgeEndTimestamp=None,
        EdgeResponseStatus="200",
    )
    send(store, gzipped(ndjson(*requests("2026-11-22", ["dora"]), of_no_day)))
    late = login(CreatedAt="2026-11-22T08:00:00.000000001Z", RayID="8f0e1d2c3b4a5961")
    recover(store, clock, gzipped(ndjson(late)), "access_requests")
    load(store)
    with store.catalog.write() as connection:
        for each in (Criteria(user="dora", is_exact=True), Criteria(user="Ada")):
            holds.place(connection, store.layout, clock, each, "case 1")
    erase_the_leaver(store)
    clock.move(hours=26)
    store.loader().tidy()


def make(golden: Path) -> None:
    """Everything as git keeps it: the catalog as SQL, the backup's catalog packed."""
    clock = Clock()
    clock.now = clock.now.replace(month=10, day=2)
    with TemporaryDirectory() as scratch:
        data, backup = Path(scratch, "data"), Path(scratch, "backup")
        with Store.create(data, clock, IntakeLimits(reserve=NO_RESERVE)) as store:
            fill(store, clock)
            Backup.of(store, backup).run()
        for folder in ("parts", "raw", "ledger", "holds"):
            shutil.copytree(data / folder, golden / folder)
        (golden / "backup").mkdir()
        for name in ("backup.json", "erasures.json"):
            shutil.copy(backup / name, golden / "backup")
        packed = gzip.compress((backup / "backup.sqlite").read_bytes(), mtime=0)
        (golden / "backup" / "backup.sqlite.gz").write_bytes(packed)
        with closing(sqlite3.connect(data / "catalog.sqlite")) as catalog:
            script = "\n".join(catalog.iterdump())
        (golden / "catalog.sql").write_text(f"{script}\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
