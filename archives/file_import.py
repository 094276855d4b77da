"""Imports one archived file as batches: whole, or split where it is too large for one body."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePosixPath

from archives import body_splitter
from archives.archive import Archive
from archives.file_start import FileStart, look_at, unpacked
from schema.dataset_names import is_known
from schema.errors import BodyDamaged, BodyUnreadable
from schema.unknown_dataset import UNKNOWN
from store.errors import ArchiveRefused, BodyTooLarge
from store.intake.draft import Origin
from store.intake.fresh_bodies import FreshBodies
from store.intake.outcome import Outcome, Receipt, Refused, TrialUpload
from store.registers.fetches import ArchivedObject
from store.store import Store


@dataclass(slots=True)
class FileResult:
    """The result of one file. `damage` says why not all of it is in the store."""

    found: ArchivedObject
    batch_ids: list[str] = field(default_factory=list)
    new_batch_ids: list[str] = field(default_factory=list)
    duplicates: int = 0
    trials: int = 0
    body_bytes: int = 0
    is_cut: bool = False
    damage: str = ""

    def add(self, outcome: Outcome) -> None:
        match outcome:
            case Receipt():
                self.batch_ids.append(outcome.batch_id)
                if not outcome.is_duplicate:
                    self.new_batch_ids.append(outcome.batch_id)
                self.duplicates += outcome.is_duplicate
                self.body_bytes += outcome.body_bytes
                self.damage = self.damage or outcome.unread_reason or ""
            case TrialUpload():
                self.trials += 1
            case Refused():
                self.damage = self.damage or outcome.reason


class FileImporter:
    """`import_file` may be called by several threads at once."""

    def __init__(self, store: Store, dataset: str | None, fresh: FreshBodies | None) -> None:
        self._fresh = fresh
        self._store = store
        self._dataset = dataset
        self._intake = store.intake()
        self._names = frozenset(store.status().datasets) - {UNKNOWN}

    def import_file(self, archive: Archive, found: ArchivedObject) -> FileResult:
        """Store the file durably. Damage is reported in the result, not raised."""
        result = FileResult(found)
        dataset = self._dataset or dataset_in(found.path, self._names)
        try:
            if not self._import_whole(archive, result, dataset):
                result.is_cut = True
                limits = self._store.limits
                size = body_splitter.body_bytes(
                    min(limits.body_bytes_max, limits.envelope.inflated_bytes_max)
                )
                _, pieces = _opened(archive, found)
                for body in body_splitter.bodies(pieces, size):
                    result.add(self._take([body], dataset, len(body)))
        except (ArchiveRefused, BodyDamaged, BodyUnreadable, BodyTooLarge) as error:
            result.damage = str(error)
        return result

    def _import_whole(self, archive: Archive, result: FileResult, dataset: str | None) -> bool:
        """False where the file exceeds a limit for one body; then nothing of it is stored."""
        found = result.found
        if found.bytes > self._store.limits.body_bytes_max:
            return False
        try:
            start, pieces = _opened(archive, found)
            # Storage may have unpacked the file and kept its name.
            claims_gzip = found.path.endswith(".gz") and not start.has_records
            result.add(self._take(pieces, dataset, found.bytes, claims_gzip=claims_gzip))
        except (BodyTooLarge, BodyUnreadable):
            return False
        return True

    def _take(
        self,
        pieces: Iterable[bytes],
        dataset: str | None,
        size: int,
        *,
        claims_gzip: bool = True,
    ) -> Outcome:
        return self._intake.take(
            pieces,
            Origin(dataset, is_fetched=True),
            claims_gzip=claims_gzip,
            declared_bytes=size,
            fresh=self._fresh,
        )


def _opened(archive: Archive, found: ArchivedObject) -> tuple[FileStart, Iterator[bytes]]:
    """What a file is, and its bytes in pieces, as plain text or with one layer of gzip."""
    pieces = archive.read(found)
    first = next(pieces, b"")
    start = look_at(first)
    return start, unpacked(chain((first,), pieces), max(start.gzip_layers - 1, 0))


def dataset_in(path: str, names: Container[str] = frozenset()) -> str | None:
    """The dataset that a folder of the path is named after, as in the paths of Logpush.

    A folder counts if Cloudflare has a dataset of that name, or it is one of `names`: those of the
    datasets that the store holds. Otherwise `archive` and `20261120` would be datasets.
    """
    # Hive calls a folder `dataset=http_requests`.
    folders = [name.rpartition("=")[2] for name in PurePosixPath(path).parent.parts]
    known = (name for name in reversed(folders) if is_known(name) or name in names)
    return next(known, None)
