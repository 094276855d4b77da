"""A model of a few dictionaries that follows a real store through random operations and deaths."""

import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import select

from store import timestamps
from store.catalog import ledger
from store.catalog.scope import Scope
from store.catalog.tables import batches
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.lifetimes import cutoff
from store.rebuild.lost_ledger.decisions import ALL, Decisions
from store.store import Store
from tests import catalog_tables, factories
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, Clock, send
from tests.system import operations
from tests.system.operations import Line

LIMITS = IntakeLimits(reserve=NO_RESERVE)
USERS = ("ada", "bob", "cleo", None)
DAYS = ("2026-11-19", "2026-11-20", "2026-11-21")
# An upload makes some fifteen durable calls, a merge some thirty.
CALLS_MAX = 40
# A retention of a small store makes no more calls than this. A smaller number makes deaths likelier.
RETENTION_CALLS_MAX = 6
# A rebuild that keeps no old catalog makes some fifteen.
REBUILD_CALLS_MAX = 15

lines = st.lists(
    st.tuples(st.sampled_from(USERS), st.sampled_from(DAYS), st.integers(0, 5)),
    min_size=1,
    max_size=6,
)
calls = st.integers(1, CALLS_MAX)


class Life(RuleBasedStateMachine):
    """The life of one store. `steps` counts over all lives of a run."""

    steps: Counter[str]
    patch: pytest.MonkeyPatch

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.clock = Clock()
        self.store = Store.create(Path(self.folder.name) / "data", self.clock, LIMITS)
        # The lines of each acknowledged batch: the user and the day of each.
        self.sent: dict[str, list[tuple[str | None, str]]] = {}
        # Lines that retention or an erasure removed.
        self.gone: set[Line] = set()
        # Persons whose records are not loaded any more.
        self.kept_out: set[str] = set()
        self.bodies: list[bytes] = []
        self.older_catalog = b""

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.store.catalog.close()
            self.folder.cleanup()

    @rule(told=lines)
    def receive(self, told: list[tuple[str | None, str, int]]) -> None:
        self.steps["receive"] += 1
        self._acknowledge(operations.body(told), [(user, day) for user, day, _ in told])

    @precondition(lambda self: self.bodies)
    @rule(data=st.data())
    def receive_again(self, data: st.DataObject) -> None:
        self.steps["resend"] += 1
        again = send(self.store, data.draw(st.sampled_from(self.bodies)))
        assert isinstance(again, Receipt)
        assert again.is_duplicate

    @rule(told=lines, call=calls)
    def die_while_receiving(self, told: list[tuple[str | None, str, int]], call: int) -> None:
        body = operations.body(told)
        self._die("receiving", call, lambda: send(self.store, body))
        # The sender repeats it, whether or not it was stored.
        self._acknowledge(body, [(user, day) for user, day, _ in told])

    @rule()
    def load(self) -> None:
        self.steps["load"] += 1
        factories.load(self.store)

    @rule(call=calls)
    def die_while_loading(self, call: int) -> None:
        self._die("loading", call, lambda: factories.load(self.store))

    @rule()
    def compact(self) -> None:
        self.steps["compact"] += 1
        self.clock.move(hours=2)  # Compaction waits so long for late rows.
        factories.compact(self.store)

    @rule(call=calls)
    def die_while_compacting(self, call: int) -> None:
        self.clock.move(hours=2)
        self._die("compacting", call, lambda: factories.compact(self.store))

    @rule(days=st.integers(1, 9))
    def retain(self, days: int) -> None:
        self.steps["retain"] += 1
        outlived = self._outlived(days)
        operations.retain(self.store, days)
        self.gone |= outlived

    @precondition(lambda self: self._outlived(1) - self.gone)
    @rule(days=st.integers(1, 3), call=st.integers(1, RETENTION_CALLS_MAX))
    def die_while_retaining(self, days: int, call: int) -> None:
        outlived, before = self._outlived(days), operations.entries(self.store, "retired")
        self._die("retaining", call, lambda: operations.retain(self.store, days))
        if operations.entries(self.store, "retired") > before:
            self.gone |= outlived

    @rule(user=st.sampled_from(USERS[:3]))
    def erase(self, user: str) -> None:
        self.steps["erase"] += 1
        before = operations.entries(self.store, "erased")
        operations.erase(self.store, user)
        self._note_erased(user, before)

    @rule(user=st.sampled_from(USERS[:3]), call=calls)
    def die_while_erasing(self, user: str, call: int) -> None:
        before = operations.entries(self.store, "erased")
        self._die("erasing", call, lambda: operations.erase(self.store, user))
        self._note_erased(user, before)

    @rule(doing=st.sampled_from(operations.OTHERS))
    def do_something_else(self, doing: Callable[[Store], None]) -> None:
        """Something that changes no row."""
        self.steps[doing.__name__] += 1
        doing(self.store)

    @rule(losing=st.sampled_from((*operations.LOSSES, None)))
    def lose_the_catalog(self, losing: Callable[[Store], None] | None) -> None:
        """None puts back a copy that was made at the time of an earlier loss."""
        older = self.older_catalog
        self.older_catalog = operations.catalog_of(self.store)
        if losing is not None:
            self.steps[f"catalog lost: {losing.__name__}"] += 1
            self._lose(losing)
        elif older:
            self.steps["catalog rolled back"] += 1
            self._lose(lambda store: catalog_tables.put_back(store, older))

    @precondition(lambda self: operations.has_every_body(self.store) and not self.kept_out)
    @rule()
    def lose_the_catalog_and_the_ledger(self) -> None:
        """Files and bodies that wait for removal are removed first: nothing on disk tells of it."""
        self.steps["catalog and ledger lost"] += 1
        self._restart()
        self.clock.move(hours=2)
        operations.remove_retired(self.store)
        waiting = operations.waiting(self.store)
        self.store.catalog.close()
        catalog_tables.delete(self.store)
        catalog_tables.delete_ledger(self.store)
        done = operations.rebuild(self.store, Decisions(enter=waiting, leave_out=[ALL]))
        assert not done.duplicates
        self.older_catalog = b""
        self._restart()
        assert not operations.findings(self.store)

    @rule(call=st.integers(1, REBUILD_CALLS_MAX))
    def die_while_rebuilding(self, call: int) -> None:
        before = catalog_tables.tables(self.store.layout.root)
        self.store.catalog.close()
        catalog_tables.delete(self.store)
        self.steps["death while rebuilding"] += 1
        with dying(self.patch, Dying(call)), contextlib.suppress(Killed):
            operations.rebuild(self.store)
        operations.rebuild(self.store)
        assert catalog_tables.tables(self.store.layout.root) == before
        self._restart()

    @rule()
    def restart(self) -> None:
        self.steps["restart"] += 1
        self._restart()

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        """Let days end, and remove retired files."""
        self.steps["wait"] += 1
        self.clock.move(hours=hours)
        self.store.loader().tidy()

    @rule(user=st.sampled_from(USERS[:3]))
    def ask(self, user: str) -> None:
        """The files chosen for one person hold all their rows."""
        self.steps["ask"] += 1
        scope = Scope(dataset="http_requests", users=(user,))
        narrowed = [row for row in self.rows(scope) if row["user_id"] == user]
        whole = [row for row in self.rows() if row["user_id"] == user]
        assert operations.keys(narrowed) == operations.keys(whole)

    @invariant()
    def every_loaded_line_is_there_once_and_no_other(self) -> None:
        if not hasattr(self, "folder"):
            return
        with self.store.catalog.read() as connection:
            query = select(batches.c.batch_id).where(batches.c.state == "loaded")
            loaded = set(connection.scalars(query))
            assert all(entry.is_sound() for entry in ledger.walk(connection))
        expected = {
            (batch_id, place): user
            for batch_id in loaded
            for place, (user, _) in enumerate(self.sent.get(batch_id, []), 1)
            if (batch_id, place) not in self.gone
        }
        rows = self.rows()
        found = Counter(line for row in rows for line in operations.lines_of(row))
        assert found == Counter(expected.keys())
        assert all(
            expected[line] == row["user_id"] for row in rows for line in operations.lines_of(row)
        )

    def _acknowledge(self, body: bytes, told: list[tuple[str | None, str]]) -> None:
        receipt = send(self.store, body)
        assert isinstance(receipt, Receipt)
        if not receipt.is_duplicate or receipt.batch_id not in self.sent:
            self.sent[receipt.batch_id] = told
            self.bodies.append(body)
            for user in self.kept_out:
                self.gone |= self._lines_of_user(user)

    def _outlived(self, days: int) -> set[Line]:
        """The day of a line counts; its receipt counts where that day is too far in the past."""
        before = cutoff(self.clock(), days)
        assert before is not None
        with self.store.catalog.read() as connection:
            query = select(batches.c.batch_id, batches.c.received_at)
            found = connection.execute(query.where(batches.c.state == "loaded")).all()
        return {
            (batch_id, place)
            for batch_id, received in found
            for place, (_, day) in enumerate(self.sent.get(batch_id, []), 1)
            if operations.moment_of(day, timestamps.from_text(received)) < before
        }

    def _note_erased(self, user: str, before: int) -> None:
        """If there is a receipt, nothing of this person comes back."""
        if operations.entries(self.store, "erased") > before:
            self.gone |= self._lines_of_user(user)
            self.kept_out.add(user)

    def _lines_of_user(self, user: str) -> set[Line]:
        """Of everything received so far: an erasure loads the batches that wait."""
        return {
            (batch_id, place)
            for batch_id, told in self.sent.items()
            for place, (whose, _) in enumerate(told, 1)
            if whose == user
        }

    def _die(self, doing: str, call: int, work: Callable[[], Any]) -> None:
        """Work, die at this call if it is reached, and start again."""
        with dying(self.patch, Dying(call)):
            try:
                work()
            except Killed:
                died = True
            else:
                died = False
        self.steps[f"death while {doing}" if died else f"narrow escape while {doing}"] += 1
        if died:
            self._restart()

    def _restart(self) -> None:
        self.store.catalog.close()
        self.store = Store.open(self.store.layout.root, self.clock, LIMITS)
        self.store.recover()
        self.store.loader().sweep()
        with self.store.file_swap().locked() as has_lock:
            assert has_lock

    def _lose(self, losing: Callable[[Store], None]) -> None:
        """Lose the catalog, rebuild it, and compare it with the lost one."""
        before = catalog_tables.tables(self.store.layout.root)
        self.store.catalog.close()
        losing(self.store)
        assert operations.rebuild(self.store).is_whole
        after = catalog_tables.tables(self.store.layout.root)
        for table, rows in before.items():
            assert after[table] == rows, table
        self._restart()
        assert not operations.findings(self.store)

    def rows(self, scope: Scope | None = None) -> list[dict[str, Any]]:
        return operations.rows(self.store, scope)
