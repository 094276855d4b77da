"""What every catalog promises, on SQLite and on PostgreSQL alike."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from store import timestamps
from store.catalog import counts, ledger, migration, read_only
from store.catalog.chain import breaks
from store.catalog.databases.reading import Statement
from store.catalog.register_tables import coverage
from store.catalog.scope import Scope
from store.catalog.tables import batches, files
from store.database import Database
from store.errors import StoreUnavailable
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.reading.silences import Silence, silences
from store.registers import fetches
from store.registers.fetches import Kind, Source, Span
from store.store import Store
from tests.factories import NO_RESERVE, NOW, Clock, compact, gzipped, load, ndjson, record, send

LIMITS = IntakeLimits(reserve=NO_RESERVE)
NEWEST = Statement("store.catalog.sql", "newest_entry")

Made = Callable[[], Layout]


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """Makes the layout of a new store, whose catalog is in its folder or on a server."""

    def make() -> Layout:
        root = tmp_path / f"data-{len(list(tmp_path.iterdir()))}"
        root.mkdir()
        if request.param == "sqlite":
            return Layout(root)
        return Layout(root, Database.parse(request.getfixturevalue("postgresql").new()))

    return make


@pytest.fixture
def kept(made: Made) -> Iterator[Store]:
    with Store.create(made(), Clock(), LIMITS) as opened:
        yield opened


def body(*users: str, **changes: object) -> bytes:
    return gzipped(
        ndjson(
            *(
                record(RequestHeaders={"cf-access-user": user}, RayID=f"{place:016x}", **changes)
                for place, user in enumerate(users)
            )
        )
    )


def received(store: Store, sent: bytes) -> Receipt:
    outcome = send(store, sent)
    assert isinstance(outcome, Receipt)
    return outcome


def users_of(store: Store, user: str) -> int:
    """How many files a question about one person opens."""
    scope = Scope(dataset="http_requests", users=(user,))
    return len(store.snapshot(scope).files.get("http_requests", ()))


def test_a_batch_is_received_loaded_and_found(kept: Store) -> None:
    receipt = received(kept, body("srhea"))
    load(kept)

    assert not receipt.is_duplicate
    assert kept.status().batches == kept.status().files == 1
    assert (users_of(kept, "srhea"), users_of(kept, "somebody")) == (1, 0)


def test_the_same_lines_are_entered_once(kept: Store) -> None:
    send(kept, body("srhea"))

    assert received(kept, body("srhea")).is_duplicate
    assert kept.status().datasets["http_requests"].resends == 1


def test_a_store_opens_again_with_what_it_had(made: Made) -> None:
    layout = made()
    with Store.create(layout, Clock(), LIMITS) as first:
        send(first, body("srhea"))
        load(first)
        before = first.status()
    with Store.open(layout, Clock(), LIMITS) as again, again.catalog.read() as connection:
        assert again.status() == before
        assert not migration.is_needed(connection, "here")
        assert counts.read(connection) == counts.scan(connection)


def test_writers_wait_for_one_another_and_the_chain_has_no_fork(kept: Store) -> None:
    def write() -> None:
        for _ in range(20):
            with kept.catalog.write() as connection:
                ledger.append(connection, "token", NOW, {})

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with kept.catalog.read() as connection:
        assert ledger.sequence(connection) == 160
        assert list(breaks(connection)) == []


def test_a_view_stays_as_it_was_when_it_began(kept: Store) -> None:
    with kept.catalog.read() as connection, read_only.opened(kept.layout) as reading:
        assert ledger.sequence(connection) == reading.execute(NEWEST).fetchone()[0] == 0
        with kept.catalog.write() as writer:
            ledger.append(writer, "token", NOW, {})

        assert ledger.sequence(connection) == reading.execute(NEWEST).fetchone()[0] == 0
    with kept.catalog.read() as connection:
        assert ledger.sequence(connection) == 1


def test_what_is_not_committed_is_gone(kept: Store) -> None:
    def broken() -> None:
        with kept.catalog.write() as connection:
            ledger.append(connection, "token", NOW, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with kept.catalog.read() as connection:
        assert ledger.sequence(connection) == 0


# Names that a database may compare by the rules of a language, and that bytes order otherwise.
ODD = ("a b", "a-b", "Ab", "aB", "äb", "b", "B", "~", "Ω", "\U0001f600", "a\x00b", "a\x01b", "a")


@pytest.mark.parametrize("user", ODD)
def test_a_person_of_any_name_is_found_in_the_files_that_have_it(kept: Store, user: str) -> None:
    """The range of users of a part is compared by the database."""
    send(kept, body(*ODD))
    load(kept)
    with kept.catalog.write() as connection:
        # As an older version left it: nothing but the range tells who is in the file.
        connection.execute(files.update().values(users_number=None))

    assert users_of(kept, user) == 1


def test_a_name_outside_of_the_range_of_a_file_opens_none(kept: Store) -> None:
    send(kept, body("b", "c"))
    load(kept)
    with kept.catalog.write() as connection:
        connection.execute(files.update().values(users_number=None))

    assert [users_of(kept, user) for user in ("a", "B", "b", "bb", "c", "ca", "Z")] == [
        *(0, 0, 1, 1, 1),
        *(0, 0),
    ]


def test_long_texts_cost_no_batch(kept: Store) -> None:
    name = "n" * 5_000
    send(kept, body(name, ClientRequestHost="h" * 3_000))
    load(kept)
    compact(kept)

    assert users_of(kept, name) == 1
    assert kept.status().datasets["http_requests"].unread_batches == 0


def test_a_text_is_kept_as_it_is(kept: Store) -> None:
    """Longer than its column is declared, and with what PostgreSQL refuses."""
    texts = ["", "\x00", "\x01", "\x00\x01\x00", "a\x01\x01b\x01\x02", "x" * 1_000, "it's 100 %"]
    with kept.catalog.write() as connection:
        send_as = [_batch(place, text) for place, text in enumerate(texts, start=1)]
        for place in range(len(texts)):
            ledger.append(connection, "token", NOW, {"place": place})
        connection.execute(insert(batches), send_as)
    with kept.catalog.read() as connection:
        found = connection.scalars(select(batches.c.sent_as).order_by(batches.c.sequence)).all()
        by_text = {
            text: connection.scalar(select(batches.c.sequence).where(batches.c.sent_as == text))
            for text in texts
        }
        in_order = connection.scalars(select(batches.c.sent_as).order_by(batches.c.sent_as)).all()

    assert found == texts
    assert by_text == {text: place for place, text in enumerate(texts, start=1)}
    assert in_order == sorted(texts)


def test_texts_are_in_the_order_of_their_bytes(kept: Store) -> None:
    """In the order of a language `~` comes before digits, and a range misses what lies in it."""
    with kept.catalog.write() as connection:
        for place in range(len(ODD)):
            ledger.append(connection, "token", NOW, {"place": place})
        rows = [_batch(place, text) for place, text in enumerate(ODD, start=1)]
        connection.execute(insert(batches), rows)
    text = batches.c.sent_as
    with kept.catalog.read() as connection:
        in_order = connection.scalars(select(text).order_by(text)).all()
        between = set(connection.scalars(select(text).where(text.between("a", "b"))))

    assert in_order == sorted(ODD)
    assert between == {each for each in ODD if "a" <= each <= "b"}


def test_every_known_hour_is_told_for_a_period_without_ends(kept: Store) -> None:
    hour = datetime.fromisoformat("2026-11-20T07:00:00")
    with kept.catalog.write() as connection:
        ledger.append(connection, "token", NOW, {})
        row = {"job": 1, "hour": timestamps.to_text(hour), "dataset": "http_requests"}
        told = {"state": "complete", "missing": None, "why": "", "counted": 1, "sequence": 1}
        connection.execute(insert(coverage), {**row, **told})

    known = kept.snapshot(Scope(dataset="http_requests")).coverage
    assert [each.hour for each in known.hours] == [hour]


def _batch(sequence: int, text: str) -> dict[str, object]:
    return {
        "sequence": sequence,
        "batch_id": "b",
        "dataset": "http_requests",
        "content": str(sequence),
        "body_bytes": 1,
        "received_at": "2026-11-20T00:00:00Z",
        "raw_path": "raw/b",
        "state": "unread",
        "attempts": 0,
        "sent_as": text,
    }


def test_a_fetch_is_found_by_a_member_of_its_entry_beside_one_with_a_nul(kept: Store) -> None:
    source = Source(Kind.PULL, {"account": "a"})
    told = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-20T01:00:00Z", "is_next": True}
    with kept.catalog.write() as connection:
        ledger.append(connection, "pulled", NOW, {**told, "account": "a", "dataset": "d"})
        ledger.append(connection, "pulled", NOW, {**told, "account": "b\x00", "dataset": "d"})
        ledger.append(connection, "pulled", NOW, {**told, "account": "c", "is_next": False})

    [span] = fetches.spans(kept.catalog, source)
    assert isinstance(span, Span)
    assert fetches.position(kept.catalog, source) == span.until
    assert fetches.position(kept.catalog, Source(Kind.PULL, {"account": "c"})) is None


def test_merged_files_are_found_by_the_list_of_people(kept: Store) -> None:
    for user in ("ada", "bob"):
        send(kept, body(user, ClientIP=f"192.0.2.{len(user)}"))
        load(kept)
    compact(kept)

    assert users_of(kept, "ada") == 1
    assert users_of(kept, "cleo") == 0


def test_a_catalog_for_another_folder_is_refused(made: Made, tmp_path: Path) -> None:
    layout = made()
    with Store.create(layout, Clock(), LIMITS) as store:
        send(store, body("srhea"))
    if layout.database is None:
        return
    with pytest.raises(StoreUnavailable, match="catalog of another store"), ExitStack() as stack:
        stack.enter_context(
            Store.create(Layout(tmp_path / "other", layout.database), Clock(), LIMITS)
        )


def test_nothing_is_known_of_the_time_before_the_first_batch(kept: Store) -> None:
    received(kept, body("ada"))
    since = NOW - timedelta(days=2)

    told = silences(kept.layout, "http_requests", since, NOW).found
    never = silences(kept.layout, "dns_logs", since, NOW).found

    assert [each.since for each in told] == [None]
    assert never == (Silence(None, None),)
