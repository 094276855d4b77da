"""The views are read by the oldest DuckDB we promise and by the one we ship."""

import json
import subprocess
from pathlib import Path

import pytest

from raytrail.commands.questions.shell import duckdb_program
from store.reading import views
from store.store import Store
from tests.factories import SHELL, gzipped, login, ndjson, record, send

OLDEST = Path(__file__).parents[2] / ".venv" / "oldest" / "bin" / "duckdb"
QUESTION = """
    SELECT
        (SELECT count(*) FROM http_requests WHERE date >= '2026-11-01') AS requests,
        (SELECT count(*) FROM access_requests)                          AS logins,
        (SELECT count(*) FROM rejected)                                 AS rejected,
        (SELECT count(*) FROM trail('srhea'))                           AS trail,
        (SELECT count(*) FROM people())                                 AS people,
        (SELECT RequestHeaders->>'cf-access-user' FROM http_requests LIMIT 1) AS header
"""


@pytest.mark.slow
@pytest.mark.parametrize("program", ["oldest", "shipped"])
def test_every_view_and_macro_answers(store: Store, program: str) -> None:
    if program == "oldest" and not OLDEST.exists():
        pytest.skip("NO OLD DUCKDB: `make test-faults` installs it; 1.4 was not tried")
    far = record(EdgeStartTimestamp=0, RayID="7" * 16)  # lies in date=__other__; its day is in 1970
    send(store, gzipped(ndjson(record(), far) + b"no json\n"))
    send(store, gzipped(ndjson(login())), "access_requests")
    loader = store.loader()
    while loader.load_next():
        pass
    views.publish(store.layout, store.snapshot(), SHELL)

    duckdb = str(OLDEST) if program == "oldest" else duckdb_program()
    command = [duckdb, "-readonly", "-json", str(store.layout.audit), "-c", QUESTION]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    counts = {"requests": 1, "logins": 1, "rejected": 1, "trail": 2, "people": 2}
    assert found == [{**counts, "header": "srhea"}]
