"""The data files are right, a wrong one says so, and a record finds its dataset."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from schema.dataset import Dataset, Field, FieldType, best_match, datasets, read_dataset, recognise
from schema.errors import BadDataset

DOCUMENT: dict[str, Any] = {
    "name": "logins",
    "scope": "account",
    "event_time": ["CreatedAt"],
    "identity": [{"source": "email", "field": "Email"}],
    "fields": [
        {"name": "CreatedAt", "type": "timestamp", "meaning": "When."},
        {"name": "Email", "type": "string", "meaning": "Who.", "type_source": "inferred"},
        {"name": "Old", "type": "array[int]", "meaning": "Gone.", "deprecated": True},
    ],
}


def read(**changes: object) -> Dataset:
    return read_dataset("logins.json", orjson.dumps({**DOCUMENT, **changes}))


def with_field(**field: object) -> list[dict[str, Any]]:
    return [*DOCUMENT["fields"], {"name": "New", "type": "int", "meaning": "New.", **field}]


def dataset_of(name: str, time: str, *names: str) -> Dataset:
    fields = [(time, FieldType.TIMESTAMP), *((name, FieldType.STRING) for name in names)]
    return Dataset(
        name=name,
        scope="zone",
        event_time=(time,),
        identity=(),
        fields=tuple(Field(name=name, type=kind, meaning="-") for name, kind in fields),
    )


def test_both_datasets_are_there_and_whole() -> None:
    assert {name: len(found.fields) for name, found in datasets().items()} == {
        "access_requests": 15,
        "http_requests": 125,
    }


def test_the_datasets_are_read_once_and_cannot_be_changed() -> None:
    assert datasets() is datasets()
    with pytest.raises(TypeError):
        datasets()["other"] = datasets()["http_requests"]  # type: ignore[index]


def test_http_requests_names_its_times_and_its_people_in_order() -> None:
    http = datasets()["http_requests"]

    assert http.scope == "zone"
    assert http.event_time == ("EdgeStartTimestamp", "EdgeEndTimestamp")
    assert [(rule.source, rule.field, rule.key) for rule in http.identity] == [
        ("request_header", "RequestHeaders", "cf-access-user"),
        ("cookie", "Cookies", "cf-access-user"),
    ]


def test_access_requests_names_its_time_and_its_people() -> None:
    access = datasets()["access_requests"]

    assert access.scope == "account"
    assert access.event_time == ("CreatedAt",)
    assert [(rule.source, rule.field, rule.key) for rule in access.identity] == [
        ("email", "Email", None)
    ]


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_every_meaning_is_one_short_sentence(dataset: Dataset) -> None:
    for field in dataset.fields:
        assert re.fullmatch(r"[A-Za-z0-9][^.]{3,90}\.", field.meaning), field


def test_what_a_data_file_says_is_what_its_value_holds() -> None:
    fields = read().fields

    assert fields[1] == Field(
        name="Email", type=FieldType.STRING, meaning="Who.", type_source="inferred"
    )
    assert fields[2] == Field(name="Old", type=FieldType.INTS, meaning="Gone.", deprecated=True)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "other"}, "unlike its file"),
        ({"scope": "planet"}, "scope 'planet'"),
        ({"event_time": ["Email"]}, "event_time 'Email' is no timestamp"),
        ({"event_time": ["Nowhen"]}, "event_time 'Nowhen' is no timestamp"),
        ({"identity": [{"source": "guess", "field": "Email"}]}, "identity source 'guess'"),
        ({"identity": [{"source": "email", "field": "Nobody"}]}, "identity field 'Nobody'"),
        ({"identity": [{"source": "email"}]}, "missing"),
        ({"fields": with_field(name="user_id")}, "not named the way"),
        ({"fields": with_field(name="EMail")}, "there twice"),
        ({"fields": with_field(name="Extra")}, "there twice, or ours"),
        ({"fields": with_field(meaning=" ")}, "no meaning"),
        ({"fields": with_field(type="integer")}, "'integer' is not a valid FieldType"),
        ({"fields": with_field(since=2021)}, "since"),
        ({"fields": [7]}, "TypeError"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_data_file_is_refused_with_its_name_and_the_problem(
    changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(BadDataset) as caught:
        read(**changes)

    assert "schema/datasets/logins.json" in str(caught.value)
    assert problem in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(BadDataset) as caught:
        read(scope="planet", event_time=["Email"])

    assert "scope" in str(caught.value)
    assert "event_time" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"name": "logins"}'])
def test_a_data_file_that_is_no_such_document_is_refused(content: bytes) -> None:
    with pytest.raises(BadDataset, match=r"logins\.json"):
        read_dataset("logins.json", content)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["ClientIP", "ClientRequestHost", "EdgeStartTimestamp", "RayID"], "http_requests"),
        (["ClientIP", "ClientRequestURI", "RequestHeaders"], "http_requests"),
        (["EdgeStartTimestamp", "ClientIP", "WAFAction", "ZoneName"], "http_requests"),
        (["Action", "Allowed", "AppDomain", "CreatedAt", "Email"], "access_requests"),
        (["Email", "RayID", "AppUUID"], "access_requests"),
    ],
)
def test_a_record_is_recognised_by_its_keys(keys: list[str], name: str) -> None:
    assert recognise(keys) is datasets()[name]


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["content"],
        ["RayID"],
        ["Email", "CreatedAt"],
        ["ClientIP", "ClientRequestHost", "RayID", "Kind"],
        ["EdgeStartTimestamp", "ClientIP", "RayID", "a", "b", "c", "d"],
    ],
)
def test_a_record_that_would_be_a_guess_is_not_recognised(keys: list[str]) -> None:
    assert recognise(keys) is None


def test_any_half_of_a_datasets_own_fields_with_its_time_is_recognised() -> None:
    for dataset in datasets().values():
        names = [field.name for field in dataset.fields]
        assert recognise([dataset.event_time[0], *names[::2]]) is dataset
        assert recognise([dataset.event_time[0], *names[1::2]]) is dataset


SHARED = ("ClientIP", "ClientRequestHost", "RayID")
REQUESTS = dataset_of("requests", "Start", *SHARED, "ClientRequestURI")
EVENTS = dataset_of("events", "Datetime", *SHARED, "RuleID")
ORDERS: list[Callable[[list[Dataset]], list[Dataset]]] = [list, lambda both: both[::-1]]


@pytest.mark.parametrize("order", ORDERS)
def test_neighbours_that_share_fields_are_told_apart_by_what_they_do_not(
    order: Callable[[list[Dataset]], list[Dataset]],
) -> None:
    both = order([REQUESTS, EVENTS])

    assert best_match([*SHARED, "Start"], both) is REQUESTS
    assert best_match([*SHARED, "RuleID"], both) is EVENTS
    assert best_match([*SHARED, "Datetime", "New"], both) is EVENTS
    assert best_match(SHARED, both) is None


def test_a_dataset_without_a_file_does_not_pass_as_its_neighbour() -> None:
    assert best_match([*SHARED, "Datetime", "RuleID"], [REQUESTS]) is None
