"""A token that is added while the service runs is valid at once, and invalid once removed."""

import asyncio
import os
import threading
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from receiver.credentials import Credentials
from receiver.errors import NotAuthorized, TryLater
from store.files.layout import Layout
from store.registers import tokens
from tests.factories import gzipped
from tests.service import Service, post, running

# Longer than any other step, and shorter than the time limit of a test.
HANGS_SECONDS = 1.0
MADE = "made-while-the-service-runs-0123456789abcdef"
OTHER = "another-one-made-later-0123456789abcdefghij"


def demand(credentials: Credentials, token: str) -> None:
    asyncio.run(credentials.demand(Headers({"Authorization": f"Bearer {token}"}), None))


def test_the_file_is_read_again_whenever_it_has_changed(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    credentials = Credentials(["of-the-settings"], None, layout.tokens)
    with pytest.raises(NotAuthorized):
        demand(credentials, MADE)

    tokens.add(layout, MADE)
    demand(credentials, MADE)
    tokens.add(layout, OTHER)
    demand(credentials, MADE)
    demand(credentials, OTHER)
    demand(credentials, "of-the-settings")

    layout.tokens.unlink()
    with pytest.raises(NotAuthorized):
        demand(credentials, MADE)


def test_while_the_file_cannot_be_read_the_sender_is_told_to_try_later(tmp_path: Path) -> None:
    # A link to itself cannot be opened by any user.
    (tmp_path / "tokens").symlink_to(tmp_path / "tokens")
    credentials = Credentials(["of-the-settings"], None, tmp_path / "tokens")

    demand(credentials, "of-the-settings")
    with pytest.raises(TryLater, match="tokens"):
        demand(credentials, MADE)


def test_while_the_disk_hangs_other_requests_are_answered(tmp_path: Path) -> None:
    """A pipe without a writer blocks its reader like a hanging disk."""
    pipe = tmp_path / "tokens"
    os.mkfifo(pipe)
    credentials = Credentials([], None, pipe)
    ends = threading.Timer(HANGS_SECONDS, pipe.write_bytes, [b""])

    async def asked() -> bool:
        headers = Headers({"Authorization": f"Bearer {MADE}"})
        refused = asyncio.create_task(credentials.demand(headers, None))
        for _ in range(3):
            await asyncio.sleep(0.01)
        is_waiting = not refused.done()
        with pytest.raises(NotAuthorized):
            await refused
        return is_waiting

    ends.start()
    assert asyncio.run(asked()), "the loop went on meanwhile"
    ends.join()


@pytest.mark.service
def test_a_service_starts_with_the_file_alone_and_accepts_an_added_token(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.make_folders()
    tokens.add(layout, MADE)

    with running(layout.root, RAYTRAIL_TOKENS="") as service:
        first = sent(service, MADE)
        unknown = sent(service, OTHER)
        tokens.add(layout, OTHER)
        added = sent(service, OTHER)

    assert (first, unknown, added) == (200, 401, 200)
    assert not any(MADE in line or OTHER in line for line in service.raw_log)


def sent(service: Service, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return post(service, gzipped(b'{"content":"tests"}'), headers=headers).status_code
