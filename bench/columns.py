"""Which fields a peer is given as columns."""

from functools import cache

import orjson

from bench.traffic import Traffic, lines
from schema.dataset import Field, datasets

LOOK_AT_RECORDS = 50


def peer_fields(which: str) -> list[Field]:
    """`sent`: those the traffic has, which is the least work; `dataset`: all, as Raytrail does."""
    known = datasets()["http_requests"].fields
    if which == "dataset":
        return list(known)
    sent = _sent()
    return [field for field in known if field.name in sent]


@cache
def _sent() -> frozenset[str]:
    looked_at = lines(Traffic(unknown_share=0.0), 0, LOOK_AT_RECORDS)
    return frozenset(name for line in looked_at for name in orjson.loads(line))
