"""Which of the finished files on disk are live, where no ledger entry tells.

| a file                                                   | is                                |
|----------------------------------------------------------|-----------------------------------|
| is named as merged in the footer of a chosen file        | replaced                          |
| has only lines that newer files have                     | replaced                          |
| has its unfinished name, and what it was made of is here | not committed                     |
| shares some lines with a newer file, none names the other | disputed: left out and reported   |
| any other                                                | live                              |

Newer files are looked at first. Every line of a replaced file is in another file or in a raw body,
or its owner removed it; a disputed file is moved to `stray/`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from store.files.layout import OTHER_DAY
from store.loading.event_days import EventDays
from store.rebuild.lost_ledger.file_lines import FoundFile
from store.replay.batch_rows import BatchKey


@dataclass(slots=True)
class LiveChoice:
    """`rows` and `rejected` have the lines of each batch in live files, as bits of a number.
    `waiting` are batches of parts that were not committed.
    """

    live: list[FoundFile] = field(default_factory=list)
    replaced: list[FoundFile] = field(default_factory=list)
    disputed: list[FoundFile] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    waiting: set[BatchKey] = field(default_factory=set)
    rows: dict[BatchKey, int] = field(default_factory=lambda: defaultdict(int))
    rejected: dict[BatchKey, int] = field(default_factory=lambda: defaultdict(int))

    def lines(self, key: BatchKey) -> int:
        return self.rows.get(key, 0) | self.rejected.get(key, 0)

    def received(self) -> dict[BatchKey, datetime]:
        """When each batch with a line in a live file was received."""
        found: dict[BatchKey, datetime] = {}
        for file in self.live:
            found |= file.received
        for file in self.live:
            # Every line of such a batch was folded into rows of other batches.
            earliest = min(file.received.values())
            found |= dict.fromkeys(file.lines.keys() - found.keys(), earliest)
        return found

    def fetched(self) -> set[BatchKey]:
        """Batches with rows in the folder of a day that is too old for what Logpush sent."""
        found = set[BatchKey]()
        for file in self.live:
            label = file.facts["day"]
            if file.is_rejected or label == OTHER_DAY or len(label) != len("2026-11-22"):
                continue
            for key, received_at in file.received.items():
                oldest = EventDays.received(received_at, is_fetched=False).oldest
                found |= {key} if date.fromisoformat(label) < oldest else set()
        return found


def choose(
    found: Iterable[FoundFile], known: Collection[str], bodies: Collection[str]
) -> LiveChoice:
    """`known` are paths that known entries call live; `bodies` are the ids of raw bodies on disk."""
    files = sorted(found, key=lambda file: file.order, reverse=True)
    on_disk = {file.path for file in files}
    choice, merged = LiveChoice(), set[str]()
    for file in files:
        if file.path in merged:
            # What it was made of is replaced as well, though the newest file does not name it.
            merged |= set(file.lineage.merged)
            choice.replaced.append(file)
        elif file.path not in known and _is_uncommitted(file, on_disk, bodies):
            choice.replaced.append(file)
            choice.waiting |= set() if file.lineage.merged else set(file.lines)
        else:
            _take(choice, file, merged)
    return choice


def _take(choice: LiveChoice, file: FoundFile, merged: set[str]) -> None:
    shared = {key: bits & choice.lines(key) for key, bits in file.lines.items()}
    doubled = _count(shared)
    if not doubled:
        merged |= set(file.lineage.merged)
        choice.live.append(file)
        held = choice.rejected if file.is_rejected else choice.rows
        for key, bits in file.lines.items():
            held[key] |= bits
        return
    single = _count(file.lines) - doubled
    if not single:
        choice.replaced.append(file)
    else:
        choice.disputed.append(file)
        choice.duplicates.append(
            f"{file.path}: {doubled:,} of its lines are in newer files as well; it was moved to"
            f" stray/, with {single:,} lines that no other file has"
        )


def _is_uncommitted(file: FoundFile, on_disk: Collection[str], bodies: Collection[str]) -> bool:
    if not file.has_unfinished_name:
        return False
    if file.lineage.merged:
        return all(path in on_disk for path in file.lineage.merged)
    return all(key.batch_id in bodies for key in file.lines)


def _count(lines: Mapping[BatchKey, int]) -> int:
    return sum(bits.bit_count() for bits in lines.values())


def parts_by_name(files: Sequence[FoundFile]) -> dict[str, list[FoundFile]]:
    """The parts of one load have one name, each in the folder of its dataset and day."""
    found: dict[str, list[FoundFile]] = defaultdict(list)
    for file in files:
        found[file.path.rpartition("/")[2]].append(file)
    return found
