"""Which decoder runs, and that there is one where none was built."""

import subprocess
import sys

import pytest

from schema.body.newlines import count_newlines
from schema.decoding.decoder import chosen, readers

WITHOUT_NATIVE = """
import sys
sys.modules["native._native"] = None
from schema.decoding.decoder import chosen, readers
from schema.body.newlines import count_newlines
decoder = chosen({})
print(decoder.name, "|", decoder.reason, "|", sorted(readers()), "|", count_newlines(b"a\\nb\\n\\n", 1, 4))
"""


def test_without_a_native_decoder_the_python_one_serves_and_says_so() -> None:
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_NATIVE], capture_output=True, text=True, check=True
    ).stdout.strip()

    assert said == (
        "python | no native decoder is built (native._native) | ['columns', 'rows'] | 2"
    )


OUTDATED = """
import sys, types
sys.modules["native._native"] = types.ModuleType("native._native")
import native
from schema.decoding.decoder import chosen, readers
from store.reading.narrow.reader import narrow_reader
from store.files.layout import Layout
from pathlib import Path
from store.parquet import row_hashes
from raytrail import decoder
print(chosen({}).name, "|", chosen({}).reason)
print(decoder.running().reason)
print(sorted(readers()), narrow_reader(Layout(Path("data")), {}), row_hashes._native)
"""


def test_a_library_of_an_earlier_version_is_as_good_as_none() -> None:
    said = subprocess.run(
        [sys.executable, "-c", OUTDATED], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert said[0].startswith("python | the native decoder was built for another version")
    assert said[1].endswith("`make setup` builds it again")
    assert said[2] == "['columns', 'rows'] None None"


def test_the_python_decoder_can_be_asked_for() -> None:
    decoder = chosen({"RAYTRAIL_DECODER": "python"})

    assert (decoder.name, decoder.reason) == ("python", "RAYTRAIL_DECODER says so")
    assert decoder.reader is readers()["columns"]


def test_the_native_decoder_is_chosen_where_it_is_built() -> None:
    if "native" not in readers():
        pytest.skip("NO NATIVE DECODER: it was not built")

    assert chosen({}).name == "native"


def test_newlines_are_counted_in_their_place_only() -> None:
    assert count_newlines(b"\n\na\nb\n", 1, 4) == 2
