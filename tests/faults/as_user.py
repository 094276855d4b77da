"""Receives, loads, merges and publishes in a data folder, as another user than root.

Run as `python -m tests.faults.as_user DATA SCRATCH UID NUMBER`. It works in SCRATCH first, so that
every library is loaded before it gives up its rights: the user may not read the interpreter.
"""

import os
import sys
from pathlib import Path

from store.compaction.compactor import Compactor
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, send
from tests.faults.lab import drain, numbered, rays_found


def work(data: Path, number: int) -> int:
    with Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        assert isinstance(send(store, numbered(number)), Receipt)
        drain(store)
        swap = store.file_swap()
        with swap.locked() as has_lock:
            assert has_lock
            Compactor(swap).due_jobs()
        store.publish(SHELL)
        return sum(rays_found(store).values())


if __name__ == "__main__":
    data, scratch, user, number = sys.argv[1:]
    work(Path(scratch), 0)
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
    sys.stdout.write(f"{work(Path(data), int(number))}\n")
