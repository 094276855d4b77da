"""A report leaves nothing out: not what was taken or changed, not a logout, not another dataset."""

import json
from pathlib import Path
from typing import Any

import pytest

from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, login, ndjson, record, send

LEAVER = "leaver@acme.example"

# Method, URI, content type, status, bytes; a minute apart. What left and what was changed on a last
# evening, beside one page.
EVENING: tuple[tuple[str, str, str, int, int], ...] = (
    ("GET", "/", "text/html", 200, 9_000),
    ("GET", "/core/api/-/archive/main/api-main.tar.gz", "application/x-gzip", 200, 890_000_000),
    ("GET", "/admin/export?table=customers&format=csv", "text/csv", 200, 54_000_000),
    ("GET", "/download/attachments/1/plan.pdf", "application/pdf", 200, 4_000_000),
    (
        "GET",
        "/reports/board.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        200,
        700_000,
    ),
    ("DELETE", "/api/v4/projects/7", "application/json", 200, 120),
    ("POST", "/api/v4/users/17/impersonation_tokens", "application/json", 201, 400),
    ("PUT", "/api/v4/projects/9/visibility?value=public", "application/json", 200, 400),
    ("POST", "/graphql", "application/json", 200, 400),
    ("GET", "/videos/allhands.mp4", "video/mp4", 200, 400_000_000),
)
SIZES = {
    9_000: "9 kB",
    890_000_000: "890 MB",
    54_000_000: "54 MB",
    4_000_000: "4 MB",
    700_000: "700 kB",
    120: "120 B",
    400: "400 B",
    400_000_000: "400 MB",
}
DOWNLOADS = [EVENING[place][1] for place in (1, 9, 2, 3, 4)]
CHANGES = [EVENING[place][1] for place in (5, 6, 7, 8)]


def evening() -> list[dict[str, Any]]:
    return [
        record(
            ClientRequestHost="git.acme.example",
            ClientRequestMethod=method,
            ClientRequestURI=uri,
            ClientRequestPath=uri.partition("?")[0],
            EdgeResponseContentType=content_type,
            EdgeResponseStatus=status,
            EdgeResponseBytes=size,
            EdgeStartTimestamp=f"2026-11-20T20:{minute:02}:00Z",
            EdgeEndTimestamp=f"2026-11-20T20:{minute:02}:00Z",
            ClientRequestUserAgent="Mozilla/5.0 (Macintosh) Chrome/142.0.0.0",
            RayID=f"9a0000000000000{minute}",
            RequestHeaders={"cf-access-user": LEAVER},
        )
        for minute, (method, uri, content_type, status, size) in enumerate(EVENING)
    ]


@pytest.fixture
def left(store: Store) -> Path:
    send(store, gzipped(ndjson(*evening())))
    load(store)
    return store.layout.root


def test_every_act_is_in_the_printed_report_with_its_method_and_size(
    raytrail: Command, left: Path
) -> None:
    text = raytrail("report", "--user", LEAVER, "--data", left).stdout

    _, _, sessions = text.partition("\nSessions")
    for method, uri, _, status, size in EVENING:
        [line] = [line for line in sessions.splitlines() if f"git.acme.example{uri} " in line]
        assert f" {method:6} {status} " in line
        assert f" {SIZES[size]} down " in line
    assert "10 requests (1 page view, 5 downloads, 4 changes)" in text


def test_downloads_are_listed_largest_first_and_changes_by_what_they_tell(
    raytrail: Command, left: Path
) -> None:
    text = raytrail("report", "--user", LEAVER, "--data", left).stdout
    found = json.loads(raytrail("report", "--user", LEAVER, "--data", left, "--json").stdout)

    assert [act["uri"] for act in found["downloads"]["shown"]] == DOWNLOADS
    assert [act["uri"] for act in found["changes"]["shown"]] == CHANGES
    assert [act["why"] for act in found["changes"]["shown"]] == [
        "deletes",
        "access",
        "access",
        None,
    ]
    places = [text.index(uri) for uri in DOWNLOADS + CHANGES]
    assert places == sorted(places)


def test_every_act_is_in_the_json_of_a_report(raytrail: Command, left: Path) -> None:
    found = json.loads(raytrail("report", "--user", LEAVER, "--data", left, "--json").stdout)

    [session] = found["sessions"]["shown"]
    assert [
        (step["method"], step["uri"], step["content_type"], *step["statuses"], step["size_bytes"])
        for step in session["steps"]
    ] == list(EVENING)
    assert {each["kind"]: each["requests"] for each in found["kinds"]["by_kind"]} == {
        "page": 1,
        "download": 5,
        "change": 4,
        **dict.fromkeys(("api", "program", "asset", "prefetch"), 0),
    }


def test_every_act_is_on_the_saved_page(raytrail: Command, left: Path, tmp_path: Path) -> None:
    raytrail("report", "--user", LEAVER, "--data", left, "--save", tmp_path)

    [page] = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")]
    sessions = page[page.index("<h2>Sessions") : page.index("<h2>Hosts")]
    steps = sessions.split("<li")[1:]
    assert len(steps) == len(EVENING)
    for step, (method, uri, _, status, size) in zip(steps, EVENING, strict=True):
        assert uri.replace("&", "&amp;") in step
        assert f"{SIZES[size]} down" in step
        # What is usual is not said of each step.
        assert (f">{method}<" in step) == (method != "GET")
        assert (f">{status}<" in step) == (status != 200)


def test_rows_of_the_same_name_in_other_datasets_are_counted_and_named(
    raytrail: Command, store: Store, tmp_path: Path
) -> None:
    ann = {"Email": "ann@example.com"}
    others: dict[str, list[dict[str, Any]]] = {
        "gateway_http": [
            {**ann, "Datetime": "2026-11-20T10:00:00Z", "URL": "https://files.example/x.zip"}
        ],
        "mcp_portal_logs": [
            {"UserEmail": "ann@example.com", "Datetime": "2026-11-20T10:00:00Z", "Method": "x"}
        ],
        "ssh_logs": [
            {"UserEmail": "ann@example.com", "Datetime": f"2026-11-{day}T10:00:00Z"}
            for day in (19, 20)
        ],
        "dns_logs": [{"QueryName": "files.example", "Timestamp": "2026-11-20T10:00:00Z"}],
    }
    for dataset, rows in others.items():
        send(store, gzipped(ndjson(*rows)), dataset)
    send(
        store,
        gzipped(ndjson(record(RequestHeaders={"cf-access-user": "ann@example.com"}))),
    )
    load(store)
    words = ("report", "--user", "ann@example.com", "--data", store.layout.root)

    text = raytrail(*words, "--save", tmp_path).stdout
    whole = json.loads(raytrail(*words, "--json").stdout)
    one_day = json.loads(raytrail(*words, "--json", "--since", "2026-11-20").stdout)

    counts = [(each["dataset"], each["user_id"], each["rows"]) for each in whole["elsewhere"]]
    assert counts == [
        ("gateway_http", "ann@example.com", 1),
        ("mcp_portal_logs", "ann@example.com", 1),
        ("ssh_logs", "ann@example.com", 2),
    ]
    assert [each["rows"] for each in one_day["elsewhere"]] == [1, 1, 1]
    [page] = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")]
    for output, title in ((page, "Records of other kinds"), (text, "Rows in other datasets")):
        _, _, section = output.partition(title)
        for dataset in ("gateway_http", "mcp_portal_logs", "ssh_logs"):
            assert dataset in section
        assert "2 rows" in section


def test_a_name_that_only_other_datasets_have_gets_a_report_and_is_named_by_trail(
    raytrail: Command, store: Store
) -> None:
    ann = {"UserEmail": "ann@example.com", "Datetime": "2026-11-20T10:00:00Z"}
    send(store, gzipped(ndjson(ann, ann)), "ssh_logs")
    send(store, gzipped(ndjson(record())))
    load(store)
    asked = ("--user", "ann@example.com", "--data", store.layout.root)

    found = json.loads(raytrail("report", *asked, "--json").stdout)
    text = raytrail("report", *asked).stdout
    told = raytrail("trail", *asked).stderr

    assert found["totals"]["requests"] == 0
    assert [(each["dataset"], each["rows"]) for each in found["elsewhere"]] == [("ssh_logs", 2)]
    assert "ssh_logs" in text
    assert "no request and no login" in text
    assert "ssh_logs: 2 rows" in told


def test_a_logout_is_no_login(raytrail: Command, store: Store, tmp_path: Path) -> None:
    events = [
        login(Action=action, CreatedAt=f"2026-11-21T{hour}:00:30Z", RayID=f"9c{hour}")
        for hour, action in (("09", "login"), ("17", "logout"))
    ]
    send(store, gzipped(ndjson(*events)), "access_requests")
    load(store)
    words = ("report", "--user", "srhea@widgetcorp.example", "--data", store.layout.root)

    text = raytrail(*words, "--save", tmp_path).stdout
    found = json.loads(raytrail(*words, "--json").stdout)

    assert "1 login, 1 logout" in text
    assert (found["logins"]["total"], found["other_events"]["total"]) == (1, 1)
    assert (found["access_events"]["logins"], found["access_events"]["logouts"]) == (1, 1)
    [page] = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")]
    assert "<b>1</b> <span>login</span><small>1 logout</small>" in page


def test_a_damaged_file_of_another_dataset_is_said_and_refuses_no_report(
    raytrail: Command, left: Path, store: Store
) -> None:
    send(
        store,
        gzipped(ndjson({"Email": LEAVER, "Datetime": "2026-11-20T10:00:00Z", "URL": "x"})),
        "gateway_http",
    )
    load(store)
    [path] = store.snapshot().files["gateway_http"]
    path.chmod(0o600)
    path.write_bytes(b"PAR1")

    ended = raytrail("report", "--user", LEAVER, "--data", left, "--json")

    [found] = json.loads(ended.stdout)["elsewhere"]
    assert (ended.returncode, found["dataset"], found["rows"]) == (0, "gateway_http", 0)
    assert found["is_at_least"] is True
    text = raytrail("report", "--user", LEAVER, "--data", left).stdout
    assert "at least 0 rows, its damaged files not counted" in text
