"""Bodies that are not what they claim, or come in an odd way (reliability 5.3)."""

import gzip
import random
import socket
import struct
import time
import uuid
import zlib

import pytest

from receiver.options import REQUEST_SECONDS_MAX
from receiver.upload import STEP_BYTES
from store.intake.examination import Damaged, Unreadable, Whole
from store.intake.outcome import Receipt, Refused
from store.store import Store
from tests.factories import gzipped, ndjson, record, send
from tests.faults import checks
from tests.faults.lab import Lab, drain, raw_files, ray
from tests.injected import Injected
from tests.service import Service, post
from tests.until import until
from tests.wire import HEAD, exchange, statuses

MIB = 1024 * 1024


def fresh() -> bytes:
    return gzipped(ndjson(record(RayID=uuid.uuid4().hex[:16])))


def length(number: int) -> bytes:
    return f"{HEAD}Content-Length: {number}\r\n\r\n".encode()


def is_stored(service: Service, body: bytes) -> bool:
    """Whether the same body, sent again, is known."""
    answer = post(service, body).json()
    assert isinstance(answer["duplicate"], bool)
    return answer["duplicate"]


def test_b4_b5_b6_b7_damage_of_any_bit_or_byte_is_noticed(lab: Lab) -> None:
    checks.damage_of_any_bit_is_noticed(lab)


def test_b4_b5_b6_b7_damaged_bodies_leave_nothing(lab: Lab) -> None:
    checks.damaged_bodies_leave_nothing(lab)


@pytest.mark.parametrize("place", [-8, -5, -4, -1], ids=["crc", "crc's end", "length", "its end"])
def test_b5_a_wrong_trailer_is_damage(store: Store, injected: Injected, place: int) -> None:
    body = bytearray(fresh())
    body[place] ^= 0x10

    outcome = send(store, bytes(body))

    injected(1)
    assert isinstance(outcome, Refused)
    assert raw_files(store) == []


def test_b8_every_member_is_read(lab: Lab) -> None:
    checks.every_member_is_read(lab)


def test_b8_tiny_members_before_a_large_one_cost_no_more_than_their_bytes(
    injected: Injected,
) -> None:
    noise = random.Random(20261122).randbytes(8 * MIB)
    large = gzip.compress(noise, compresslevel=0, mtime=0)
    tiny = gzipped(b"{}\n") * 999

    def seconds(body: bytes) -> float:
        began = time.process_time()
        checks.examined(body, STEP_BYTES)
        return time.process_time() - began

    alone = min(seconds(large) for _ in range(2))
    injected(1)
    # Copying the rest at each member would take hundreds of times as long.
    assert seconds(tiny + large) < alone * 5 + 0.1


def test_b9_a_bomb_within_a_bomb_is_one_rejected_line(store: Store, injected: Injected) -> None:
    inner = gzip.compress(bytes(4 * MIB), mtime=0)
    outer = send(store, gzip.compress(inner, mtime=0))
    assert isinstance(outer, Receipt)
    drain(store)

    injected(1)
    told = store.status().datasets["http_requests"]
    assert told.rows == 0
    assert told.rejected_lines == inner.count(b"\n") + (not inner.endswith(b"\n"))


def named_gzip(plain: bytes, name: bytes, comment: bytes, extra: bytes) -> bytes:
    """With every optional field of a gzip header, its own checksum too."""
    head = b"\x1f\x8b\x08" + bytes([0x02 | 0x04 | 0x08 | 0x10]) + bytes(4) + b"\0\x03"
    head += struct.pack("<H", len(extra)) + extra + name + b"\0" + comment + b"\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    squeezed = zlib.compressobj(wbits=-15)
    packed = squeezed.compress(plain) + squeezed.flush()
    return head + packed + struct.pack("<II", zlib.crc32(plain), len(plain))


def test_b10_a_header_may_come_in_any_pieces(injected: Injected) -> None:
    """With all its parts, of a first and of a second member, cut anywhere."""
    plain = ndjson(record())
    member = named_gzip(plain, b"a name", b"a comment", b"extra")
    whole, content = member * 2, checks.examined(gzipped(plain * 2)).content

    for cut in range(1, len(whole)):
        assert checks.examined(whole, cut).content == content, f"in pieces of {cut}"
    for length in range(len(member), len(whole)):
        assert isinstance(checks.examined(whole[:length], 7).condition, Damaged) or (
            length == len(member)
        )
    injected(2 * len(whole) - len(member))


@pytest.mark.parametrize(("letters", "condition"), [(1_000, Whole), (200_000, Unreadable)])
def test_b10_a_header_without_end_is_not_held(
    injected: Injected, letters: int, condition: type[object]
) -> None:
    body = named_gzip(ndjson(record()), b"n" * letters, b"", b"")

    injected(1)
    assert isinstance(checks.examined(body, STEP_BYTES // 8).condition, condition)


@pytest.mark.parametrize("name", [b"../../etc/passwd", b"a" * 4_000, b"x.ndjson", b"\xff\xfe"])
def test_b10_a_name_inside_the_body_names_nothing(
    store: Store, injected: Injected, name: bytes
) -> None:
    plain = ndjson(record(RayID=ray(1)))
    body = named_gzip(plain, name, comment=name, extra=b"RA\x02\x00ok")
    assert gzip.decompress(body) == plain

    assert isinstance(send(store, body, cut=7), Receipt)
    drain(store)

    injected(1)
    [raw] = raw_files(store)
    assert raw.read_bytes() == body
    assert store.status().datasets["http_requests"].rows == 1


def test_b13_a_plain_body_is_kept_as_it_was_sent(store: Store) -> None:
    plain = ndjson(record(RayID=ray(1))) + b'{"RayID": "2"}'

    assert isinstance(send(store, plain), Receipt)
    drain(store)

    [raw] = raw_files(store)
    assert raw.read_bytes() == plain
    assert store.status().datasets["http_requests"].rows == 2


@pytest.mark.parametrize(
    ("chunk", "end"),
    [
        (b"%x;name=value\r\n%s\r\n", b"0\r\n\r\n"),
        (b'%x;a;b="c"\r\n%s\r\n', b"0\r\n\r\n"),
        (b"%x\r\n%s\r\n", b"0\r\nX-Trailer: 1\r\nAuthorization: Bearer wrong\r\n\r\n"),
        (b"%x\r\n%s\r\n", b"0;last\r\n\r\n"),
    ],
)
def test_b17_what_stands_beside_chunks_is_never_in_the_body(
    service: Service, injected: Injected, chunk: bytes, end: bytes
) -> None:
    body = fresh()
    sent = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk % (len(body), body) + end

    heard = statuses(exchange(service, sent))

    injected(1)
    assert heard in ([200], [400])
    assert is_stored(service, body) == (heard == [200])


def test_b18_a_body_that_stays_shorter_than_it_said_is_cut_and_leaves_nothing(
    service: Service, injected: Injected
) -> None:
    body, began = fresh(), time.monotonic()

    heard = exchange(service, length(len(body) + 1) + body)

    injected(1)
    assert statuses(heard) in ([], [408])
    assert time.monotonic() - began < REQUEST_SECONDS_MAX / 2, "by the deadline of who sets none"
    assert not is_stored(service, body)


def test_b19_a_length_over_the_limit_is_refused_before_any_body(
    service: Service, injected: Injected
) -> None:
    heard = exchange(service, length(1_000_001))

    injected(1)
    assert statuses(heard) == [413]
    assert b"connection: close" in heard.lower()


def test_b21_a_sender_that_leaves_is_one_line_in_the_log_and_no_trace(
    service: Service, injected: Injected
) -> None:
    before = len(service.raw_log)
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(length(100) + b"half")
        service_waits(service, drafts=1)
    service_waits(service, drafts=0)
    post(service, fresh())

    injected(1)
    said = "".join(service.raw_log[before:])
    assert "Traceback" not in said
    assert said.count("sender left") == 1


def service_waits(service: Service, drafts: int) -> None:
    raw = service.data / "raw"
    until(lambda: len(list(raw.rglob(".draft-*"))) == drafts, f"{drafts} drafts")


def test_b22_a_sender_that_does_not_wait_for_the_answer_is_stored_once(
    service: Service, injected: Injected
) -> None:
    body = fresh()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(length(len(body)) + body)
        connection.shutdown(socket.SHUT_RDWR)
    injected(1)

    answers = {post(service, body).status_code for _ in range(2)}

    assert answers == {200}
    assert is_stored(service, body)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; b=x"])
def test_b26_a_form_is_bytes_like_any_other(
    service: Service, injected: Injected, kind: str
) -> None:
    body = fresh()
    head = f"{HEAD}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"

    injected(1)
    assert statuses(exchange(service, head.encode() + body)) == [200]
    assert is_stored(service, body)
