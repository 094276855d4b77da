"""The demo's batches: two days of made-up traffic, the same bytes on every run.

`python -m raytrail.demo.records` writes them to raytrail/demo. One line in each batch of requests
is irregular on purpose: an unknown field, a status written as text, a truncated record.
"""

import json
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Final

from raytrail.demo.cast import KOWALCZYK, VISITS
from raytrail.demo.record_fields import SHORT, Record
from raytrail.demo.times import at, rfc3339, rfc3339ms, unixnano
from raytrail.demo.traffic import Tab, Traffic

FOLDER: Final = Path(__file__).parent

# The Logpush job has the short list of fields until this time, then the long one.
WIDENED: Final = at("17 07:30:00")
# The zone logs only the user of a request until this time, then what browsers say of it too.
HEADERS_ADDED: Final = at("18 01:00:00")
USER_HEADER: Final = "cf-access-user"
# Each batch: its name, how its job writes times, and when the next batch starts.
BATCHES: Final[tuple[tuple[str, Callable[[int], int | str], int], ...]] = (
    ("http_requests-1.ndjson", rfc3339, at("17 13:00:00")),
    ("http_requests-2.ndjson", unixnano, at("18 01:00:00")),
    ("http_requests-3.ndjson", rfc3339ms, at("19 00:00:00")),
)


def as_logged(record: Record, timed: Callable[[int], int | str]) -> Record:
    """The record as its job writes it: with the job's fields and time format."""
    started = record["EdgeStartTimestamp"]
    names = SHORT if started < WIDENED else sorted(record)
    times = {name: timed(record[name]) for name in ("EdgeStartTimestamp", "EdgeEndTimestamp")}
    logged = record | times | ({} if started >= HEADERS_ADDED else _without_headers(record))
    return {name: logged[name] for name in names}


def _without_headers(record: Record) -> Record:
    sent = record["RequestHeaders"]
    user = {name: value for name, value in sent.items() if name == USER_HEADER}
    return {"RequestHeaders": user, "ResponseHeaders": {}}


def as_line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def odd(number: int, record: Record) -> str:
    """The one irregular line of batch `number`."""
    if number == 0:
        return as_line(record | {"EdgeGreenEnergyShare": 0.62})
    if number == 1:
        return as_line(record | {"EdgeResponseStatus": str(record["EdgeResponseStatus"])})
    return as_line(record)[:300]


def batches() -> Iterator[tuple[str, list[str]]]:
    """The name and the lines of every file."""
    traffic = Traffic()
    for visit in VISITS:
        Tab(traffic, visit).walk()
    begins = 0
    for number, (name, timed, ends) in enumerate(BATCHES):
        requests = [r for r in traffic.requests if begins <= r["EdgeStartTimestamp"] < ends]
        requests.sort(key=itemgetter("EdgeStartTimestamp"))
        records = [as_logged(request, timed) for request in requests]
        lines = [as_line(record) for record in records]
        chosen = next(
            i
            for i, r in enumerate(records)
            if r["RequestHeaders"].get(USER_HEADER) == KOWALCZYK.user
        )
        lines[chosen] = odd(number, records[chosen])
        yield name, lines
        begins = ends
    logins = sorted(traffic.logins, key=itemgetter("CreatedAt"))
    yield (
        "access_requests-1.ndjson",
        [as_line(login | {"CreatedAt": rfc3339(login["CreatedAt"])}) for login in logins],
    )


def write(folder: Path) -> None:
    """Rewrite every file of the demo in `folder`."""
    for name, lines in batches():
        text = "".join(f"{line}\n" for line in lines)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(FOLDER)
