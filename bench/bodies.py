"""Bodies on disk, made once: what every engine reads is the same file."""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bench.traffic import Traffic, body

HERE = Path(__file__).parent
FOLDER = HERE / ".bodies"
# A body of more records is put together from gzip members of so many.
MEMBER_RECORDS = 100_000
# So few are made sooner than a helper process begins.
ALONE_RECORDS_MAX = 20_000
# What the bytes of a body depend on beside its settings.
_MAKERS = ("cast.py", "odd.py", "record.py", "traffic.py")


@dataclass(frozen=True, slots=True)
class Body:
    path: Path
    records: int


# The bodies of each become one file.
Groups = Sequence[Sequence[Body]]


@dataclass(frozen=True, slots=True)
class Wanted:
    traffic: Traffic
    number: int
    records: int

    @property
    def path(self) -> Path:
        told = hashlib.sha256(repr(self).encode())
        for maker in _MAKERS:
            told.update((HERE / maker).read_bytes())
        return FOLDER / f"{self.records}-{told.hexdigest()[:20]}.gz"


def bodies(traffic: Traffic, records: int, count: int, first: int = 0) -> list[Body]:
    """`count` bodies of so many records, from disk where they were made before."""
    return make([Wanted(traffic, first + number, records) for number in range(count)])


def make(wanted: Iterable[Wanted]) -> list[Body]:
    FOLDER.mkdir(exist_ok=True)
    listed = list(wanted)
    members = [
        Wanted(each.traffic, each.number * _members(each) + part, MEMBER_RECORDS)
        for each in listed
        for part in range(_members(each))
        if each.records > MEMBER_RECORDS
    ]
    whole = [each for each in listed if each.records <= MEMBER_RECORDS]
    missing = [each for each in (*members, *whole) if not each.path.exists()]
    if sum(each.records for each in missing) < ALONE_RECORDS_MAX:
        for each in missing:
            _write(each)
    else:
        # Spawned, not forked: the caller may run threads.
        with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as makers:
            list(makers.map(_write, missing))
    for each in listed:
        if each.records > MEMBER_RECORDS and not each.path.exists():
            _join(each)
    return [Body(each.path, each.records) for each in listed]


def alone(bodies: Sequence[Body]) -> Groups:
    """Each body becomes a file of its own."""
    return [[body] for body in bodies]


def stamped(content: bytes, mark: str) -> bytes:
    """The same body with one more line, so that the store takes it for a new one."""
    line = b'{"RayID":"%s","EdgeStartTimestamp":"2026-11-20T09:00:00Z"}\n' % mark.encode()
    return content + gzip.compress(line, 1, mtime=0)


def _members(wanted: Wanted) -> int:
    return -(-wanted.records // MEMBER_RECORDS)


def _write(wanted: Wanted) -> None:
    draft = wanted.path.with_suffix(".draft")
    draft.write_bytes(body(wanted.traffic, wanted.number, wanted.records))
    draft.rename(wanted.path)


def _join(wanted: Wanted) -> None:
    draft = wanted.path.with_suffix(".draft")
    with draft.open("wb") as joined:
        for part in range(_members(wanted)):
            number = wanted.number * _members(wanted) + part
            joined.write(Wanted(wanted.traffic, number, MEMBER_RECORDS).path.read_bytes())
    draft.rename(wanted.path)
