"""Infers, over a whole store, which login names and request names are one person's.

A login says `s.rhea@example.com`, a request says `srhea`. queries/sql/identity/inferred_names.sql
weighs the evidence, and rivalry.py decides. Nothing here is transitive: each pair stands alone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from queries.engine import Engine
from queries.identity.access import access_of_logins
from queries.identity.rivalry import Evidence, Pair, decided
from queries.limits import DEFAULT_LIMITS, Limits
from store import names
from store.registers.identity.inferred_name import InferredName

_MICROSECOND = timedelta(microseconds=1)

# The first request after a login comes within seconds, or after a second factor and a slow page.
# Later ones may be of anybody who came since.
WINDOW = timedelta(minutes=10)

# The two logs are written by different machines.
SKEW = timedelta(seconds=10)

# After this silence an activity begins anew.
PAUSE = timedelta(minutes=30)

# Where more people begin in one window, behind the address of a whole company, a login tells nothing
# and comparing everybody with everybody takes hours.
NAMES_AT_ONCE = 100

# The pass over all requests takes about a second for two million. Nobody waits for it.
LIMITS = Limits(
    seconds=1800.0,
    memory_bytes=DEFAULT_LIMITS.memory_bytes // 4,
    spill_bytes=DEFAULT_LIMITS.spill_bytes,
    threads=1,
)


def infer(engine: Engine, configured: Iterable[str] = ()) -> tuple[InferredName, ...]:
    """All pairs that the snapshot proves. `configured` are hosts that Access covers as a whole."""
    access = access_of_logins(engine, configured)
    parameters = {
        **access.parameters(),
        "window": WINDOW // _MICROSECOND,
        "skew": SKEW // _MICROSECOND,
        "pause": PAUSE // _MICROSECOND,
        "names_at_once": NAMES_AT_ONCE,
    }
    found = engine.ask("identity/inferred_names", parameters).records()
    return tuple(_inferred(decided(Evidence(**each) for each in found)))


def _inferred(pairs: tuple[Pair, ...]) -> Iterator[InferredName]:
    """Names that are spellings of one name need no inference."""
    for pair in pairs:
        if names.folded(pair.login_name) == names.folded(pair.request_name):
            continue
        agreeing = pair.where_agreeing.values()
        yield InferredName(
            login_name=pair.login_name,
            request_name=pair.request_name,
            agreeing=pair.agreeing,
            against=pair.against,
            addresses=len(agreeing),
            first_login=_moment(min(each.first_us or 0 for each in agreeing)),
            last_login=_moment(max(each.last_us or 0 for each in agreeing)),
        )


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001 (UTC without a zone)
