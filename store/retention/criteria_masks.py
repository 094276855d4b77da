"""Which rows of a table meet each criterion of a hold, as masks."""

from collections.abc import Callable
from datetime import datetime
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from store import names

_PORT = ":[0-9]+$"
_SCHEME = "(?i)^https?://"


def of_user(table: pa.Table, user: str, *, is_exact: bool) -> pa.ChunkedArray:
    """Rows of this user, in any spelling unless `is_exact`."""
    if "user_id" not in table.column_names:
        return every(table, False)
    users = _texts(table["user_id"])
    if is_exact:
        return pc.equal(users, user)
    known = pc.unique(users).drop_null().to_pylist()
    spellings = names.other_spellings(known, {user})
    return pc.is_in(users, value_set=pa.array([user, *spellings], users.type))


def host_name(host: str) -> str:
    """Lower case and without a port, like queries/sql/definitions/host_name.sql."""
    return str(_host_names(pa.chunked_array([[host]]))[0])


def of_host(table: pa.Table, host: str) -> pa.ChunkedArray:
    """Rows with this host, as `host_name` writes it, in any column with a host."""
    masks = [
        pc.equal(_host_names(host_of(_texts(table[name]))), host).fill_null(False)
        for name, host_of in HOSTS.items()
        if name in table.column_names
    ]
    return reduce(pc.or_, masks, every(table, False))


def of_times(
    table: pa.Table, since: datetime | None, until: datetime | None
) -> list[pa.ChunkedArray]:
    """Rejected lines have no event time, so that of their receipt counts."""
    name = "event_time" if "event_time" in table.column_names else "received_at"
    times = table[name]
    masks = []
    if since is not None:
        masks.append(pc.greater_equal(times, pa.scalar(since, times.type)))
    if until is not None:
        masks.append(pc.less(times, pa.scalar(until, times.type)))
    return masks


def _host_names(hosts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(pc.utf8_lower(hosts), _PORT, "")


def _as_sent(hosts: pa.ChunkedArray) -> pa.ChunkedArray:
    return hosts


def _of_domain(domains: pa.ChunkedArray) -> pa.ChunkedArray:
    """The domain of an Access application may include a scheme and a path."""
    bare = pc.replace_substring_regex(pc.utf8_trim_whitespace(domains), _SCHEME, "")
    return pc.replace_substring_regex(bare, "(?s)/.*", "")


# The columns with a host, and how it is read from them; a row matches by any of them.
HOSTS: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    "ClientRequestHost": _as_sent,
    "HTTPHost": _as_sent,
    "AppDomain": _of_domain,
}

# All columns that a hold may compare.
TIMES = ("event_time", "received_at")
COLUMNS = ("user_id", *HOSTS, *TIMES)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """During a merge, columns of repeated texts are dictionaries."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def every(table: pa.Table, value: bool) -> pa.ChunkedArray:
    """The same value for every row."""
    return pa.chunked_array([pa.repeat(pa.scalar(value), table.num_rows)])
