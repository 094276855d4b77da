"""A flipped bit gives an error or a refusal, and never another row."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.queries.narrow.parquet_files import COLUMNS, Asked, Reader, mark, write

ROWS = [
    {
        "user_id": user,
        "event_time": 1_000_000 * number,
        "RayID": f"{user} {number}",
        "text": f"text {number % 3}",
        "bytes": bytes([number]),
        "short": number,
        "long": number * 1_000,
        "double": number / 3,
        "flag": number % 2 == 0,
    }
    for user in ("ada", "bob", "cleo")
    for number in range(12)
]

DICTIONARIES = {"use_dictionary": ["user_id", "text", "short"]}
DELTA = {
    "use_dictionary": False,
    "column_encoding": {
        "event_time": "DELTA_BINARY_PACKED",
        "long": "DELTA_BINARY_PACKED",
        "RayID": "DELTA_LENGTH_BYTE_ARRAY",
        "text": "DELTA_LENGTH_BYTE_ARRAY",
    },
}
PLAIN = {"use_dictionary": False}


@pytest.mark.parametrize("packing", ["zstd", "none"])
@pytest.mark.parametrize("how", [DICTIONARIES, DELTA, PLAIN])
def test_no_flipped_bit_gives_another_row(
    tmp_path: Path, how: dict[str, Any], packing: str
) -> None:
    path = tmp_path / "file.parquet"
    # Several pages a column, of which some hold rows of others only.
    write(path, ROWS, **how, compression=packing, data_page_size=1, write_batch_size=9)
    whole, file = path.read_bytes(), mark(path)
    bob: Asked = (file, [("bob", (12, 24))])
    right, trouble = Reader(100).of_users([bob], COLUMNS, None, 100)
    assert trouble is None
    assert right is not None
    assert right.num_rows == 12

    noticed = set[int]()
    for place in range(len(whole)):
        path.write_bytes(flipped(whole, place))
        batch, trouble = Reader(100).of_users([bob], COLUMNS, None, 100)
        if trouble is None:
            assert batch is not None
            assert batch.equals(right), place
        else:
            noticed.add(place)

    assert noticed >= set(range(len(whole) - file[1], len(whole))), "every byte of the footer"
    assert noticed >= set(bodies_of_dictionaries(path, whole)), "every byte of a page that is read"
    # The rest are pages of others alone, and what no row depends on.
    assert len(noticed) > len(whole) // 2


def flipped(whole: bytes, place: int) -> bytes:
    held = bytearray(whole)
    held[place] ^= 1 << place % 8
    return bytes(held)


def bodies_of_dictionaries(path: Path, whole: bytes) -> list[int]:
    """The last bytes of the dictionary page of each column that has one, which any row needs."""
    path.write_bytes(whole)
    group = pq.read_metadata(path).row_group(0)
    chunks = [group.column(number) for number in range(group.num_columns)]
    return [
        chunk.data_page_offset - back
        for chunk in chunks
        if chunk.has_dictionary_page
        for back in range(1, 4)
    ]
