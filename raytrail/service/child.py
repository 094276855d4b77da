"""What `serve` starts: receivers, loader, compactor and companions; a process each.

Started as `python -m raytrail.service.child receiver|loader|...`; settings come by environment,
never secrets by command line.
"""

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

from raytrail.errors import (
    BAD_CONFIGURATION,
    DISK_FAILED,
    FINE,
    FOUND_SOMETHING_WRONG,
    BadConfiguration,
)
from raytrail.service import lifeline, log
from raytrail.settings import Settings
from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.store import Store
from store.timestamps import system_clock

# The compactor has until tomorrow; the others have seconds.
NICENESS = 10


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="raytrail.service.child")
    parser.add_argument("kind")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--listener", type=int, default=-1)
    options = parser.parse_args(arguments)
    lifeline.follow(options.lifeline)
    try:
        settings = Settings.read()
        with Store.open(options.data, system_clock, settings.intake_limits()) as store:
            match options.kind:
                case "receiver":
                    return _receive(store, settings, options.listener)
                case "loader":
                    return _load(store)
                case "compactor":
                    return _compact(store, settings)
                case companion:
                    return _accompany(companion, store, settings)
    except RaytrailError as error:
        log.configure(options.kind).error("cannot go on", reason=str(error))
        return _status(error)


def _status(error: RaytrailError) -> int:
    """Final ones end the service; after any other the child is started again."""
    if isinstance(error, BadConfiguration):
        return BAD_CONFIGURATION
    return DISK_FAILED if isinstance(error, DiskFailed) else FOUND_SOMETHING_WRONG


def _receive(store: Store, settings: Settings, listener_fd: int) -> int:
    # Late, as is the loader's: neither process pays for the other's libraries.
    from receiver.server import Receiver  # noqa: PLC0415

    options = settings.receiver_options(store.layout.root)
    receiver = Receiver(store, options, log.configure("receiver"))
    # uvicorn handles these while it runs; one that comes before must not be lost, and those
    # it raises again afterwards find all done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: receiver.stop())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    receiver.run(socket.socket(fileno=listener_fd))
    return DISK_FAILED if receiver.disk_failed else FINE


def _load(store: Store) -> int:
    from queries.definitions import shell_statements  # noqa: PLC0415
    from raytrail.service import loader  # noqa: PLC0415
    from store.live_loading import LiveLoading  # noqa: PLC0415

    loading = LiveLoading(store, log.configure("loader"), shell_statements())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loading.stop.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return loader.run(loading)


def _compact(store: Store, settings: Settings) -> int:
    from raytrail.service import compactor  # noqa: PLC0415

    # Receivers and loader come first, and a merge that grows too large fails alone.
    os.nice(NICENESS)
    compactor.limit_memory()
    at_work = compactor.Compacting(store, log.configure("compactor"), settings.lifetimes())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: at_work.stop.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return at_work.forever()


def _accompany(name: str, store: Store, settings: Settings) -> int:
    from raytrail.service.companions import companion  # noqa: PLC0415

    at_work = companion(name, store, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: at_work.stop.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return at_work.forever()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
