"""Judges which login names and request names are one person's, and keeps the result in the store."""

import contextlib
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from queries.engine import QUESTIONED, Engine, open_engine
from queries.errors import PartUnreadable, QueryFailed
from queries.identity.inference import LIMITS, infer
from queries.limits import DEFAULT_LIMITS, Limits
from schema.errors import RaytrailError
from store.catalog import read_only
from store.files.layout import Layout
from store.reading import known_inference, live_files
from store.reading.snapshot import Snapshot
from store.registers.identity.inferred_name import Inference
from store.timestamps import Clock, system_clock

if TYPE_CHECKING:
    from store.store import Store

# A stop of the service is noticed within this time.
LOOK_SECONDS = 0.2

# Each round finds one more damaged file that nothing listed yet.
DAMAGE_FOUND_MAX = 20

# A login of another dataset does not say for which application it was.
LOGINS = ("access_requests", "access_requests_rest")

NEVER = threading.Event()


def judge(store: "Store", hosts: Collection[str], stop: threading.Event = NEVER) -> Inference:
    """Judge the whole store, and replace what was inferred before. `hosts` are from the settings.

    QueryFailed when it takes too long, or when `stop` is set.
    """
    found = _judged(store.snapshot(), hosts, LIMITS, stop)
    _keep(store, found)
    return found


def current(place: Path | Layout, hosts: Collection[str], clock: Clock = system_clock) -> Inference:
    """What was inferred, judged anew for a question where the service does not do it."""
    layout = Layout.of(place)
    known = known_inference.inference(layout)
    snapshot = live_files.snapshot(layout, clock())
    if not known.is_due(clock(), snapshot.sequence) or not _has_logins(snapshot):
        return known
    try:
        found = _judged(snapshot, hosts, DEFAULT_LIMITS)
    except QueryFailed:
        # A large store without its service. The answer is about fewer names, as it was before.
        return known
    # A question may read a store that it may not write.
    with contextlib.suppress(RaytrailError):
        if read_only.is_writable(layout):
            # Late: a question that finds everything judged needs no SQLAlchemy.
            from store.store import Store  # noqa: PLC0415

            with Store.open(layout, clock) as store:
                _keep(store, found)
    return found


def _judged(
    snapshot: Snapshot, hosts: Collection[str], limits: Limits, stop: threading.Event = NEVER
) -> Inference:
    """What the files prove that can be read."""
    if not _has_logins(snapshot):
        return Inference((), snapshot.taken_at, snapshot.sequence)
    snapshot = snapshot.without_damaged()
    for _ in range(DAMAGE_FOUND_MAX):
        try:
            with open_engine(snapshot, limits, QUESTIONED) as engine, _stopped(engine, stop):
                pairs = infer(engine, hosts)
                return Inference(pairs, snapshot.taken_at, snapshot.sequence)
        except PartUnreadable as error:
            if error.snapshot is snapshot:
                raise
            snapshot = error.snapshot.without_damaged()
    raise QueryFailed("more and more files cannot be read; run `raytrail fsck --deep`")


def _has_logins(snapshot: Snapshot) -> bool:
    return any(snapshot.files.get(dataset) for dataset in LOGINS)


def _keep(store: "Store", found: Inference) -> None:
    from store.registers.identity import inferred_names  # noqa: PLC0415 (as above)

    with store.catalog.write() as connection:
        inferred_names.replace(connection, found)


@contextlib.contextmanager
def _stopped(engine: Engine, stop: threading.Event) -> Iterator[None]:
    """Interrupt the engine when `stop` is set."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_SECONDS):
            if stop.is_set():
                engine.interrupt()

    watching = threading.Thread(target=watch, name="stop of an inference", daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
