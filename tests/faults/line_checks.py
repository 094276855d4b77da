"""What must hold of lines and where they belong. Used as the checks in checks.py."""

from queries.engine import open_engine
from queries.errors import QueryFailed
from queries.identity.people import UnknownUser
from queries.identity.person import Person
from queries.report.assembly import report
from queries.report.model import Totals
from schema.decoding.json_errors import SEVERAL_REASON
from store.replay.selection import Selection
from store.store import Store
from tests.factories import Clock, compact, gzipped, ndjson, record, send
from tests.faults.lab import Lab, drain, ray, rays_found

# A line, and why it is rejected.
REASONS = {
    b"[" * 191: "not JSON: unexpected end of data",
    b"[[1," * 500: "not JSON: unexpected end of data",
    b"[" * 2_000: "not JSON: depth limit exceeded",
    b'{"a":"\xff"}': "not JSON: the bytes are not valid UTF-8",
    b'{"a":1}{"b":2}': SEVERAL_REASON,
    b'{"a":1}, {"b":2}': SEVERAL_REASON,
    b'{"a":1}|~|{"b":2}': SEVERAL_REASON,
    b'{"a":1}x': "not JSON: unexpected content after document",
}


def totals_of(store: Store, user: str) -> Totals:
    with open_engine(store.snapshot()) as engine:
        found = report(engine, Person.only(user))
    assert not isinstance(found, UnknownUser)
    return found.totals


def lines_without_an_id_all_stay(lab: Lab) -> None:
    """Nothing tells a line that was sent again from a second request."""
    x = {name: value for name, value in record().items() if name != "RayID"}
    y = {**x, "ClientRequestURI": "/other"}
    with lab.store() as store:
        for body in ((x,), (x, y), (x, x, y)):
            send(store, gzipped(ndjson(*body)))
        drain(store)
        before = totals_of(store, "srhea")
        assert isinstance(store.clock, Clock)
        store.clock.move(days=2)
        compact(store)
        lab.injected(1)

        assert (before.requests, before.bytes) == (6, 6 * x["EdgeResponseBytes"])
        assert before.probable_duplicates == 3
        assert totals_of(store, "srhea") == before
        found = store.status().datasets["http_requests"]
        assert (found.rows, found.folded_rows, found.probable_duplicates) == (6, 0, 3)


def reasons_are_true(lab: Lab) -> None:
    with lab.store() as store:
        send(store, gzipped(b"\n".join(REASONS)))
        drain(store)
        with open_engine(store.snapshot()) as engine:
            answer = engine.run("SELECT line_number, reason FROM rejected", {}, QueryFailed)
            found = {int(number): str(reason) for number, reason in answer.rows}
    lab.injected(len(REASONS))

    assert found == dict(enumerate(REASONS.values(), 1))


def misdirected_lines_are_told_of_and_move_once(lab: Lab) -> None:
    """Sent to a misspelt name; one of the two batches was sent to the right one as well."""
    with lab.store() as store:
        for number in (1, 2):
            send(store, gzipped(ndjson(record(RayID=ray(number)))), "http_request")
        send(store, gzipped(ndjson(record(RayID=ray(2)))))
        drain(store)
        lab.injected(2)
        told = dict(store.status().datasets["http_request"].foreign)
        wanted = Selection(dataset="http_request", looks_like="http_requests")

        done = store.reassignment("http_requests").run(wanted)

        assert told == {"http_requests": 2}
        assert (done.moved, len(done.left)) == (1, 1)
        assert rays_found(store) == {ray(1): 1, ray(2): 1}
