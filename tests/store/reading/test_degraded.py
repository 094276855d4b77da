"""What does not get on is told with a fixed code and a sentence, and only as long as it lasts."""

from pathlib import Path

import pytest

from schema.errors import RaytrailError
from store.files.notices import Notices
from store.live_loading import LiveLoading
from store.reading.degraded import LAG_SECONDS_MAX
from store.store import Store
from tests.edge import Heard
from tests.factories import SHELL, UNPUBLISHABLE, Body, Clock, send


def test_a_store_that_gets_on_has_no_reasons(store: Store, body: Body, clock: Clock) -> None:
    send(store, body())
    clock.move(seconds=LAG_SECONDS_MAX)

    assert store.degraded() == ()


def test_a_batch_that_waits_much_longer_than_normal_is_a_reason(
    store: Store, body: Body, clock: Clock
) -> None:
    send(store, body())
    clock.move(seconds=LAG_SECONDS_MAX + 5)

    [reason] = store.degraded()

    assert reason.code == "lag"
    assert reason.text == (
        "1 stored batches wait to become rows, the oldest for 65 s instead of a few seconds"
    )


def test_views_that_cannot_be_published_are_a_reason_until_they_can(
    store: Store, body: Body, tmp_path: Path
) -> None:
    send(store, body())
    told = Notices(tmp_path)
    failing = LiveLoading(store, Heard(), UNPUBLISHABLE, notices=told)

    with pytest.raises(RaytrailError):
        failing.until_drained()

    [reason] = store.degraded(told)
    assert reason.code == "publishing"
    assert reason.text.startswith("audit.duckdb cannot be published: ")

    LiveLoading(store, Heard(), SHELL, notices=told).until_drained()
    assert store.degraded(told) == ()


def test_a_reason_does_not_tell_where_the_data_folder_lies(store: Store, tmp_path: Path) -> None:
    told = Notices(tmp_path)
    told.put("restarts-loader-1", f"cannot open {store.layout.root}/parts/x.parquet")

    [reason] = store.degraded(told)

    assert (reason.code, reason.text) == ("restarts", "cannot open the data folder/parts/x.parquet")
