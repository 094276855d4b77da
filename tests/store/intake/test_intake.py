"""A body is stored once and entered once, or refused."""

import gzip
import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from schema.body.limits import EnvelopeLimits
from store import timestamps
from store.catalog import ledger
from store.catalog.tables import batches, removals
from store.errors import BodyTooLarge, NoRoom, StoreUnavailable
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.intake.outcome import Outcome, Receipt, Refused, TrialUpload
from store.ledger.entry import GENESIS, Entry
from store.store import Store
from tests.factories import NO_RESERVE, Body, Clock, gzipped, ndjson, record, send

DATASET = "http_requests"


def receipt(store: Store, body: bytes, dataset: str | None = DATASET) -> Receipt:
    outcome = send(store, body, dataset)
    assert isinstance(outcome, Receipt)
    return outcome


def raw_files(store: Store) -> list[Path]:
    return sorted(path for path in store.layout.raw.rglob("*") if path.is_file())


def entries(store: Store) -> list[Entry]:
    with store.catalog.read() as connection:
        return list(ledger.walk(connection))


def test_a_batch_is_stored_unchanged_under_its_hash_and_entered_in_the_ledger(
    store: Store, body: Body
) -> None:
    sent = body()

    given_receipt = receipt(store, sent)

    sha256 = hashlib.sha256(sent).hexdigest()
    assert given_receipt == Receipt(sha256, len(sent), False, None)
    [raw] = raw_files(store)
    assert raw == store.layout.raw / "2026-11-22" / f"{sha256}.gz"
    assert raw.read_bytes() == sent
    [entry] = entries(store)
    assert entry.kind == "batch"
    assert entry.payload["batch_id"] == sha256
    assert entry.payload["raw_path"] == f"raw/2026-11-22/{sha256}.gz"


def test_the_same_body_sent_again_is_a_duplicate_and_stores_nothing(
    store: Store, body: Body, clock: Clock
) -> None:
    first = receipt(store, body())

    for later in ({"seconds": 1}, {"days": 1}, {"days": 365}):
        clock.move(**later)
        again = receipt(store, body())
        assert again == Receipt(first.batch_id, first.body_bytes, True, None)

    assert len(raw_files(store)) == 1
    assert len(entries(store)) == 1


def test_the_same_lines_compressed_differently_are_one_batch_with_both_hashes_in_the_ledger(
    store: Store,
) -> None:
    plain = ndjson(record(), record(RayID="8f0e1d2c3b4a5969"))
    first = receipt(store, gzipped(plain))
    second_body = gzip.compress(plain, compresslevel=1, mtime=12345)

    second = receipt(store, second_body)

    assert second.is_duplicate
    assert second.batch_id == hashlib.sha256(second_body).hexdigest() != first.batch_id
    assert len(raw_files(store)) == 1
    assert [entry.kind for entry in entries(store)] == ["batch", "resend"]
    assert entries(store)[1].payload["batch_id"] == hashlib.sha256(second_body).hexdigest()


def test_the_same_lines_without_gzip_are_the_same_batch(store: Store) -> None:
    plain = ndjson(record())

    assert not receipt(store, gzipped(plain)).is_duplicate
    assert receipt(store, plain).is_duplicate


def test_the_same_body_sent_to_two_datasets_is_two_batches_with_one_raw_file(
    store: Store, body: Body
) -> None:
    first = receipt(store, body(), "http_requests")
    second = receipt(store, body(), "access_requests")

    assert not first.is_duplicate
    assert not second.is_duplicate
    assert len(raw_files(store)) == 1
    # A resend to one dataset, a day later, must not remove the file of the other.
    assert receipt(store, body(), "http_requests").is_duplicate
    assert len(raw_files(store)) == 1


def test_without_a_dataset_in_the_url_the_first_records_decide(store: Store, body: Body) -> None:
    receipt(store, body(), None)

    with store.catalog.read() as connection:
        assert connection.scalars(select(batches.c.dataset)).all() == ["http_requests"]


@pytest.mark.parametrize(
    "plain",
    [
        b"{broken\n" + ndjson(record()),
        b"[" + ndjson(record()).strip() + b"]",
        b'{"first": "of nobody\'s"}\n' + ndjson(record()),
    ],
)
def test_one_odd_record_does_not_hide_the_dataset(store: Store, plain: bytes) -> None:
    receipt(store, gzipped(plain), None)

    assert list(store.status().datasets) == ["http_requests"]


@pytest.mark.parametrize("plain", [b"no json at all\n", b'{"a":1}\n', b"[1,2]\n", b"\xff\xfe\n"])
def test_records_of_no_known_dataset_are_entered_as_unknown(store: Store, plain: bytes) -> None:
    given_receipt = receipt(store, gzipped(plain), None)

    assert given_receipt.unread_reason is None
    assert store.status().datasets["unknown"].pending.batches == 1
    assert len(raw_files(store)) == 1


@pytest.mark.parametrize("plain", [b'{"content":"tests"}', b'{"content":"test"}\n', b"test"])
@pytest.mark.parametrize("dataset", ["http_requests", None])
@pytest.mark.parametrize("is_zipped", [True, False])
def test_a_test_upload_is_recognised_and_not_kept(
    store: Store, plain: bytes, dataset: str | None, is_zipped: bool
) -> None:
    sent = gzipped(plain) if is_zipped else plain

    assert send(store, sent, dataset) == TrialUpload()
    assert raw_files(store) == []
    assert entries(store) == []


def test_a_body_that_only_begins_like_a_test_upload_is_a_batch(store: Store) -> None:
    plain = b'{"content":"tests"}\n' + ndjson(record())

    assert isinstance(send(store, gzipped(plain)), Receipt)
    assert isinstance(send(store, b"test\ntest\n"), Receipt)


def test_an_empty_body_is_refused_and_an_empty_batch_is_kept(store: Store) -> None:
    refused = send(store, b"")
    kept = send(store, gzipped(b""))

    assert isinstance(refused, Refused)
    assert isinstance(kept, Receipt)
    assert len(raw_files(store)) == 1


def test_a_body_truncated_at_any_length_is_refused(store: Store, body: Body) -> None:
    sent = body()

    for length in range(len(sent)):
        assert isinstance(send(store, sent[:length], claims_gzip=True), Refused), length

    assert raw_files(store) == []
    assert entries(store) == []
    assert isinstance(send(store, sent), Receipt)


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 512, b"garbage", b"\x1f", b"\x1f\x8b", b"{}\n"])
def test_a_body_with_bytes_after_its_gzip_trailer_is_damaged(
    store: Store, body: Body, tail: bytes
) -> None:
    assert isinstance(send(store, body() + tail), Refused)


def test_a_flipped_bit_is_refused_or_does_not_change_the_content(store: Store) -> None:
    """Some bits of a gzip stream have no meaning; a change of any other must be noticed."""
    plain = ndjson(record())
    sent = gzipped(plain)
    noticed = 0

    for place in range(10, len(sent)):
        flipped = bytearray(sent)
        flipped[place] ^= 1
        outcome = send(store, bytes(flipped), claims_gzip=True)
        if isinstance(outcome, Refused):
            noticed += 1
        else:
            assert isinstance(outcome, Receipt)
            with store.catalog.read() as connection:
                contents = set(connection.scalars(select(batches.c.content)))
            assert len(contents) == 1, "a body with other content was taken for whole"
    assert noticed > len(sent) * 0.8


def test_several_gzip_members_are_one_batch(store: Store) -> None:
    one, two = ndjson(record()), ndjson(record(RayID="8f0e1d2c3b4a5969"))

    assert not receipt(store, gzipped(one + two)).is_duplicate
    assert receipt(store, gzipped(one) + gzipped(two)).is_duplicate


def test_damaged_bytes_are_kept_unread_at_the_third_arrival(store: Store, body: Body) -> None:
    damaged = body()[:-3]

    assert isinstance(send(store, damaged), Refused)
    assert isinstance(send(store, damaged), Refused)
    [quarantined] = store.layout.quarantine.iterdir()
    assert quarantined.read_bytes() == damaged
    third = send(store, damaged)
    fourth = send(store, damaged)

    assert third == Receipt(
        hashlib.sha256(damaged).hexdigest(), len(damaged), False, "gzip: ends before its trailer"
    )
    assert isinstance(fourth, Receipt)
    assert fourth.is_duplicate
    assert len(raw_files(store)) == 1
    assert list(store.layout.quarantine.iterdir()) == []


def small(tmp_path: Path, clock: Clock, **limits: int) -> Store:
    envelope = EnvelopeLimits(**{"inflated_bytes_max": 1 << 30, "members_max": 1_000, **limits})
    return Store.create(
        tmp_path / "small",
        clock,
        IntakeLimits(body_bytes_max=1_000, envelope=envelope, reserve=NO_RESERVE),
    )


@pytest.mark.parametrize(("inflated", "is_read"), [(100, True), (101, False)])
def test_a_body_over_the_inflated_limit_is_kept_unread(
    tmp_path: Path, clock: Clock, inflated: int, is_read: bool
) -> None:
    with small(tmp_path, clock, inflated_bytes_max=100) as store:
        given_receipt = receipt(store, gzipped(b"x" * inflated))

    assert (given_receipt.unread_reason is None) == is_read


@pytest.mark.parametrize(("members", "is_read"), [(5, True), (6, False)])
def test_a_body_with_too_many_gzip_members_is_kept_unread(
    tmp_path: Path, clock: Clock, members: int, is_read: bool
) -> None:
    with small(tmp_path, clock, members_max=5) as store:
        given_receipt = receipt(store, gzipped(b"{}\n") * members)

    assert (given_receipt.unread_reason is None) == is_read


def test_a_body_at_the_size_limit_is_accepted_and_one_byte_more_is_not(
    tmp_path: Path, clock: Clock
) -> None:
    with small(tmp_path, clock) as store:
        assert isinstance(send(store, b"y" * 1_000), Receipt)
        with pytest.raises(BodyTooLarge):
            send(store, b"y" * 1_001)
        assert len(raw_files(store)) == 1


def test_no_room_is_raised_before_anything_is_written(tmp_path: Path, clock: Clock) -> None:
    limits = IntakeLimits(reserve=Reserve(bytes_min=1 << 60))
    with Store.create(tmp_path / "full", clock, limits) as store:
        with pytest.raises(NoRoom):
            send(store, b"{}\n")
        assert raw_files(store) == []


def test_a_data_folder_that_vanished_is_not_created_again(store: Store) -> None:
    store.layout.raw.rmdir()

    with pytest.raises(StoreUnavailable):
        send(store, b"{}\n")
    assert not store.layout.raw.exists()


def test_fifty_equal_uploads_at_once_are_stored_once_and_all_get_a_receipt(
    store: Store, body: Body
) -> None:
    outcomes: list[Outcome] = []
    barrier = threading.Barrier(50)

    def one() -> None:
        barrier.wait()
        outcomes.append(send(store, body()))

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    assert len(receipts) == 50
    assert sum(not each.is_duplicate for each in receipts) == 1
    assert len(raw_files(store)) == 1
    assert len(entries(store)) == 1


def test_entries_are_chained_in_order_and_a_changed_entry_is_not_sound(store: Store) -> None:
    for number in range(5):
        receipt(store, ndjson(record(RayID=f"{number:016x}")))

    found = entries(store)

    assert [entry.sequence for entry in found] == [1, 2, 3, 4, 5]
    assert found[0].previous == GENESIS
    assert all(entry.is_sound() for entry in found)
    assert [entry.previous for entry in found[1:]] == [entry.digest for entry in found[:-1]]


def test_a_clock_that_steps_back_does_not_change_the_order(
    store: Store, clock: Clock, body: Body
) -> None:
    receipt(store, body())
    clock.now -= timedelta(days=365)
    receipt(store, body(record(RayID="0" * 16)))

    assert [entry.sequence for entry in entries(store)] == [1, 2]


# Each example creates a store, which takes long on a slow disk.
@settings(deadline=None)
@given(
    plain=st.binary(max_size=2_000),
    cut=st.integers(min_value=1, max_value=500),
    level=st.integers(min_value=0, max_value=9),
)
def test_a_body_is_the_same_batch_in_whatever_pieces_it_arrives(
    tmp_path_factory: pytest.TempPathFactory, plain: bytes, cut: int, level: int
) -> None:
    folder = tmp_path_factory.mktemp("cuts")
    with Store.create(folder / "data", Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        sent = gzip.compress(plain, compresslevel=level, mtime=0)

        whole, pieces = send(store, sent), send(store, sent, cut=cut)

        if isinstance(whole, Receipt):
            assert isinstance(pieces, Receipt)
            assert pieces.is_duplicate
        else:
            assert pieces == whole == TrialUpload()


def test_bodies_shorter_than_the_gzip_magic_number_are_distinguished(store: Store) -> None:
    assert isinstance(send(store, b"x"), Receipt)
    assert isinstance(send(store, b"\x1f"), Refused)
    assert isinstance(send(store, b"x", claims_gzip=True), Refused)


def test_a_body_that_is_damaged_early_is_hashed_to_its_end(store: Store) -> None:
    damaged = bytearray(gzipped(ndjson(*[record(RayID=f"{n:016x}") for n in range(200)])))
    damaged[12] ^= 0xFF

    refused = send(store, bytes(damaged), cut=16)

    assert isinstance(refused, Refused)
    assert refused.sha256 == hashlib.sha256(damaged).hexdigest()


def test_a_raw_file_scheduled_for_removal_stays_if_it_is_received_again(store: Store) -> None:
    """It happens when two datasets share a body, or after a clock stepped back."""
    body = gzipped(ndjson(record()))
    receipt(store, body)
    [raw] = raw_files(store)
    due = {"path": store.layout.relative(raw), "due_at": timestamps.to_text(store.clock())}
    with store.catalog.write() as connection:
        connection.execute(insert(removals).values(**due))

    receipt(store, body, "firewall_events")

    with store.catalog.read() as connection:
        assert connection.execute(select(removals)).all() == []
    assert raw_files(store) == [raw]
