"""Hostile text in every logged field, on every way out: seen, and nothing else."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest

from queries.analyst import analyst_sql
from queries.engine import Engine, open_engine
from queries.escape import OBEYED_BY_SPREADSHEETS, for_terminal
from queries.identity.people import UnknownUser
from queries.identity.person import Person
from queries.outputs import terminal
from queries.outputs.csv_out import trail_csv
from queries.outputs.html.page import report_html
from queries.outputs.json_out import report_object, trail_lines
from queries.outputs.terminal_report import show_report
from queries.period import parse_period
from queries.report import assembly as report_module
from queries.report import sessions
from queries.report.assembly import report
from queries.report.charts.activity import activity_svg
from queries.report.model import Activity, Report
from queries.trail import trail
from store.reading.snapshot import Snapshot
from tests.factories import login, record

Engines = Callable[..., Engine]

HOSTILE = (
    "<script>alert(1)</script>",
    '"onmouseover="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    "</title><base href=//evil.example>",
    "javascript:alert(1)",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x1b[2J\x1b[31m",
    "\u202egnp.exe\u2066\u200b\u2028",
    "=1+1",
    "@SUM(A1)",
    "\tcell",
    "%s%n{0}{self.__class__}{{7*7}}{% raw %}",
    "[red]rich[/red] [link=https://evil.example]x[/link] :boom:",
    "a\x00b",
    'line\n{"level":"error"}\r\nnext',
    "datum['x'] + event.item",
)
LONG = "/" + "u" * 1_000_000


def hostile_record(text: str) -> dict[str, Any]:
    fields = (
        "ClientRequestHost ClientRequestURI ClientRequestMethod ClientRequestReferer ClientCountry "
        "ClientRequestUserAgent ClientIP RayID ParentRayID ClientRequestSource"
    )
    visit = dict.fromkeys(fields.split(), text)
    # A page, so that it is in the sessions; refused, so that it is among those too.
    return record(**{**visit, "ParentRayID": "", "ClientRequestSource": ""}, EdgeResponseStatus=403)


def hostile_login(text: str) -> dict[str, Any]:
    fields = ("AppDomain", "Connection", "Country", "IPAddress", "Action", "RayID")
    return login(Email="srhea", **dict.fromkeys(fields, text))


@pytest.fixture(scope="module")
def asked(snapshot: Callable[..., Snapshot]) -> Iterator[Engine]:
    taken = snapshot(
        [hostile_record(text) for text in HOSTILE], [hostile_login(text) for text in HOSTILE]
    )
    with open_engine(taken) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(asked: Engine) -> Report:
    made = report(asked, Person.only("srhea"))
    assert isinstance(made, Report)
    return made


def printed(show: Callable[[Any], Any], columns: int = 400) -> str:
    stream = io.StringIO()
    show(terminal.make_console(stream, columns=columns))
    return stream.getvalue()


class Page(HTMLParser):
    """Everything a browser would make of the page: elements, attributes, text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section"),
    *("article", "p", "h1", "h2", "h3", "dl", "dt", "dd", "ul", "ol", "li", "div", "b", "span"),
    *("table", "tr", "th", "td", "time", "small"),
    *("svg", "g", "path", "text", "rect", "defs", "clippath", "line"),
}


def test_the_page_contains_only_elements_of_the_template(found: Report) -> None:
    page = Page(report_html(found))

    assert page.elements <= ELEMENTS
    assert page.elements >= {"svg", "table", "article"}
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert not names & {"href", "src", "xlink:href", "action", "formaction", "srcset"}


def test_the_page_shows_hostile_text_as_text(found: Report) -> None:
    text = "\n".join(Page(report_html(found)).texts)

    for each in HOSTILE:
        assert for_terminal(each) in text
    for character in "\x00\x07\x1b\u202e\u2066\u200b\u2028\r":
        assert character not in text


def test_the_content_security_policy_allows_only_what_the_page_needs(found: Report) -> None:
    attributes = Page(report_html(found)).attributes

    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("content", policy) in attributes
    assert ("content", "no-referrer") in attributes


def test_the_style_sheet_is_not_escaped(found: Report) -> None:
    page = report_html(found).decode()
    style = page[page.index("<style>") : page.index("</style>")]

    assert "&" not in style
    assert '"Segoe UI"' in style


def test_the_chart_is_xml_without_scripts_and_links(found: Report) -> None:
    drawing = ET.fromstring(activity_svg(found.activity))

    tags = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert tags <= {"svg", "g", "path", "text", "rect", "defs", "clipPath", "line", "title"}
    for element in drawing.iter():
        assert not {name for name in element.attrib if name.rpartition("}")[2].startswith("on")}
        assert not {name for name in element.attrib if name.rpartition("}")[2] == "href"}


def test_the_chart_names_hosts_visibly(engine: Engines) -> None:
    named = engine([record(ClientRequestHost="<b>\u202ehost"), record(ClientRequestHost=None)])
    made = report(named, Person.only("srhea"))
    assert isinstance(made, Report)

    labels = [text.text for text in ET.fromstring(activity_svg(made.activity)).iter() if text.text]

    assert r"<b>\u202ehost" in labels
    assert "other hosts" in labels


def test_without_requests_there_is_no_chart() -> None:
    assert activity_svg(Activity(bucket="hour", counts=())) == ""


def test_hostile_text_is_escaped_in_a_terminal(asked: Engine, found: Report) -> None:
    for output in (
        printed(lambda console: show_report(found, console)),
        printed(lambda console: terminal.show_trail(trail(asked, Person.only("srhea")), console)),
    ):
        for line in output.split("\n"):
            assert for_terminal(line) == line
        for text in HOSTILE:
            assert for_terminal(text) in output


def test_a_trail_in_a_terminal_is_one_line_a_request(asked: Engine) -> None:
    counts: list[int] = []

    output = printed(
        lambda console: counts.append(
            terminal.show_trail(trail(asked, Person.only("srhea")), console)
        ),
        40,
    )

    assert counts == [len(HOSTILE)]
    assert output.count("\n") == len(HOSTILE)


def test_a_trail_is_cut_at_the_width_of_the_window(asked: Engine) -> None:
    stream = io.StringIO()
    console = terminal.make_console(stream, columns=60)
    console._force_terminal = True

    terminal.show_trail(trail(asked, Person.only("srhea")), console)

    assert stream.getvalue().count("\n") == len(HOSTILE)
    assert "…" in stream.getvalue()


@pytest.mark.parametrize("columns", [12, 40, 80, 200])
def test_a_report_fits_any_window(found: Report, columns: int) -> None:
    output = printed(lambda console: show_report(found, console), columns)

    assert max(len(line) for line in output.split("\n")) <= columns


def test_a_pipe_has_a_fixed_width() -> None:
    assert terminal.make_console(io.StringIO()).width == terminal.PIPE_COLUMNS


def test_a_terminal_encoding_without_a_character_does_not_fail() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    terminal.show_unknown(UnknownUser("Ünï", ()), terminal.make_console(stream))
    stream.flush()

    assert raw.getvalue().startswith(rb"\xdcn\xef: No request")


def test_hostile_text_is_one_csv_cell_and_not_a_formula(asked: Engine) -> None:
    content = b"".join(trail_csv(trail(asked, Person.only("srhea")))).decode()

    rows = list(csv.DictReader(io.StringIO(content, newline="")))

    cells = {row["uri"] for row in rows}
    assert cells == {f"'{t}" if t.startswith(OBEYED_BY_SPREADSHEETS) else t for t in HOSTILE}
    assert {row["uri"] for row in rows} == {row["user_agent"] for row in rows}


def test_json_holds_hostile_text_unchanged(asked: Engine, found: Report) -> None:
    rows = [orjson.loads(line) for line in trail_lines(trail(asked, Person.only("srhea")))]
    document = orjson.loads(report_object(found))

    assert {row["uri"] for row in rows} == set(HOSTILE)
    assert {use["value"] for use in document["user_agents"]["shown"]} == set(HOSTILE)
    assert document["known"] is True
    assert document["coverage"]["taken_at"] == "2026-11-22T10:00:00.000000Z"


def test_a_trail_object_has_the_fields_that_scripts_rely_on(asked: Engine) -> None:
    line = next(trail_lines(trail(asked, Person.only("srhea"))))

    relied_on = (
        "time user_id identity method host uri status ip country user_agent referer bytes ray_id "
        "batch_id line_number"
    )
    assert line.endswith(b"}\n")
    assert set(relied_on.split()) <= set(orjson.loads(line))


def test_an_unknown_user_is_printed_as_a_json_object() -> None:
    assert orjson.loads(report_object(UnknownUser("x", ("y",)))) == {
        "known": False,
        "user": "x",
        "nearest": ["y"],
        "misdirected": [],
    }


def test_a_megabyte_of_text_is_cut_for_people_and_whole_for_programs(
    engine: Engines,
) -> None:
    asked = engine([record(ClientRequestURI=LONG[:900_000], ClientRequestUserAgent="x" * 9999)])
    made = report(asked, Person.only("srhea"))
    assert isinstance(made, Report)

    page = report_html(made)
    # Wide enough for a whole URL in its column.
    text = printed(lambda console: show_report(made, console), 600)
    line = printed(lambda console: terminal.show_trail(trail(asked, Person.only("srhea")), console))

    assert b"\xe2\x80\xa6 (900,000 characters)" in page
    assert "… (900,000 characters)" in text.replace("\n", "")
    assert "… (900,000 characters)" in line
    assert max(len(page), len(text), len(line)) < 100_000
    assert LONG[:900_000].encode() in b"".join(trail_csv(trail(asked, Person.only("srhea"))))
    assert LONG[:900_000].encode() in next(trail_lines(trail(asked, Person.only("srhea"))))
    assert LONG[:900_000].encode() in report_object(made)


def test_the_answer_of_sql_is_a_table_of_escaped_text(asked: Engine) -> None:
    answer = analyst_sql(asked, 'select uri, null as n, 1.5 as "[red]\x1b" from requests')

    output = printed(lambda console: terminal.show_answer(answer, console), 300)

    assert r"[red]\u001b" in output
    for text in HOSTILE:
        assert for_terminal(text) in output


def test_an_answer_longer_than_a_screen_shows_its_first_rows_and_how_many_follow(
    engine: Engines,
) -> None:
    asked = engine()
    whole = analyst_sql(asked, "select 'row ' || range as r from range(200)")
    longer = analyst_sql(asked, "select 'row ' || range as r from range(1203)")

    shown_whole = printed(lambda console: terminal.show_answer(whole, console))
    shown_part = printed(lambda console: terminal.show_answer(longer, console))

    rows = [str(number) for number in range(200)]
    assert re.findall(r"row ([0-9]+)", shown_whole) == rows
    assert "more" not in shown_whole
    assert re.findall(r"row ([0-9]+)", shown_part) == rows
    assert "… 1,003 more rows" in shown_part


def test_an_unknown_user_is_offered_similar_names() -> None:
    unknown = UnknownUser("sr\x1bhea", ("srhea", "[red]x"))

    output = printed(lambda console: terminal.show_unknown(unknown, console))

    assert output == (
        "sr\\u001bhea: No request and no login has exactly this name. Similar names:\n"
        "  srhea\n  [red]x\n"
    )


def test_every_output_marks_a_cut_list(engine: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SESSIONS_SHOWN", "STEPS_SHOWN", "NAMES_SHOWN"):
        monkeypatch.setattr(sessions, name, 1)
    for name in ("USES_SHOWN", "REFUSED_SHOWN", "LOGINS_SHOWN", "DOWNLOADS_SHOWN", "CHANGES_SHOWN"):
        monkeypatch.setattr(report_module, name, 1)
    requests = [
        record(
            EdgeStartTimestamp=f"2026-11-{day}T09:00:0{step}Z",
            ClientRequestURI=f"/{step}",
            ClientRequestHost=f"{step}.example",
            EdgeResponseStatus=403,
        )
        for day in (20, 21, 22)
        for step in range(3)
    ]
    made = report(engine(requests, [login(Email="srhea", RayID="")] * 4), Person.only("srhea"))
    assert isinstance(made, Report)

    page = "\n".join(Page(report_html(made)).texts)
    text = printed(lambda console: show_report(made, console))

    for output in (page, text):
        assert "… 2 more sessions" in output
        assert "1 of 3 requests that are not folded shown" in output
        assert "… 2 more hosts" in output
        assert "… 8 more refused requests" in output
        assert "… 3 more logins" in output


def test_every_output_names_the_ray_id_that_explains_a_refusal(engine: Engines) -> None:
    """The log of a request that its origin refused names no rule."""
    made = report(
        engine([record(EdgeResponseStatus=403, RayID="8f0e1d2c3b4a5968")]), Person.only("srhea")
    )
    assert isinstance(made, Report)

    page = "\n".join(Page(report_html(made)).texts)
    text = printed(lambda console: show_report(made, console))

    for output in (page, text):
        assert "8f0e1d2c3b4a5968" in output
        assert "raytrail explain RAYID" in output


def test_every_output_has_a_sentence_for_an_empty_period(engine: Engines) -> None:
    requests = [record(), record(EdgeStartTimestamp=None, EdgeEndTimestamp=None)]
    made = report(engine(requests), Person.only("srhea"), parse_period("2020-01-01", "2020-01-01"))
    assert isinstance(made, Report)

    page = "\n".join(Page(report_html(made)).texts)
    text = printed(lambda console: show_report(made, console))

    for output in (page, text):
        assert "no requests in this period" in output
        assert "from 2020-01-01 00:00:00Z until 2020-01-02 00:00:00Z" in output
        assert "1 request without a time left out" in output
    assert "<svg" not in report_html(made).decode()
