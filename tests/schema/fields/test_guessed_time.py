"""When a record happened whose fields nobody described; the rule stands at guessed_time()."""

from datetime import UTC, datetime

import pytest

from schema.body.lines import Line
from schema.decoding.row import GUESSED_TIME_MIN, Row, RowReader
from schema.unknown_dataset import EVENT_TIME, UNKNOWN, dataset_named


def row(text: str) -> Row:
    dataset = dataset_named(UNKNOWN)
    assert dataset is not None
    content = text.encode()
    found = RowReader(dataset).read(Line(1, content, len(content)))
    assert isinstance(found, Row)
    return found


def guess(text: str) -> str | None:
    """The guess as text, the same from compact and from spaced JSON."""
    time = row(text).cells["event_time"]
    assert time == row(text.replace('":', '" : ')).cells["event_time"]
    if time is None:
        return None
    moment = datetime.fromtimestamp(time // 10**6, UTC).replace(microsecond=time % 10**6)
    return moment.isoformat(sep=" ").removesuffix("+00:00")


def starts_as(found: str | None, time: str | None) -> bool:
    return found is time if found is None or time is None else found.startswith(time)


@pytest.mark.parametrize("name", EVENT_TIME)
def test_a_well_known_name_tells_the_time(name: str) -> None:
    assert guess(f'{{"A":1,"{name}":"2026-11-18T09:51:07Z"}}') == "2026-11-18 09:51:07"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        # The order of the well-known names counts, not the record's.
        ('{"Datetime":"2022-01-01T00:00:00Z","Timestamp":"2021-01-01T00:00:00Z"}', "2021-01-01"),
        ('{"ConnectTimestamp":1600000000,"Timestamp":1700000000}', "2023-11-14 22:13:20"),
        # The first that holds a time.
        ('{"Timestamp":"soon","Datetime":1700000000}', "2023-11-14 22:13:20"),
        ('{"Timestamp":null,"Datetime":1700000000}', "2023-11-14 22:13:20"),
        ('{"Timestamp":{},"Datetime":[],"When":true,"CreatedAt":1700000000}', "2023-11-14"),
        # A well-known name is believed even before 2010, and where an assumption is needed.
        ('{"Timestamp":0,"OtherTimestamp":1700000000}', "1970-01-01 00:00:00"),
        ('{"Timestamp":7}', "1970-01-01 00:00:07"),
        ('{"Timestamp":"2026-11-18 09:51:07"}', "2026-11-18 09:51:07"),
        # Every format; digits below the microsecond are cut, towards the past.
        ('{"EventTimestampMs":1689852946804}', "2023-07-20 11:35:46.804000"),
        ('{"Datetime":1684444377058000999}', "2023-05-18 21:12:57.058000"),
        ('{"Datetime":"1684444377.058000999"}', "2023-05-18 21:12:57.058000"),
        ('{"Datetime":-0.0000001}', "1969-12-31 23:59:59.999999"),
        ('{"timestampStartNanos":1684444377058000000}', "2023-05-18 21:12:57.058000"),
        # Only with its own capitals: anything else falls to the second rule.
        ('{"when":1700000000}', None),
        ('{"timestamp":7}', None),
        ('{"timestamp":1700000000}', "2023-11-14 22:13:20"),
    ],
)
def test_the_first_well_known_name_with_a_time_wins(text: str, time: str | None) -> None:
    assert starts_as(guess(text), time)


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        ("FlowTimestamp", True),
        ("flow_timestamp", True),
        ("FLOWTIMESTAMPMS", True),
        ("tImEsTaMp", True),
        ("SessionStartDatetime", True),
        ("xdatetime", True),
        ("TCPTimestampValue", False),
        ("TimestampMsx", False),
        ("Timestamps", False),
        ("MessageDate", False),
        ("StartTime", False),
        ("Datetime ", False),
        ("Datetime\\n", False),
        ("DatetimeMs", False),
        ("Time\N{LATIN SMALL LETTER LONG S}tamp", False),
        ("T\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}mestamp", False),
        ("\N{MICRO SIGN}Timestamp", True),
    ],
)
def test_any_other_name_tells_the_time_by_how_it_ends(name: str, tells: bool) -> None:
    assert (guess(f'{{"{name}":1700000000}}') is not None) == tells


@pytest.mark.parametrize(
    ("text", "time"),
    [
        # The record's order counts.
        ('{"BTimestamp":1700000000,"ATimestamp":1600000000}', "2023-11-14 22:13:20"),
        # The first that holds a time of 2010 or later.
        ('{"ATimestamp":"no","BDatetime":1700000000}', "2023-11-14 22:13:20"),
        ('{"ATimestamp":null,"BDatetime":1700000000}', "2023-11-14 22:13:20"),
        ('{"ATimestamp":100,"BDatetime":1700000000}', "2023-11-14 22:13:20"),
        ('{"ATimestamp":"1970-01-01T00:00:00Z","BDatetime":1700000000}', "2023-11-14 22:13:20"),
        ('{"ATimestamp":"2010-01-01T00:00:00Z"}', "2010-01-01 00:00:00"),
        ('{"ATimestamp":"2010-01-01T00:59:59+01:00"}', None),
        ('{"ATimestamp":"2009-12-31T23:59:59.999999999Z"}', None),
        ('{"ATimestamp":1262304000}', "2010-01-01 00:00:00"),
        ('{"ATimestamp":1262303999}', None),
        # A well-known name goes first, wherever it stands.
        ('{"ATimestamp":1700000000,"When":1600000000}', "2020-09-13 12:26:40"),
        # Members inside values do not count.
        ('{"A":{"Timestamp":1700000000},"B":[{"BTimestamp":1700000000}]}', None),
        # Of equal names the last value counts, at the place of the first.
        ('{"ATimestamp":"no","BTimestamp":1600000000,"ATimestamp":1700000000}', "2023-11-14"),
        ('{"ATimestamp":1700000000,"BTimestamp":1600000000,"ATimestamp":0}', "2020-09-13"),
        (r'{"A\u0054imestamp":0,"ATimestamp":1700000000}', "2023-11-14"),
        (r'{"\u0054imestamp":1700000000}', "2023-11-14"),
        ("{}", None),
    ],
)
def test_else_the_records_first_likely_member_with_a_likely_time_wins(
    text: str, time: str | None
) -> None:
    assert starts_as(guess(text), time)


def test_the_year_of_cloudflares_beginning_is_the_limit() -> None:
    assert datetime.fromtimestamp(GUESSED_TIME_MIN / 10**6, UTC) == datetime(2010, 1, 1, tzinfo=UTC)


def test_everything_stands_in_extra_and_nothing_is_counted_as_foreign() -> None:
    text = '{"Timestamp":1700000000,"Email":"a@b.example","B":1.0,"C":null,"D":"x"}'
    found = row(text)

    assert found.cells["extra"] == text
    assert found.unknown == ["Timestamp", "Email", "B", "C", "D"]
    assert (found.misfits, found.approximations, found.is_foreign) == ([], [], False)


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ('{"UserEmail":"a"}', ("a", "email")),
        ('{"UserEmail":"a","ActorEmail":"b"}', ("b", "email")),
        ('{"ActorEmail":"b","Email":"c"}', ("c", "email")),
        ('{"Email":"c","Cookies":{"cf-access-user":"d"}}', ("d", "cookie")),
        (
            '{"Cookies":{"cf-access-user":"d"},"RequestHeaders":{"CF-Access-User":"e"}}',
            ("e", "request_header"),
        ),
        ('{"User":"a"}', (None, None)),
    ],
)
def test_people_are_looked_for_in_every_usual_place(
    text: str, user: tuple[str | None, str | None]
) -> None:
    cells = row(text).cells

    assert (cells["user_id"], cells["user_source"]) == user
