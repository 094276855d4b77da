"""The processes that `serve` starts: receivers, loader, compactor and companions.

Started as `python -m raytrail.service.child receiver|loader|...`. Settings come from the
environment; no secret is on the command line.
"""

import argparse
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from raytrail.errors import (
    BAD_CONFIGURATION,
    DISK_FAILED,
    FINE,
    FOUND_SOMETHING_WRONG,
    BadConfiguration,
)
from raytrail.service import lifeline, log, resources
from raytrail.settings import Settings
from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.files.layout import Layout
from store.files.notices import Notices
from store.store import Store
from store.timestamps import system_clock
from store.uptime import system_uptime


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="raytrail.service.child")
    parser.add_argument("kind")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--listener", type=int, default=-1)
    parser.add_argument("--notices", type=Path)
    parser.add_argument("--folder")
    options = parser.parse_args(arguments)
    notices = Notices(options.notices)
    try:
        lifeline.follow(options.lifeline)
        settings = Settings.read_for_service()
        limits, shell = settings.intake_limits(), settings.shell_options()
        layout = Layout(options.data, settings.catalog)
        with Store.open(layout, system_clock, limits, shell, options.folder) as store:
            match options.kind:
                case "receiver":
                    return _receive(store, settings, options.listener, notices)
                case "loader":
                    return _load(store, notices)
                case "compactor":
                    return _compact(store, settings, notices)
                case companion:
                    return _accompany(companion, store, settings, notices)
    except RaytrailError as error:
        log.configure(options.kind).error("cannot go on", reason=str(error))
        return _status(error)
    except Exception as error:  # noqa: BLE001 (such as no thread to be had: one line of the log)
        log.configure(options.kind).exception("cannot go on", reason=repr(error))
        return FOUND_SOMETHING_WRONG


def _status(error: RaytrailError) -> int:
    """The exit status. BAD_CONFIGURATION and DISK_FAILED end the service; any other restarts the child."""
    if isinstance(error, BadConfiguration):
        return BAD_CONFIGURATION
    return DISK_FAILED if isinstance(error, DiskFailed) else FOUND_SOMETHING_WRONG


def _receive(store: Store, settings: Settings, listener_fd: int, notices: Notices) -> int:
    # Late, here and below: no process loads the libraries of another one.
    from receiver.server import Receiver  # noqa: PLC0415

    resources.switch_often()
    resources.ask_for_short_slices()
    options = settings.receiver_options(store.layout.root)
    receiver = Receiver(store, options, log.configure("receiver"), notices)
    # uvicorn handles these signals while it runs. One that arrives earlier must not be lost, and
    # uvicorn raises its own again at the end, which then has no effect.
    _on_stop_signal(receiver.stop)
    receiver.run(socket.socket(fileno=listener_fd))
    return DISK_FAILED if receiver.disk_failed else FINE


def _load(store: Store, notices: Notices) -> int:
    from queries.shell_content import SHELL_CONTENT  # noqa: PLC0415
    from raytrail.service import loader  # noqa: PLC0415
    from store.live_loading import LiveLoading  # noqa: PLC0415

    resources.switch_often()
    logger = log.configure("loader")
    loading = LiveLoading(store, logger, SHELL_CONTENT, notices=notices)
    _on_stop_signal(loading.stop.set)
    return loader.run(loading)


def _compact(store: Store, settings: Settings, notices: Notices) -> int:
    from queries.baseline.file_facts import read_facts  # noqa: PLC0415
    from raytrail.service import compactor, naming, scrubber  # noqa: PLC0415
    from store.retention.clock_watch import ClockWatch  # noqa: PLC0415

    # Receivers and loader have priority, and a merge that needs too much memory fails alone.
    resources.be_nice()
    resources.switch_often()
    resources.limit_merging()
    logger, lifetimes = log.configure("compactor"), settings.lifetimes()
    at_work = compactor.Compacting(
        store, logger, lifetimes, system_uptime, read_facts, notices=notices
    )
    _on_stop_signal(at_work.stop.set)
    scrubbing = scrubber.beside(at_work, settings)

    def retain_now() -> None:
        at_work.retention_due_at = None

    watch = ClockWatch(store.catalog, store.clock, system_uptime, logger, retain_now)
    with scrubbing.running(), watch.running(), naming.beside(at_work, settings).running():
        status = at_work.forever()
    return DISK_FAILED if scrubbing.disk_failed else status


def _accompany(name: str, store: Store, settings: Settings, notices: Notices) -> int:
    from raytrail.service.companions import companion  # noqa: PLC0415

    at_work = companion(name, store, settings, notices)
    _on_stop_signal(at_work.stop.set)
    return at_work.forever()


def _on_stop_signal(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and SIGINT; a terminal that closes ends the supervisor alone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
