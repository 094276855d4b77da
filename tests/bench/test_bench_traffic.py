"""The made-up traffic: the same bytes for ever, and like the real thing where it matters."""

import gzip
import hashlib

import orjson
import pytest

from bench.mixes import MIXES, OFFICES
from bench.traffic import STAMPS, Traffic, body, plain
from schema.dataset import datasets
from schema.decoding.decode import decode
from schema.decoding.result import Provenance
from tests.factories import NOW

RECORDS = 400
PROVENANCE = Provenance(batch_id="b", received_at=NOW)


def records(traffic: Traffic, count: int = RECORDS) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in plain(traffic, 0, count).splitlines()]


def test_the_same_seed_gives_the_same_bytes_on_every_machine() -> None:
    made = hashlib.sha256(plain(Traffic(), 0, RECORDS)).hexdigest()

    assert made == "106d1c06fe86e3af9e641f993988b6ee8cd7e88abd191f6acf0cec434936a4a6"


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("another seed", "3f35dd04d4fb5680c658c4e3469ee18da04c0f7e16446cfff908b4f39ab3e1bc"),
        (
            "shared addresses, nanoseconds",
            "48742d323043c9eea0bac4e2d2b0c8c87bc3308d34e6ed37f29a93ab9441304a",
        ),
        ("many visitors", "6e93a921a9b6cae906df4b52149fd1c42ae5730f0b4e49bcb480a0e61e90766b"),
        ("few visitors", "d34915effc2925d75784ef70292bba683f1c4adfcfe4f203ac446c7a80f3f1dc"),
    ],
)
def test_other_kinds_of_traffic_are_the_same_bytes_for_ever_too(name: str, digest: str) -> None:
    assert hashlib.sha256(plain(MIXES[name], 0, RECORDS)).hexdigest() == digest


def test_many_people_share_an_address_that_is_in_one_place() -> None:
    made = records(OFFICES, 3_000)
    people: dict[object, set[object]] = {}
    places: dict[object, set[object]] = {}
    for each in made:
        people.setdefault(each["ClientIP"], set()).add(each["ClientRequestUserAgent"])
        places.setdefault(each["ClientIP"], set()).add(each["ClientASN"])

    assert len(people) <= 40
    assert sum(map(len, people.values())) > 4 * len(people)
    assert all(len(networks) == 1 for networks in places.values())


def test_no_two_requests_have_one_time_in_nanoseconds() -> None:
    made = records(OFFICES)

    assert len({each["EdgeStartTimestamp"] for each in made}) == RECORDS
    assert {len(str(each["EdgeStartTimestamp"])) for each in made} == {30}


def test_the_row_before_tells_much_where_visitors_are_few_and_little_where_they_are_many() -> None:
    def share_as_before(traffic: Traffic) -> float:
        addresses = [each["ClientIP"] for each in records(traffic, 3_000)]
        as_before = sum(
            mine == before for mine, before in zip(addresses[1:], addresses, strict=False)
        )
        return as_before / len(addresses)

    assert share_as_before(MIXES["few visitors"]) > 0.5
    assert share_as_before(MIXES["many visitors"]) < 0.02


def test_another_seed_or_number_gives_another_batch() -> None:
    first = plain(Traffic(), 0, RECORDS)

    assert plain(Traffic(seed=4), 0, RECORDS) != first
    assert plain(Traffic(), 1, RECORDS) != first


def test_records_are_of_the_usual_size_and_compress_as_usual() -> None:
    sent = body(Traffic(), 0, 5000)
    inflated = gzip.decompress(sent)

    assert 2200 < len(inflated) / 5000 < 2600
    assert 8 < len(inflated) / len(sent) < 13.5


def test_every_field_is_one_that_cloudflare_documents_but_for_the_share_of_unknown_ones() -> None:
    known = {field.name for field in datasets()["http_requests"].fields}

    for record in records(Traffic(unknown_share=0.0)):
        assert len(record) == 74
        assert set(record) <= known
    odd_ones = sum(not set(record) <= known for record in records(Traffic()))
    assert 0.02 < odd_ones / RECORDS < 0.09


def test_people_are_named_in_the_share_of_records_asked_for() -> None:
    # Enough of them that no one person's visits decide.
    made = records(Traffic(), 10_000)

    named = sum("cf-access-user" in str(each["RequestHeaders"]) for each in made)

    assert 0.6 < named / len(made) < 0.8


@pytest.mark.parametrize("stamps", STAMPS)
@pytest.mark.parametrize("fields", ["full", "short"])
def test_clean_traffic_becomes_rows_without_a_misfit(stamps: str, fields: str) -> None:
    made = plain(Traffic(stamps=stamps, fields=fields), 0, RECORDS)

    (piece,) = decode([made], datasets()["http_requests"], PROVENANCE)

    assert piece.tally.rows == RECORDS
    assert not piece.tally.misfits
    assert piece.table["event_time"].null_count == 0


def test_odd_lines_come_in_the_share_asked_for_and_leave_the_others_as_they_are() -> None:
    clean = plain(Traffic(), 0, RECORDS).splitlines()
    spoiled = plain(Traffic(odd_share=0.2), 0, RECORDS).split(b"\n")[:-1]
    (piece,) = decode([b"\n".join(spoiled)], datasets()["http_requests"], PROVENANCE)

    odd_lines = sum(mine != theirs for mine, theirs in zip(clean, spoiled, strict=True))

    assert 0.12 < odd_lines / RECORDS < 0.28
    assert piece.tally.rejected
    assert piece.tally.duplicates
    assert {"EdgeResponseStatus", "ClientRequestMethod", "ClientASN"} <= set(piece.tally.misfits)
