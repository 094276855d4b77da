"""A random life of a store in which people are erased, and a search for every byte of them.

The search shares no code with the product: it inflates whatever is packed in any file of the data
folder and of the backup, and looks for names and for addresses that nobody else visits.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from store.backup.backup import Backup
from store.backup.restore import restore
from store.erasure.erasure import ErasureResult
from store.erasure.remnants.remnant import RemnantKind
from store.erasure.verification import find_remnants
from store.files.layout import Layout
from store.parquet import part_file
from store.store import Store
from tests import inflated
from tests.counted_users import demand_counted
from tests.factories import SHELL, Clock, compact, gzipped, load, ndjson, send
from tests.person_store import by, everything, try_to_erase
from tests.store.conftest import LIMITS

DAYS = 5
RECORDS_MAX = 60
# Everything that JSON may escape, and one that begins like another.
NAMES = (
    "ann.{}@x.example",
    "zo\xeb.o+k.{}@corp.example",
    "o\"brien<{}>&'co",
    "back\\slash/{}",
    "\u5f20\u4f1f{}",
    "\U0001f600{}",
)


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    # In each of their paths, and in nobody else's.
    secret: str

    @property
    def needles(self) -> set[bytes]:
        spelt = (orjson.dumps(self.name)[1:-1], json.dumps(self.name)[1:-1].encode())
        return {self.name.encode(), self.secret.encode(), *spelt}


def person(chance: random.Random, number: int) -> Person:
    token = f"{chance.getrandbits(48):012x}"
    return Person(NAMES[number % len(NAMES)].format(token), f"secret-of-{token}")


@dataclass(slots=True)
class Life:
    """`store` is the store that lives now; each restore begins a new folder for it."""

    chance: random.Random
    folder: Path
    store: Store
    people: list[Person]
    gone: list[Person] = field(default_factory=list)
    # The rows that there must be, by user.
    rows: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    stores: int = 1
    records: int = 0
    # Whether the backup was made after the last erasure.
    is_backup_new: bool = False

    def step(self) -> None:
        doings = (self.receive, self.receive, self.load, self.merge, self.back_up, self.restore)
        doing = self.chance.choice((*doings, self.erase))
        doing()
        self.steps[doing.__name__] += 1

    def receive(self) -> None:
        """Some people's records of one or two days; some lines are no JSON."""
        count = self.chance.randrange(1, RECORDS_MAX)
        who = self.chance.sample(self.people, self.chance.randint(1, min(4, len(self.people))))
        sent = [self.chance.choice(who) for _ in range(count)]
        body = ndjson(*map(self._record, sent))
        if self.chance.random() < 0.2:
            body += f"no JSON of {self.chance.choice(who).name}\n".encode()
        send(self.store, gzipped(body))
        self.rows.update(each.name for each in sent)
        if self.chance.random() < 0.1:
            send(self.store, gzipped(body[:-1])[:-6])

    def load(self) -> None:
        load(self.store)

    def merge(self) -> None:
        load(self.store)
        self._clock.move(hours=self.chance.choice((0, 2, 30)))
        compact(self.store)

    def back_up(self) -> None:
        Backup.of(self.store, self.folder / "backup").run()
        self.is_backup_new = True

    def restore(self) -> None:
        """Live on in the store of the backup, if that knows all erasures."""
        if not self.is_backup_new:
            return
        self.back_up()
        self.store.catalog.close()
        self.stores += 1
        layout = Layout(self.folder / f"data-{self.stores}")
        restore(self.folder / "backup", layout, self._clock, SHELL)
        self.store = Store.open(layout.root, self._clock, LIMITS)

    def erase(self) -> None:
        """Erase somebody, and look for everybody who was erased."""
        if len(self.people) < 3:
            return
        erased = self.people.pop(self.chance.randrange(len(self.people)))
        outcome = try_to_erase(self.store, erased.name)
        # As the command does: `audit.duckdb` has names.
        self.store.publish(SHELL)
        self.gone.append(erased)
        self.is_backup_new = False
        if isinstance(outcome, ErasureResult):
            self.steps["erased with rows"] += bool(self.rows.pop(erased.name, 0))
        self.look()

    def look(self) -> None:
        told = {each.name: self.told(each) for each in self.gone}
        assert not any(told.values()), f"the receipt names what is left: {told}"
        self.look_into(self.store.layout.root)
        self.back_up()
        self.is_backup_new = True
        self.look_into(self.folder / "backup")
        users = [row.get("user_id") for row in everything(self.store).get("http_requests", [])]
        assert Counter(user for user in users if user is not None) == self.rows
        demand_counted(self.store)

    def told(self, gone: Person) -> set[tuple[RemnantKind, str]]:
        """A damaged body may hide any name; the search below knows whether it does."""
        found = find_remnants(self.store.layout, self.store.catalog, gone.name)
        return {(each.kind, each.path) for each in found if each.kind is not RemnantKind.UNREADABLE}

    def look_into(self, root: Path) -> None:
        """No byte of anybody who was erased is in a file, inflated or not."""
        needles = {needle: each for each in self.gone for needle in each.needles}
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            contents = [path.name.encode(), *inflated.contents(path.read_bytes())]
            found = {needle for needle in needles for content in contents if needle in content}
            assert not found, f"{path.relative_to(root)} has {found}"

    @property
    def _clock(self) -> Clock:
        assert isinstance(self.store.clock, Clock)
        return self.store.clock

    def _record(self, who: Person) -> dict[str, Any]:
        self.records += 1
        ago = timedelta(days=self.chance.randrange(DAYS), seconds=self.chance.randrange(80_000))
        path = f"/{who.secret}/{self.chance.randrange(4)}"
        return by(
            who.name,
            EdgeStartTimestamp=f"{self._clock.now - ago:%Y-%m-%dT%H:%M:%SZ}",
            RayID=f"{self.records:016x}",
            ClientRequestURI=f"{path}?{self.chance.randrange(9)}",
            ClientRequestPath=path,
        )


def live(
    chance: random.Random, folder: Path, store: Store, steps: int, patch: pytest.MonkeyPatch
) -> Life:
    """A third of the life is that of an earlier version, which left texts of no row in files."""
    people = [person(chance, number) for number in range(8 + steps // 4)]
    life = Life(chance, folder, store, people)
    with patch.context() as earlier:
        earlier.setattr(part_file, "used_only", lambda table: table)
        earlier.setattr(Life, "look", lambda _life: None)
        for _ in range(steps // 3):
            life.step()
    for _ in range(steps - steps // 3):
        life.step()
    life.receive()
    life.erase()
    life.store.catalog.close()
    return life
