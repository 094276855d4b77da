"""Connections that do nothing keep nobody out, and idle ones outlive those of any proxy."""

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from receiver.connections import Connections
from receiver.deadlines import DeadlineProtocol, with_deadlines
from receiver.options import IDLE_SECONDS_MAX, REQUEST_SECONDS_MAX, ReceiverOptions
from receiver.server import Receiver
from receiver.upload_slots import STALL_BYTES_PER_SECOND, STALL_SECONDS, Slot
from store.store import Store
from tests.edge import Heard
from tests.factories import gzipped, ndjson, record
from tests.service import SETTINGS, TOKEN, Service, post, running
from tests.until import PATIENCE_SECONDS, until

OLDER_TOKEN = SETTINGS["RAYTRAIL_TOKENS"].partition(",")[0]

# More than any process of the service accepts at once.
SILENT = 1_200
# More uploads than any process takes at once.
STALLED = 100


def body(number: int) -> bytes:
    return gzipped(ndjson(record(RayID=f"{number:016x}")))


def upload(content: bytes, token: str = TOKEN) -> bytes:
    head = f"POST /logpush/http_requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with its own time limits, so that no time limit can free what a test occupies."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * SILENT:
        pytest.skip("NO DESCRIPTORS: a thousand connections were not tried")
    with running(tmp_path_factory.mktemp("lasting") / "data") as started:
        # Raised for this process only: the service must cope with the usual limit.
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * SILENT), hard))
        yield started
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def answer(connection: socket.socket) -> bytes:
    heard = b""
    while not heard.endswith(b"}\n"):
        piece = connection.recv(65536)
        assert piece, "closed before the end of an answer"
        heard += piece
    return heard


def opened(stack: ExitStack, service: Service, times: int, sent: bytes) -> list[socket.socket]:
    made = []
    for _ in range(times):
        each = stack.enter_context(
            socket.create_connection(("127.0.0.1", service.port), PATIENCE_SECONDS)
        )
        each.sendall(sent)
        made.append(each)
    return made


@pytest.mark.parametrize("sent", [b"", b"POST /logpush/http_requests HTTP/1.1\r\nHost: x\r\nAuth"])
def test_silent_connections_do_not_keep_a_sender_out(
    lasting: Service, injected: Callable[[int], None], sent: bytes
) -> None:
    with ExitStack() as stack:
        opened(stack, lasting, SILENT, sent)
        injected(SILENT)

        for number in range(5):
            assert post(lasting, body(number + 10 * len(sent))).status_code == 200


def test_a_connection_on_which_a_batch_is_arriving_outlives_a_flood_of_silent_ones(
    lasting: Service, injected: Callable[[int], None]
) -> None:
    sent = upload(body(1_000))
    with ExitStack() as stack:
        [sender] = opened(stack, lasting, 1, sent[:-10])
        until(lambda: list((lasting.data / "raw").rglob(".draft-*")), "it arrives")
        opened(stack, lasting, SILENT, b"")
        injected(SILENT)

        sender.sendall(sent[-10:])

        assert sender.recv(65536).startswith(b"HTTP/1.1 200")


def test_stalled_bodies_of_one_token_do_not_keep_another_out_and_its_own_only_for_seconds(
    lasting: Service, injected: Callable[[int], None]
) -> None:
    with ExitStack() as stack:
        opened(stack, lasting, STALLED, upload(bytes(1_000), OLDER_TOKEN)[:-500])
        injected(STALLED)

        began = time.monotonic()
        assert post(lasting, body(2_000)).status_code == 200
        until(lambda: send(lasting, body(2_001), OLDER_TOKEN) == 200, "a stalled one gives way")
        assert time.monotonic() - began < REQUEST_SECONDS_MAX / 2


def send(service: Service, content: bytes, token: str) -> int:
    return post(service, content, headers={"Authorization": f"Bearer {token}"}).status_code


def test_h11_a_connection_that_was_idle_for_longer_than_five_seconds_takes_the_next_batch(
    service: Service,
) -> None:
    """The proxy in front keeps it, so a batch may come on it at any moment."""
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE_SECONDS) as connection:
        for number in (1, 2):
            connection.sendall(upload(body(3_000 + number)))
            assert answer(connection).startswith(b"HTTP/1.1 200")
            if number == 1:
                time.sleep(5.2)


def test_an_idle_connection_is_kept_for_longer_than_any_usual_proxy_keeps_it() -> None:
    """By their documentation, in seconds: Caddy, cloudflared, nginx."""
    assert max(120, 90, 60) < IDLE_SECONDS_MAX


def test_an_idle_connection_is_closed_in_the_end(store: Store) -> None:
    options = ReceiverOptions(tokens=(TOKEN,), idle_seconds_max=1.0)
    receiver = Receiver(store, options, Heard())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=receiver.run, args=(listener,))
        serving.start()
        with socket.create_connection(listener.getsockname(), PATIENCE_SECONDS) as connection:
            connection.sendall(upload(body(1)))
            assert answer(connection).startswith(b"HTTP/1.1 200")
            assert connection.recv(65536) == b""
        receiver.stop()
        serving.join()


def test_a_receiver_shares_its_list_of_connections_with_no_other() -> None:
    one, other = (with_deadlines(1.0, 1.0, Connections()) for _ in range(2))

    assert one.peers is not other.peers
    assert not hasattr(DeadlineProtocol, "peers"), "a value of the base class would be global"


class Peer:
    dropped = False

    def drop(self) -> None:
        self.dropped = True


def dropped(peers: list[Peer]) -> list[int]:
    return [number for number, peer in enumerate(peers) if peer.dropped]


def test_at_the_limit_the_oldest_connection_that_never_showed_a_token_gives_way() -> None:
    connections, peers = Connections(at_most=3), [Peer() for _ in range(7)]
    for peer in peers[:3]:
        connections.opened(peer)
    connections.busy(peers[0])
    connections.idle(peers[0], is_known=True)
    connections.busy(peers[1])

    connections.opened(peers[3])
    assert dropped(peers) == [2]
    connections.opened(peers[4])
    assert dropped(peers) == [2, 3]
    connections.busy(peers[4])
    connections.opened(peers[5])
    assert dropped(peers) == [0, 2, 3], "no stranger is left, and a new one gets its chance"
    connections.busy(peers[5])
    connections.opened(peers[6])
    assert dropped(peers) == [0, 2, 3], "those at work stay"


def test_a_connection_with_a_token_gives_way_when_there_is_no_other() -> None:
    connections, peers = Connections(at_most=1), [Peer() for _ in range(2)]
    connections.opened(peers[0])
    connections.idle(peers[0], is_known=True)
    connections.opened(peers[1])
    connections.closed(peers[1])
    connections.idle(peers[1], is_known=True)

    assert dropped(peers) == [0]


@pytest.mark.parametrize("received", [0, 1_000])
def test_only_a_body_that_keeps_us_waiting_gives_way(received: int) -> None:
    slot = Slot(b"token", scope=None, received=received, waiting_since=10.0)

    assert not slot.is_stalled(10.0 + STALL_SECONDS)
    assert slot.is_stalled(10.1 + STALL_SECONDS)
    slot.received = int(STALL_BYTES_PER_SECOND * 2 * STALL_SECONDS)
    assert not slot.is_stalled(10.1 + STALL_SECONDS), "it is fast enough"
    slot.received, slot.waiting_since = received, None
    assert not slot.is_stalled(1_000.0), "it is being stored"
