"""What `audit.duckdb` holds of names: no more than live files have, and no erased one."""

import duckdb

from raytrail.commands.people import links
from store.store import Store
from tests.factories import SHELL, gzipped, load, login, ndjson, send
from tests.person_store import USER, by, erase

MAIL = "s.rhea@x.example"
SHOUTED = USER.upper()
TABLES = ("known_names", "mapped_names", "name_acts")


def held(store: Store) -> set[str]:
    """Every text of every table of facts about names."""
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        rows = [row for name in TABLES for row in audit.execute(f"FROM shape.{name}").fetchall()]
    return {value for row in rows for value in row if isinstance(value, str)}


def test_an_erased_person_is_in_no_table_of_facts(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER), by(SHOUTED), by("bob"))))
    send(store, gzipped(ndjson(login(Email=MAIL))), "access_requests")
    load(store)
    links.link(store, USER, MAIL)
    links.unlink(store, USER, SHOUTED)
    store.publish(SHELL)
    before = held(store)

    erase(store)
    store.publish(SHELL)

    assert {USER, SHOUTED, MAIL, "bob"} <= before
    assert not [each for each in held(store) if USER in each]
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        names = audit.execute("SELECT name FROM shape.known_names ORDER BY name").fetchall()
        assert names == [(SHOUTED,), ("bob",), (MAIL,)]
        assert audit.execute("FROM shape.mapped_names").fetchall() == []
        assert audit.execute("SELECT name FROM names_of(?)", [MAIL]).fetchall() == [(MAIL,)]
