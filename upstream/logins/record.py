"""One record of an answer as a line of a batch: under Logpush's names, and whole beside them.

The values are the answer's own bytes, so no number or escape changes on the way. The record as
it came stands in `Answer`: a field that nobody knows yet is kept there, and a later version can
read it. What is not kept is how the JSON was laid out: a newline between two tokens is a space.
"""

from collections.abc import Iterator, Sequence

import orjson

from schema.dataset import Dataset, datasets
from schema.fields.event_time import parse_time
from schema.fields.members import Member, elements, members, name_of
from upstream.errors import ApiChanged

ANSWER = "Answer"

# GraphQL puts what it groups by and what it measures into objects of their own.
NESTED = frozenset({"dimensions", "avg", "sum"})


def records(answer: bytes, path: Sequence[str]) -> list[bytes]:
    """The bytes of each record in the array that lies at `path` in an answer.

    An array on the way is entered at its first element, and null stands for nothing.
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
    # A string holds no bare newline, so each of these stands between two tokens.
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
        raise ApiChanged(f"an answer that is no JSON: {error}") from None


# What makes a login itself. A field that Cloudflare adds, or shows to this plan only later, must
# not make a known login a new one, so only those count that have always been there.
_SELF = {
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


def self_of(line: bytes, dataset_name: str) -> bytes:
    """What makes this line's record itself, as text to be hashed."""
    read = orjson.loads(line)
    (time_field,) = datasets()[dataset_name].event_time
    value = read.get(time_field)
    # However many digits the same moment is told with.
    at = repr(parse_time(value, orjson.dumps(value)))
    return orjson.dumps([at, *(read.get(name) for name in _SELF[dataset_name])])
