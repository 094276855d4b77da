"""What `audit.duckdb` holds of names: no more than live files have, and no erased one."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from queries.analyst import analyst_sql
from queries.engine import open_engine
from queries.shell_content import Told
from raytrail.commands.people import links
from raytrail.settings import Settings
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


def test_the_settings_tell_names_and_hosts_in_the_shell_and_in_raytrail_sql(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"{USER},{MAIL}\n", encoding="utf-8")
    monkeypatch.setenv("RAYTRAIL_PEOPLE", str(people))
    monkeypatch.setenv("RAYTRAIL_ACCESS_HOSTS", "jira.widgetcorp.example")
    settings = Settings.read()
    send(store, gzipped(ndjson(by(USER))))
    send(store, gzipped(ndjson(login(Email=MAIL))), "access_requests")
    load(store)
    told = replace(store, shell=settings.shell_options())
    question = "SELECT user_id, identity FROM trail(?)"

    snapshot = told.publish(SHELL)

    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        assert audit.execute(question, [MAIL]).fetchall() == [(USER, "access")]
    with open_engine(snapshot, told=Told(settings.shell_facts())) as engine:
        statement = question.replace("?", f"'{MAIL}'")
        assert list(analyst_sql(engine, statement).rows) == [(USER, "access")]

    people.write_text("one name alone\n", encoding="utf-8")
    told.publish(SHELL)
    with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
        assert audit.execute(question, [MAIL]).fetchall() == []
        assert audit.execute(question, [USER]).fetchall() == [(USER, "access")]
