"""The envelope opened: the same plain bytes, wherever the gzip bytes are cut on the way."""

import gzip
import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.body import envelope
from schema.body.envelope import GIVEN_BYTES_AT_ONCE, PLAIN_BYTES_AT_ONCE, Envelope
from schema.body.limits import EnvelopeLimits
from schema.errors import BodyDamaged


def opened(*pieces: bytes) -> list[bytes]:
    opening = Envelope(EnvelopeLimits())
    plain = [each for piece in pieces for each in opening.feed(piece)]
    return [*plain, *opening.finish()]


@given(
    members=st.lists(st.binary(max_size=300), min_size=1, max_size=4),
    at_once=st.integers(1, 50),
    level=st.sampled_from([0, 1, 9]),
)
def test_members_given_a_little_at_a_time_are_what_was_compressed(
    members: list[bytes], at_once: int, level: int
) -> None:
    sent = b"".join(gzip.compress(member, level, mtime=0) for member in members)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "GIVEN_BYTES_AT_ONCE", at_once)
        assert b"".join(opened(sent)) == b"".join(members)
        with pytest.raises(BodyDamaged):
            opened(sent[:-1])


@pytest.mark.parametrize("first_bytes", [GIVEN_BYTES_AT_ONCE - 19, 3 * GIVEN_BYTES_AT_ONCE])
def test_a_file_that_comes_whole_is_read_as_in_pieces(first_bytes: int) -> None:
    noise = random.Random(1)
    members = [noise.randbytes(size) for size in (first_bytes, 10, 2 * GIVEN_BYTES_AT_ONCE)]
    sent = b"".join(gzip.compress(member, 0, mtime=0) for member in members)
    step = 1_000

    whole = opened(sent)

    assert b"".join(whole) == b"".join(members)
    assert b"".join(opened(*(sent[at : at + step] for at in range(0, len(sent), step)))) == (
        b"".join(members)
    )


def test_what_waits_to_be_read_is_not_copied_with_every_piece() -> None:
    noise = random.Random(2)
    sent = gzip.compress(noise.randbytes(4 * 2**20), 1, mtime=0)
    opening = Envelope(EnvelopeLimits())
    tracemalloc.start()
    try:
        for _ in opening.feed(sent):
            pass
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 4 * (GIVEN_BYTES_AT_ONCE + PLAIN_BYTES_AT_ONCE)
