"""The decoder that is told of is the one that decodes."""

import pytest

import native
from raytrail import decoder
from schema.decoding.decoder import CHOICE_VARIABLE, chosen


@pytest.mark.parametrize("choice", ["", "python"])
def test_the_reported_decoder_is_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    monkeypatch.setenv(CHOICE_VARIABLE, choice)

    told, used = decoder.running(), chosen()

    assert told.name == used.name
    assert used.reason.startswith(told.reason)


def test_an_unloadable_native_decoder_is_not_reported_as_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoder, "NATIVE_MODULE", "schema._never_built")

    assert decoder.running() == ("python", native.why_missing)


def test_a_loaded_native_decoder_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder, "NATIVE_MODULE", "schema.body.lines")

    assert decoder.running() == ("native", "it was built when Raytrail was installed")
