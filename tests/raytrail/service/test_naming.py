"""Names are inferred beside the compactor, and end with it."""

from collections.abc import Callable

import pytest

from raytrail.errors import FINE
from raytrail.service import naming
from raytrail.service.compactor import Compacting
from raytrail.service.naming import Naming
from raytrail.settings import Settings
from store.errors import StoreBusy
from store.reading import known_inference
from store.store import Store
from tests.edge import Heard
from tests.factories import Body, compact, load, send
from tests.until import until


def beside(store: Store, **changes: float) -> tuple[Naming, Compacting, Heard]:
    log = Heard()
    compacting = Compacting(store, log, idle_seconds=0.01)
    made = naming.beside(compacting, Settings.read())
    made.start_seconds, made.look_seconds = 0.0, 0.01
    for name, value in changes.items():
        setattr(made, name, value)
    return made, compacting, log


def judged(log: Heard) -> int:
    return sum(event == "names inferred" for _, event, _ in log.lines)


def test_a_store_is_judged_while_the_compactor_runs(store: Store, body: Body) -> None:
    send(store, body())
    load(store)
    made, compacting, _ = beside(store)

    with made.running():
        until(lambda: known_inference.inference(store.layout).judged_at, "an inference")
        compacting.stop.set()
        assert compacting.forever() == FINE


def test_what_was_judged_is_judged_again_after_new_rows_and_its_time(
    store: Store, body: Body
) -> None:
    made, _, log = beside(store, every_seconds=0.0)
    made.once()
    made.once()
    assert judged(log) == 1, "nothing is new"

    send(store, body())
    made.took = 0.0
    made.once()

    assert judged(log) == 2


@pytest.mark.parametrize("change", [{"every_seconds": 3600.0}, {"took": 3600.0}])
def test_new_rows_wait_for_their_time(store: Store, body: Body, change: dict[str, float]) -> None:
    made, _, log = beside(store)
    made.once()
    send(store, body())
    for name, value in change.items():
        setattr(made, name, value)

    made.once()

    assert judged(log) == 1


def test_merged_rows_are_judged_at_the_next_look(store: Store, body: Callable[..., bytes]) -> None:
    made, _, log = beside(store)
    made.once()
    made.took = 0.0
    for number in range(20):
        send(store, body({"RayID": str(number), "EdgeStartTimestamp": "2026-11-20T09:00:00Z"}))
        load(store)
    compact(store)

    made.once()

    assert judged(log) == 2


@pytest.mark.parametrize("trouble", [StoreBusy("the catalog is locked"), MemoryError()])
def test_trouble_is_told_and_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def judge(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(naming, "judge", judge)
    made, _, log = beside(store, every_seconds=0.0)

    def told() -> bool:
        made.took = 0.0
        return sum(event == "names not inferred" for _, event, _ in log.lines) > 1

    with made.running():
        until(told, "a second warning")
