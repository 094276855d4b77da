"""`raytrail people link` and `unlink`: enter that two names are, or are not, one person's."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from queries.identity.person import PersonName
from queries.identity.person_words import quoted
from queries.shell_content import SHELL_CONTENT
from raytrail.commands.plurals import counted
from raytrail.commands.questions.asked import find_person
from store.erasure import unpurged
from store.errors import NoRoom
from store.registers.identity import name_pairs
from store.registers.identity.name_pairs import demand_names
from store.store import Store


@dataclass(frozen=True, slots=True)
class Said:
    """What the register says now of two names, each with its rows in the store."""

    names: tuple[PersonName, PersonName]
    is_same: bool
    # Whether the register said so before, so that nothing was entered.
    is_old: bool


def link(store: Store, name: str, other: str) -> Said:
    """LinkRefused for two names that cannot be two."""
    demand_names(name, other)
    with store.catalog.write() as connection:
        before = name_pairs.of(connection).said_of(name, other)
        is_old = before is not None and before.is_same
        if not is_old:
            name_pairs.link(connection, store.layout, store.clock(), name, other)
    return Said(_counted(store, name, other), is_same=True, is_old=is_old)


def unlink(store: Store, name: str, other: str) -> Said:
    """LinkRefused for two names that cannot be two."""
    demand_names(name, other)
    is_noted = unpurged.is_of_anybody(store.catalog)
    with store.catalog.write() as connection:
        before = name_pairs.of(connection).said_of(name, other)
        is_old = before is not None and not before.is_same
        if not is_old:
            name_pairs.unlink(connection, store.layout, store.clock(), name, other)
        if before is not None and before.is_same and not is_noted:
            # The catalog has the deleted names until the next erasure of anybody rewrites it.
            unpurged.note_anybody(connection)
    return Said(_counted(store, name, other), is_same=False, is_old=is_old)


def publish(store: Store, said: Said) -> None:
    """Tell the DuckDB shell, too. The person's command has succeeded already."""
    if not said.is_old and store.layout.audit.exists():
        with suppress(NoRoom):
            store.publish_unless_loading(SHELL_CONTENT)


def as_object(said: Said) -> dict[str, Any]:
    return {
        "names": [
            {"name": each.name, "requests": each.requests, "logins": each.logins}
            for each in said.names
        ],
        "is_one_person": said.is_same,
        "is_new": not said.is_old,
    }


def lines(said: Said) -> Iterator[str]:
    one, other = (quoted(each.name) for each in said.names)
    verb = "are one person's" if said.is_same else "are not one person's"
    yield f"{one} and {other} {verb}{', as was said before' if said.is_old else ''}"
    for each in said.names:
        rows = f"{counted(each.requests, 'request')}, {counted(each.logins, 'login')}"
        hint = "" if each.requests or each.logins else "; check the spelling"
        yield f"    {quoted(each.name)}: {rows}{hint}"


def _counted(store: Store, *names: str) -> tuple[PersonName, PersonName]:
    first, second = (find_person(store.layout, name, ()).names[0] for name in names)
    return first, second
