"""Programs that are broken on purpose. Each must be caught by the check it names.

A fault test that no broken program fails proves nothing: the first one written here injected
nothing at all and passed.
"""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schema.body.envelope import _Gzip
from store.catalog.users import user_days
from store.errors import DiskFailed, NoRoom
from store.files import durable
from store.files.layout import draft_label
from store.files.trouble import size_trouble
from store.intake.dataset_names import Place
from store.intake.draft import Draft, Origin, examine
from store.intake.examination import Examined
from store.intake.intake import Intake
from store.intake.outcome import Receipt
from tests.faults import (
    act_checks,
    checks,
    damage_checks,
    folder_checks,
    line_checks,
    name_checks,
    rebuild_checks,
    watch_checks,
)
from tests.faults.checks import Check

# What a mutant does not change, it does as the program does.
SYNC = durable.sync
STORE = Intake.store


def system() -> Any:
    """The `os` of the durable module, which a check may have replaced."""
    return vars(durable)["os"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """`rows` are those of the matrix that it would break."""

    name: str
    rows: tuple[str, ...]
    breaks: Callable[[pytest.MonkeyPatch], None]
    caught_by: Check


def nothing(*_: Any, **__: Any) -> None:
    """Done by whoever forgot it."""


def _put(
    place: str, stand_in: Callable[..., Any] | property
) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(place, stand_in)


def _link_unsynced(source: Path, target: Path) -> bool:
    with contextlib.suppress(FileExistsError):
        system().link(source, target)
        return True
    return False


def _link_synced_by_the_first_only(source: Path, target: Path) -> bool:
    is_made = _link_unsynced(source, target)
    if is_made:
        durable.sync_folder(target.parent)
    return is_made


def _link_by_rename(source: Path, target: Path) -> bool:
    system().replace(source, target)
    durable.sync_folder(target.parent)
    return True


def _unlink_all(_layout: object, paths: Sequence[Path], _now: object) -> None:
    for path in paths:
        system().unlink(path)


def _make_folder_unsynced(folder: Path) -> None:
    with contextlib.suppress(FileExistsError):
        system().mkdir(folder, mode=durable.FOLDER_MODE)


def _sync_stubbornly(fd: int, what: str) -> None:
    try:
        SYNC(fd, what)
    except DiskFailed:
        SYNC(fd, what)


def _sync_and_say_nothing(fd: int, what: str) -> None:
    with contextlib.suppress(DiskFailed):
        SYNC(fd, what)


@contextlib.contextmanager
def _every_error_is_a_full_disk(what: str) -> Any:
    try:
        yield
    except OSError as error:
        raise NoRoom(f"{what}: {error.strerror}") from error


def _write_once(fd: int, content: bytes) -> None:
    system().write(fd, content)


def _stored_by_its_file(
    self: Intake, draft: Path, examined: Examined, *args: Any, **kwargs: Any
) -> Receipt:
    if (draft.parent / f"{examined.sha256}.gz").exists():
        return Receipt(examined.sha256, examined.body_bytes, True, None)
    return STORE(self, draft, examined, *args, **kwargs)


def _entered_before_it_is_linked(
    self: Intake,
    draft: Path,
    examined: Examined,
    origin: Origin,
    received_at: datetime,
    **_: object,
) -> Receipt:
    target = draft.parent / f"{examined.sha256}.gz"
    facts = self._facts(target, examined, Place(str(origin.dataset)), received_at)
    with self._catalog.write() as connection:
        receipt = self._enter(connection, facts)
    durable.link(draft, target)
    return receipt


def _answered_without_an_entry(
    _self: Intake, draft: Path, examined: Examined, *_: object, **__: object
) -> Receipt:
    durable.link(draft, draft.parent / f"{examined.sha256}.gz")
    return Receipt(examined.sha256, examined.body_bytes, False, None)


def _answered_whatever_the_ledger_says(self: Intake, draft: Path, *args: Any, **kw: Any) -> Receipt:
    try:
        return STORE(self, draft, *args, **kw)
    except DiskFailed:
        raise
    except Exception:  # noqa: BLE001 (that is what is wrong with it)
        return Receipt(args[0].sha256, args[0].body_bytes, False, None)


def _closed_and_gone(self: Draft) -> None:
    """Takes the name away although recovery would have needed it."""
    durable.remove(self.path, synced=False)
    os.close(self._fd)


def _entered_unseen(draft: Path, intake: Intake, limits: Any) -> bool:
    origin = Origin.from_label(draft_label(draft))
    intake.store(draft, examine(draft, limits), origin, datetime(2026, 11, 22))  # noqa: DTZ001
    return True


BEGIN_MEMBER = _Gzip._begin_member


def _first_member_only(self: _Gzip, piece: bytes) -> bytes:
    return b"" if self._members else BEGIN_MEMBER(self, piece)


def _without_rows(columns: Any, _days: Any) -> tuple[str, dict[str, Any]]:
    selected = (f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
    return f"SELECT {', '.join(selected)} WHERE false", {}


def _without_values(columns: Any, days: Any) -> tuple[str, dict[str, Any]]:
    """DuckDB then drops the branch for a condition on any column."""
    selected = (f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
    given = {"sentence": days[0].sentence}
    return f"SELECT {', '.join(selected)} WHERE error($sentence)::VARCHAR IS NULL", given


def _entered_uncounted(_connection: Any, rows: Any) -> list[dict[str, Any]]:
    return [{name: row[name] for name in row if name != user_days.COUNTED} for row in rows]


MUTANTS = (
    Mutant(
        "the folder of a link is not synced",
        ("K4", "K17"),
        _put("store.files.durable.link", _link_unsynced),
        checks.a_power_cut_loses_nothing_acknowledged,
    ),
    Mutant(
        "the loser of a race does not sync the folder",
        ("R3",),
        _put("store.files.durable.link", _link_synced_by_the_first_only),
        checks.every_verb_makes_its_calls_in_order,
    ),
    Mutant(
        "a body is moved to its name, not linked",
        ("K4", "K17"),
        _put("store.files.durable.link", _link_by_rename),
        checks.a_batch_makes_its_calls_in_order,
    ),
    Mutant(
        "a body is not synced",
        ("K2", "K3", "K17"),
        _put("store.intake.draft.durable.sync", nothing),
        checks.a_power_cut_loses_nothing_acknowledged,
    ),
    Mutant(
        "the name of the day's folder is not synced",
        ("K17",),
        _put("store.files.durable.make_folder", _make_folder_unsynced),
        checks.a_power_cut_loses_nothing_acknowledged,
    ),
    Mutant(
        "a part is not synced",
        ("K9", "K17"),
        _put("store.files.hashed_writer.HashedWriter.sync", nothing),
        checks.a_power_cut_while_loading_loses_no_row,
    ),
    Mutant(
        "the folder of a part is not synced",
        ("K9", "K17"),
        _put("store.files.durable.link", _link_unsynced),
        checks.a_power_cut_while_loading_loses_no_row,
    ),
    Mutant(
        "a part has its final name alone before the catalog lists it",
        ("K10", "K17"),
        _put("store.files.durable.link", _link_by_rename),
        checks.a_power_cut_while_loading_loses_no_row,
    ),
    Mutant(
        "a part that the catalog does not know is deleted",
        ("S1",),
        _put("store.sweep.stray.move", _unlink_all),
        checks.an_earlier_catalog_costs_no_part,
    ),
    Mutant(
        "a failed sync is tried again",
        ("D6", "D7"),
        _put("store.files.durable.sync", _sync_stubbornly),
        checks.a_failed_sync_is_final,
    ),
    Mutant(
        "a failed sync is not told",
        ("D6", "D7"),
        _put("store.files.durable.sync", _sync_and_say_nothing),
        checks.a_failed_sync_is_final,
    ),
    Mutant(
        "a failed disk passes for a full one",
        ("D5", "D6", "D7"),
        _put("store.files.durable.disk_errors", _every_error_is_a_full_disk),
        checks.a_failed_sync_is_final,
    ),
    Mutant(
        "a short write passes for a whole one",
        ("D15",),
        _put("store.files.durable.write_all", _write_once),
        checks.short_writes_end_up_whole,
    ),
    Mutant(
        "a file that is there makes a duplicate",
        ("K5",),
        _put("store.intake.intake.Intake.store", _stored_by_its_file),
        checks.a_retry_before_any_recovery_is_stored_once,
    ),
    Mutant(
        "the entry comes before the link",
        ("K3", "K4"),
        _put("store.intake.intake.Intake.store", _entered_before_it_is_linked),
        checks.a_retry_before_any_recovery_is_stored_once,
    ),
    Mutant(
        "the answer comes before the entry",
        ("K5", "K7"),
        _put("store.intake.intake.Intake.store", _answered_without_an_entry),
        checks.a_receipt_is_in_the_ledger,
    ),
    Mutant(
        "the answer comes without an entry when the ledger is busy",
        ("D2",),
        _put("store.intake.intake.Intake.store", _answered_whatever_the_ledger_says),
        checks.a_ledger_that_takes_no_entry_gives_no_receipt,
    ),
    Mutant(
        "drafts of the dead are never swept",
        ("K1", "K2"),
        _put("store.intake.recovery._settle_draft", lambda *_: "alive"),
        checks.what_dead_processes_left_is_swept_and_entered,
    ),
    Mutant(
        "what lies in raw is entered unseen",
        ("K4", "D6"),
        _put("store.intake.recovery._enter", _entered_unseen),
        checks.what_dead_processes_left_is_swept_and_entered,
    ),
    Mutant(
        "raw files without an entry are forgotten",
        ("K4", "K5", "D2"),
        _put("store.intake.recovery.unnamed", lambda *_: []),
        checks.bodies_that_nobody_received_are_moved_away,
    ),
    Mutant(
        "a stored body loses its dataset with its draft",
        ("K5", "D2"),
        _put("store.intake.draft.Draft.close", _closed_and_gone),
        checks.what_was_stored_keeps_its_dataset,
    ),
    Mutant(
        "any folder will do",
        ("F1",),
        _put("store.catalog.agreement.folder_identity.FolderIdentity.demand", nothing),
        folder_checks.nothing_is_taken_into_a_replaced_folder,
    ),
    Mutant(
        "gzip may end anywhere",
        ("B4", "B5", "B6", "B7"),
        _put("schema.body.envelope._Gzip.finish", nothing),
        checks.damage_of_any_bit_is_noticed,
    ),
    Mutant(
        "gzip ends after its first member",
        ("B8",),
        _put("schema.body.envelope._Gzip._begin_member", _first_member_only),
        checks.every_member_is_read,
    ),
    Mutant(
        "damaged bodies pass for whole ones",
        ("B4", "B5", "B6", "B7", "B11"),
        _put("store.intake.quarantine.Quarantine.refuse", lambda *_: True),
        checks.damaged_bodies_leave_nothing,
    ),
    Mutant(
        "a failed write is not told to /health",
        ("D9",),
        _put("receiver.health.receiving.Receiving.failed", nothing),
        watch_checks.a_failed_write_is_seen_until_a_probe_succeeds,
    ),
    Mutant(
        "a probe writes nothing",
        ("D9",),
        _put("store.files.durable.try_out", nothing),
        watch_checks.a_failed_write_is_seen_until_a_probe_succeeds,
    ),
    Mutant(
        "the scrub reads no byte",
        ("D19",),
        _put("store.files.trouble.trouble_of", lambda root, wanted, *_: size_trouble(root, wanted)),
        watch_checks.lost_bits_are_listed,
    ),
    Mutant(
        "the scrub takes every finding for a file that a merge replaced",
        ("D19",),
        _put("store.scrub.scrub.Scrub._is_expected", lambda *_: False),
        watch_checks.lost_bits_are_listed,
    ),
    Mutant(
        "a rebuild takes retired files for live ones",
        ("G1",),
        _put("store.rebuild.file_rows.FileRows._retire", nothing),
        rebuild_checks.a_lost_catalog_is_rebuilt_as_it_was,
    ),
    Mutant(
        "a rebuild replaces the old catalog instead of keeping it",
        ("G1",),
        _put("store.rebuild.placement._move", nothing),
        rebuild_checks.a_lost_catalog_is_rebuilt_as_it_was,
    ),
    Mutant(
        "the conditions of a hold are in the catalog only",
        ("G5",),
        _put("store.ledger.act_files._write", nothing),
        rebuild_checks.a_lost_catalog_is_rebuilt_as_it_was,
    ),
    Mutant(
        "a rebuild without the ledger loads every body that has no rows",
        ("G6", "G7"),
        _put("store.rebuild.lost_ledger.lost_entries.demand_decided", nothing),
        rebuild_checks.without_the_ledger_nothing_removed_comes_back,
    ),
    Mutant(
        "a rebuild does not notice that the ledger ends before the data",
        ("G4",),
        _put("store.rebuild.derivation.Derivation.unnamed", nothing),
        rebuild_checks.without_the_ledger_nothing_removed_comes_back,
    ),
    Mutant(
        "an erasure takes a part of a name for a person",
        ("A2",),
        _put("store.erasure.evidence.knows", lambda _found: True),
        act_checks.an_erasure_takes_only_what_a_person_confirmed,
    ),
    Mutant(
        "an erasure counts nothing, so that nobody is asked",
        ("A3",),
        _put("store.erasure.occurrences.Occurrences.count", property(lambda _self: 0)),
        act_checks.an_erasure_takes_only_what_a_person_confirmed,
    ),
    Mutant(
        "an erasure takes every damaged body",
        ("A4",),
        _put("store.erasure.person_search.BodyMatch.is_found", property(lambda _self: True)),
        act_checks.an_erasure_takes_only_what_a_person_confirmed,
    ),
    Mutant(
        "a hold counts every row of a file that may match",
        ("A6",),
        _put(
            "store.retention.criteria_masks.of_user",
            lambda table, _user, **_: table["user_id"].is_valid(),
        ),
        act_checks.a_hold_says_how_many_rows_it_covers,
    ),
    Mutant(
        "the line of a receipt is not synced",
        ("E2",),
        _put("store.ledger.writer.durable.sync_data", nothing),
        checks.a_power_cut_loses_no_line_of_a_receipt,
    ),
    Mutant(
        "catalog and ledger/ are not compared at the start",
        ("E1",),
        _put("store.catalog.agreement.comparison.agree", nothing),
        checks.a_kill_at_any_call_leaves_a_ledger_to_complete,
    ),
    Mutant(
        "entries that are no receipts do not get into ledger/",
        ("E1",),
        _put("store.catalog.agreement.agreement.Agreement.complete", nothing),
        checks.a_kill_at_any_call_leaves_a_ledger_to_complete,
    ),
    Mutant(
        "bytes of ledger/ that a sync lost are taken for synced",
        ("E5",),
        _put("store.ledger.writer._mark", lambda _: Path("/nowhere/at/all")),
        checks.a_failed_sync_of_the_ledger_gives_no_receipt,
    ),
    Mutant(
        "compaction folds equal lines without an id",
        ("R11",),
        _put(
            "store.compaction.deduplication.has_id", lambda table, _: table["batch_id"].is_valid()
        ),
        line_checks.lines_without_an_id_all_stay,
    ),
    Mutant(
        "a rejected line has the parser's own words as its reason",
        ("L24",),
        _put("schema.decoding.row.reason_of", lambda error, _line: f"not JSON: {error.msg}"),
        line_checks.reasons_are_true,
    ),
    Mutant(
        "records under a name that nobody knows are not looked at",
        ("R12",),
        _put("store.loading.body_start.likely_dataset", nothing),
        line_checks.misdirected_lines_are_told_of_and_move_once,
    ),
    Mutant(
        "a batch moves to a dataset that has its lines already",
        ("R12",),
        _put("store.replay.moved_batches.held", lambda *_: {}),
        line_checks.misdirected_lines_are_told_of_and_move_once,
    ),
    Mutant(
        "a damaged day is a day without rows",
        ("P2",),
        _put("store.reading.damaged_days.with_damaged", _without_rows),
        damage_checks.no_answer_is_short,
    ),
    Mutant(
        "rows of a damaged day have no value but their time",
        ("P2",),
        _put("store.reading.damaged_days.with_damaged", _without_values),
        damage_checks.no_answer_is_short,
    ),
    Mutant(
        "a damaged file is made again with whatever rows are missing",
        ("P6",),
        _put("store.replay.linked_batches.BatchLocations.are_gaps_explained", lambda _self: True),
        damage_checks.removed_rows_do_not_come_back,
    ),
    Mutant(
        "a file that may not be read is damaged",
        ("P4",),
        _put("store.files.trouble.Trouble.is_damage", property(lambda _self: True)),
        damage_checks.a_part_without_permission_is_not_damaged,
    ),
    Mutant(
        "an escaped name is another name",
        ("N1",),
        _put("store.erasure.json_text.Unescaper.feed", lambda _self, piece: piece),
        name_checks.a_name_is_found_however_it_is_written,
    ),
    Mutant(
        "a writer of files forgets to count their users",
        ("G1",),
        _put("store.catalog.users.user_days.enter_all", _entered_uncounted),
        rebuild_checks.a_lost_catalog_is_rebuilt_as_it_was,
    ),
    Mutant(
        "text in UTF-16 counts as searched",
        ("N2",),
        _put("store.erasure.foreign_text.ForeignText.watched", lambda _self, pieces: pieces),
        name_checks.a_name_is_found_however_it_is_written,
    ),
    Mutant(
        "names are one name only if they are equal",
        ("N3", "N4"),
        _put("store.names.folded", lambda name: name),
        name_checks.other_spellings_are_named_and_held,
    ),
    Mutant(
        "a hold keeps its own spelling only",
        ("N4",),
        _put("store.retention.criteria_masks.names.other_spellings", lambda *_: []),
        name_checks.other_spellings_are_named_and_held,
    ),
)
