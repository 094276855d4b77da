"""An answer comes from the file that the catalog names, or says that it does not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import update

from raytrail.errors import COULD_NOT_DO_IT, FINE
from store.catalog.tables import files
from store.parquet import footer
from store.replay.remake import Remade
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send
from tests.faults.damaged import DAYS, loading, remaking, rows_once, shown, three_days
from tests.faults.lab import Lab


def swapped(first: Path, second: Path) -> None:
    here, there = first.read_bytes(), second.read_bytes()
    assert len(here) == len(there), "files of two sizes are found by their sizes"
    first.write_bytes(there)
    second.write_bytes(here)


def copied(first: Path, second: Path) -> None:
    shutil.copyfile(first, second)


@pytest.mark.parametrize("harm", [swapped, copied])
def test_a_question_that_needs_a_part_with_the_content_of_another_names_it(
    harm: Callable[[Path, Path], None], lab: Lab, raytrail: Command
) -> None:
    with lab.store() as store:
        parts = three_days(store)
        harm(parts[DAYS[0]], parts[DAYS[1]])
        data = ("--data", str(store.layout.root))

        for question in (("trail", "--user", "srhea"), ("sql", "SELECT RayID FROM http_requests")):
            status, _, told = raytrail(*question, *data)
            assert status == COULD_NOT_DO_IT
            assert "is another file than was written: its footer says day" in told
            assert "3 rows of http_requests of 2026-11-" in told
        last = ("trail", "--user", "srhea", "--since", DAYS[2], "--json")
        status, rows, _ = raytrail(*last, *data)
        assert (status, rows.count("\n")) == (FINE, 3)


def test_the_service_makes_swapped_parts_again(lab: Lab) -> None:
    with lab.store() as store:
        parts = three_days(store)
        swapped(parts[DAYS[0]], parts[DAYS[1]])

        loading(store).until_drained()
        [[told], [_]] = shown(store, "SELECT reason FROM damaged")
        assert "is another file than was written" in str(told)
        made = remaking(store)
        assert [type(made.once()), type(made.once()), made.once()] == [Remade, Remade, None]

        loading(store).until_drained()
        assert shown(store, "SELECT * FROM damaged") == []
        rows_once(store)


def test_parts_without_a_name_are_told_apart_by_their_first_receipt(lab: Lab) -> None:
    """As an earlier version wrote them; both are of one day, so that nothing else differs."""
    with lab.store() as store:
        with pytest.MonkeyPatch.context() as earlier:
            earlier.setattr(footer, "_NAME", "raytrail.unheard")
            for ray in ("1", "2"):
                send(store, gzipped(ndjson(record(RayID=ray))))
                load(store)
        first, second = store.snapshot().parts
        shutil.copyfile(second, first)
        with store.catalog.write() as connection:
            connection.execute(update(files).values(bytes=second.stat().st_size))

        [damaged] = store.snapshot().damaged

    assert damaged.path.endswith(first.name)
    assert "its footer says receipt 3, the catalog says 1" in damaged.trouble.reason


def test_a_user_whose_name_looks_like_a_footer_makes_no_file_damaged(lab: Lab) -> None:
    """Only in a file of the first format can such a name come after all keys of ours."""
    name = "\x18\x0fraytrail.format\x18\x019\x00" * 2
    with lab.store() as store:
        send(store, gzipped(ndjson(record(RequestHeaders={"cf-access-user": name}))))
        load(store)
        [path] = store.snapshot().parts
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.replace_schema_metadata({}), path, store_schema=False)
        as_in_catalog = {"bytes": path.stat().st_size, "format": None}
        with store.catalog.write() as connection:
            connection.execute(update(files).values(as_in_catalog))

        assert name.encode() in path.read_bytes()
        assert store.snapshot().damaged == ()
