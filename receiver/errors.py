"""Why a request is refused, and what the sender is told.

RaytrailError
└── RequestRefused        nothing that counts was kept
    ├── BadFraming        400, the request contradicts itself
    ├── NotAuthorized     401, token missing, wrong or given twice
    ├── NoSuchDataset     404, the path names what no dataset is called
    ├── Damaged           400, the body is not what it claims to be
    ├── TooLarge          413, a body that costs more disk than we risk before answering
    ├── UnknownEncoding   415, a Content-Encoding we do not take
    └── TryLater          503, the same bytes will do better later

The text goes into the Logpush job's `error_message`, so it is short and holds no secret.
"""

from collections.abc import Mapping
from typing import ClassVar

from schema.errors import RaytrailError


class RequestRefused(RaytrailError):
    status: ClassVar[int] = 400
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, text: str, **facts: str | int) -> None:
        super().__init__(text)
        self.facts = facts


class BadFraming(RequestRefused):
    status = 400


class NotAuthorized(RequestRefused):
    status = 401
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class NoSuchDataset(RequestRefused):
    status = 404


class Damaged(RequestRefused):
    status = 400


class TooLarge(RequestRefused):
    status = 413


class UnknownEncoding(RequestRefused):
    status = 415
    headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "gzip, identity"}


class TryLater(RequestRefused):
    status = 503
    # Long enough for a disk to be cleared or a lock to go, short against Logpush's patience.
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "30"}
