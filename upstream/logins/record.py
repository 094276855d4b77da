"""Converts one record of an answer to a line of a batch, with Logpush's field names.

The values are copied byte by byte, so no number or escape changes. The field `Answer` holds the
original record, with fields that this version does not know yet. Only newlines between two tokens
change: they become spaces.
"""

from collections.abc import Iterator, Sequence

import orjson

from schema.dataset import Dataset, datasets
from schema.fields.event_time import parse_time
from schema.fields.members import Member, elements, members, name_of
from upstream.errors import ApiChanged

ANSWER = "Answer"

# GraphQL returns dimensions and measures as nested objects.
NESTED = frozenset({"dimensions", "avg", "sum"})


def records(answer: bytes, path: Sequence[str]) -> list[bytes]:
    """The bytes of each record in the array at `path`.

    Of an array on the path the first element is used; null is an empty array.
    """
    _demand_json(answer)
    found = answer
    for name in path:
        if found.lstrip().startswith(b"["):
            inner = elements(found)
            if not inner:
                return []
            found = inner[0]
        held = {name_of(key): value for key, value in members(found)}
        if name not in held:
            raise ApiChanged(f"an answer without {'.'.join(path)}")
        found = held[name]
    return [] if found.strip() == b"null" else elements(found)


def line_of(record: bytes, dataset: Dataset) -> bytes:
    """The record as one line of a batch of `dataset`."""
    sent = {name_of(key): value for key, value in _flat(record)}
    pairs = [
        f'"{field.name}":'.encode() + sent[field.sent_as]
        for field in dataset.fields
        if field.sent_as in sent
    ]
    pairs.append(f'"{ANSWER}":'.encode() + record)
    # A JSON string contains no bare newline, so each of these is between two tokens.
    return b"{" + b",".join(pairs).replace(b"\r", b" ").replace(b"\n", b" ") + b"}"


def _flat(record: bytes) -> Iterator[Member]:
    for key, value in members(record):
        if name_of(key) in NESTED:
            yield from members(value)
        else:
            yield key, value


def _demand_json(answer: bytes) -> None:
    try:
        orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise ApiChanged(f"an answer is not JSON: {error}") from None


# The fields that identify a login. They have always been there: a field that Cloudflare adds, or
# shows to this plan later, must not turn a known login into a new one.
_IDENTITY = {
    "access_requests_rest": (
        "RayID",
        "Action",
        "AppUUID",
        "AppDomain",
        "Email",
        "Allowed",
        "Connection",
        "IPAddress",
    ),
    "access_login_events": (
        "RayID",
        "IsSuccessfulLogin",
        "ApprovingPolicyId",
        "IPAddress",
        "UserUID",
        "IdentityProvider",
        "DeviceId",
        "MtlsCertSerialId",
        "ServiceTokenId",
    ),
}


def identity_of(line: bytes, dataset_name: str) -> bytes:
    """The values that identify this line's record, as text to be hashed."""
    read = orjson.loads(line)
    (time_field,) = datasets()[dataset_name].event_time
    value = read.get(time_field)
    # Equal for one time, whatever its number of digits.
    at = repr(parse_time(value, orjson.dumps(value)))
    return orjson.dumps([at, *(read.get(name) for name in _IDENTITY[dataset_name])])
