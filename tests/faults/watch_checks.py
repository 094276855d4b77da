"""What must hold of the service's own eyes: `/health` and the scrub. Used as those in checks.py."""

import errno
import os
import threading

from store.catalog import damage
from store.scrub.pace import Pace
from store.scrub.scrub import Scrub
from tests.dying import Dying, dying
from tests.edge import Heard, Room, open_room
from tests.faults.lab import Lab, drain, numbered


def health(room: Room) -> tuple[int, str]:
    answer = room.client.get("/health")
    return answer.status_code, answer.json()["status"]


def refusing(number: int) -> Dying:
    """A disk that refuses every call, as one that was mounted read-only after an error."""
    return Dying(1, lambda: OSError(number, os.strerror(number)))


def a_failed_write_is_seen_until_a_probe_succeeds(lab: Lab) -> None:
    for number in (errno.EROFS, errno.ENOSPC):
        with lab.store(str(number)) as store, open_room(store) as room:
            assert health(room) == (200, "ok")
            with dying(lab.patch, refusing(number)):
                assert room.send(numbered(1)).status_code == 503
                lab.injected(1)
                failed = health(room)
                room.probe.once()
                assert health(room) == failed, "the probe failed too"
            assert failed[0] == 503
            assert health(room) == failed, "nothing has succeeded since"
            room.probe.once()
            assert health(room) == (200, "ok")
            assert room.send(numbered(1)).status_code == 200


def lost_bits_are_listed(lab: Lab) -> None:
    """One bit of a part and one of a raw body turn, and another part is gone."""
    with lab.store() as store, open_room(store) as room:
        for number in (1, 2):
            assert room.send(numbered(number)).status_code == 200
            drain(store)
        flipped, gone = sorted(store.layout.parts.rglob("*.parquet"))
        raw, _ = sorted(store.layout.raw.rglob("*.gz"))
        for path in (flipped, raw):
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        gone.unlink()
        lab.injected(3)

        done = Scrub(store, Heard(), Pace(threading.Event())).run_round()

        assert done.files == 4
        with store.catalog.read() as connection:
            listed = damage.paths(connection)
        assert listed == {store.layout.relative(path) for path in (flipped, raw, gone)}
