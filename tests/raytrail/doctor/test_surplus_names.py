"""Datasets that got no table of their own are a finding, until a person acknowledges it."""

import pytest
from sqlalchemy import RowMapping, select

from raytrail.doctor import surplus_names
from raytrail.doctor.finding import Grade
from store.catalog.tables import batches
from store.intake import dataset_names
from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send


def made_up(store: Store, names: int) -> None:
    for number in range(names):
        send(store, gzipped(ndjson(record(RayID=f"{number}"))), f"made_up_{number}")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (1, None),
        (2, "1 batch of 1 dataset without a table: made_up_1"),
        (
            8,
            "7 batches of 7 datasets without a table: "
            + ", ".join(f"made_up_{number}" for number in range(1, 6))
            + ", ...",
        ),
    ],
)
def test_names_without_a_table_are_a_finding_with_a_few_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch, names: int, text: str | None
) -> None:
    monkeypatch.setattr(dataset_names, "NEW_NAMES_MAX", 1)
    made_up(store, names)

    found = list(surplus_names.examine(store))

    assert [each.text for each in found] == ([text] if text else [])
    assert all(each.grade is Grade.WRONG for each in found)


def test_doctor_tells_of_them_and_can_be_told_that_it_is_known(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_names, "NEW_NAMES_MAX", 1)
    made_up(store, 2)
    data = str(store.layout.root)

    told = raytrail("doctor", "--data", data)
    raytrail("doctor", "ack", "surplus_names", "--reason", "a test of ours", "--data", data)
    again = raytrail("doctor", "--data", data)

    assert "made_up_1" in told.stdout
    assert "acknowledged" in again.stdout


def test_a_batch_of_such_a_name_can_be_given_a_table(
    store: Store, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_names, "NEW_NAMES_MAX", 1)
    made_up(store, 2)
    load(store)
    [batch] = [row["batch_id"] for row in rows_of_batches(store) if row["sent_as"]]
    to = ["reassign", "--batch", batch, "--data", str(store.layout.root)]

    slip = raytrail(*to, "--dataset", "made_up_9")
    done = raytrail(*to, "--dataset", "made_up_1")

    assert slip.returncode != 0
    assert (done.returncode, store.status().datasets["made_up_1"].rows) == (0, 1)
    assert list(surplus_names.examine(store)) == []


def rows_of_batches(store: Store) -> list[RowMapping]:
    with store.catalog.read() as connection:
        return list(connection.execute(select(batches)).mappings())
