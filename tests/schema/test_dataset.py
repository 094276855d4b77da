"""The data files are right, a wrong one says so, and a record finds its dataset."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.dataset import (
    LOOKUPS_MAX,
    Dataset,
    Field,
    FieldType,
    best_match,
    datasets,
    pushed_datasets,
    read_dataset,
    recognise,
)
from schema.decoding.result import Provenance
from schema.errors import BadDataset
from tests.schema.readers import decode_by_all

PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001
EMAIL = [("email", "Email", None)]
ACTOR_EMAIL = [("email", "ActorEmail", None)]

DOCUMENT: dict[str, Any] = {
    "name": "logins",
    "scope": "account",
    "event_time": ["CreatedAt"],
    "record_id": None,
    "identity": [{"source": "email", "field": "Email"}],
    "fields": [
        {"id": 1, "name": "CreatedAt", "type": "timestamp", "meaning": "When."},
        {
            "id": 2,
            "name": "Email",
            "type": "string",
            "meaning": "Who.",
            "type_source": "inferred",
        },
        {"id": 4, "name": "Old", "type": "array[int]", "meaning": "Gone.", "deprecated": True},
    ],
}


def read(**changes: object) -> Dataset:
    return read_dataset("logins.json", orjson.dumps({**DOCUMENT, **changes}))


def test_a_dataset_has_as_many_lookups_as_the_limit() -> None:
    assert read(lookups=["Email"] * LOOKUPS_MAX).lookups == ("Email", "Email")
    assert read().lookups == ()


def with_field(**field: object) -> list[dict[str, Any]]:
    return [
        *DOCUMENT["fields"],
        {"id": 5, "name": "New", "type": "int", "meaning": "New.", **field},
    ]


def dataset_of(name: str, time: str, *names: str) -> Dataset:
    fields = [(time, FieldType.TIMESTAMP), *((name, FieldType.STRING) for name in names)]
    return Dataset(
        name=name,
        scope="zone",
        event_time=(time,),
        identity=(),
        fields=tuple(Field(name=name, type=kind, meaning="-") for name, kind in fields),
    )


def test_all_datasets_are_there_and_whole() -> None:
    assert {name: len(found.fields) for name, found in datasets().items()} == {
        "access_login_events": 20,
        "access_requests": 15,
        "access_requests_rest": 14,
        "account_abuse_protection_events": 19,
        "audit_logs": 15,
        "audit_logs_v2": 23,
        "biso_user_actions": 9,
        "casb_findings": 12,
        "device_posture_results": 18,
        "dex_application_tests": 72,
        "dlp_forensic_copies": 8,
        "email_security_post_delivery_events": 21,
        "firewall_events": 47,
        "gateway_dns": 82,
        "gateway_http": 62,
        "gateway_network": 34,
        "http_requests": 125,
        "mcp_portal_logs": 19,
        "ssh_logs": 18,
        "warp_config_changes": 12,
        "warp_toggle_changes": 9,
        "zero_trust_network_sessions": 43,
    }


def test_a_page_that_fields_were_taken_from_is_named_with_its_commit() -> None:
    for dataset in datasets().values():
        if dataset.source is not None:
            assert re.search(r"\.md at [0-9a-f]{40}(;|$)", dataset.source), dataset.name


NAMED_AFTER_FIRST_RELEASE = {
    "account_abuse_protection_events": "Email",
    "biso_user_actions": "UserEmail",
    "dex_application_tests": "UserEmail",
    "email_security_post_delivery_events": "RequestedBy",
    "mcp_portal_logs": "UserEmail",
    "ssh_logs": "UserEmail",
    "warp_config_changes": "UserEmail",
    "warp_toggle_changes": "UserEmail",
}


@pytest.mark.parametrize(("name", "field"), NAMED_AFTER_FIRST_RELEASE.items())
def test_a_record_of_a_newer_dataset_is_a_row_of_its_person_and_time(name: str, field: str) -> None:
    time = datasets()[name].event_time[0]
    sent = {time: "2026-11-20T09:51:07Z", field: "srhea@widgetcorp.example"}

    [piece] = decode_by_all([orjson.dumps(sent) + b"\n"], datasets()[name], PROVENANCE)

    [row] = piece.table.to_pylist()
    assert (row["user_id"], row["user_source"]) == ("srhea@widgetcorp.example", "email")
    assert row["event_time"].isoformat().startswith("2026-11-20T09:51:07")
    assert row["extra"] is None


def test_the_datasets_are_read_once_and_cannot_be_changed() -> None:
    assert datasets() is datasets()
    with pytest.raises(TypeError):
        datasets()["other"] = datasets()["http_requests"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "scopes", "event_time", "identity"),
    [
        (
            "http_requests",
            ("zone", None),
            ("EdgeStartTimestamp", "EdgeEndTimestamp"),
            [
                ("request_header", "RequestHeaders", "cf-access-user"),
                ("cookie", "Cookies", "cf-access-user"),
            ],
        ),
        ("access_requests", ("account", None), ("CreatedAt",), EMAIL),
        ("audit_logs", ("account", None), ("When",), ACTOR_EMAIL),
        ("audit_logs_v2", ("account", None), ("ActionTimestamp",), ACTOR_EMAIL),
        ("device_posture_results", ("account", None), ("Timestamp",), EMAIL),
        ("firewall_events", ("zone", "account"), ("Datetime",), []),
        ("gateway_dns", ("account", None), ("Datetime",), EMAIL),
        ("gateway_http", ("account", None), ("Datetime",), EMAIL),
        ("gateway_network", ("account", None), ("Datetime",), EMAIL),
        (
            "zero_trust_network_sessions",
            ("account", None),
            ("SessionStartTime", "SessionEndTime"),
            EMAIL,
        ),
    ],
)
def test_a_dataset_says_where_its_jobs_live_what_its_time_is_and_who_is_named(
    name: str,
    scopes: tuple[str, str | None],
    event_time: tuple[str, ...],
    identity: list[tuple[str, str, str | None]],
) -> None:
    dataset = datasets()[name]

    assert (dataset.scope, dataset.also_scope) == scopes
    assert dataset.event_time == event_time
    assert [(rule.source, rule.field, rule.key) for rule in dataset.identity] == identity
    assert not dataset.guesses_time


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_every_meaning_is_one_short_sentence(dataset: Dataset) -> None:
    for field in dataset.fields:
        assert re.fullmatch(r"[A-Za-z0-9][^.]{3,90}\.", field.meaning), field


def test_what_a_data_file_says_is_what_its_value_holds() -> None:
    fields = read().fields

    assert fields[1] == Field(
        id=2, name="Email", type=FieldType.STRING, meaning="Who.", type_source="inferred"
    )
    assert fields[2] == Field(
        id=4, name="Old", type=FieldType.INTS, meaning="Gone.", deprecated=True
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "other"}, "differs from the file's name"),
        ({"scope": "planet"}, "scope 'planet'"),
        ({"scope": None}, "scope None"),
        ({"also_scope": "planet"}, "also_scope 'planet'"),
        ({"also_scope": "account"}, "also_scope 'account' is not another"),
        ({"guesses_time": True}, "guesses_time"),
        ({"event_time": ["Email"]}, "event_time 'Email' is not a timestamp"),
        ({"event_time": ["Nowhen"]}, "event_time 'Nowhen' is not a timestamp"),
        ({"record_id": "CreatedAt"}, "record_id 'CreatedAt' is not a string field"),
        ({"record_id": "Nothing"}, "record_id 'Nothing' is not a string field"),
        ({"lookups": ["CreatedAt"]}, "lookup 'CreatedAt' is not a string field"),
        ({"lookups": ["Nothing"]}, "lookup 'Nothing' is not a string field"),
        ({"lookups": ["Email"] * 3}, "3 lookups are more than 2"),
        ({"identity": [{"source": "guess", "field": "Email"}]}, "identity source 'guess'"),
        ({"identity": [{"source": "email", "field": "Nobody"}]}, "identity field 'Nobody'"),
        ({"identity": [{"source": "email"}]}, "missing"),
        ({"fields": with_field(name="user_id")}, "is not a valid name"),
        ({"fields": with_field(name="EMail")}, "used twice"),
        ({"fields": with_field(name="Extra")}, "or is a name of our own columns"),
        ({"fields": with_field(name="Date")}, "or is a name of our own columns"),
        ({"fields": with_field(meaning=" ")}, "no meaning"),
        ({"fields": with_field(type="integer")}, "'integer' is not a valid FieldType"),
        ({"fields": with_field(since=2021)}, "since"),
        ({"fields": with_field(id=0)}, "'New' has no id"),
        ({"fields": with_field(id=2)}, "'New' has the id 2 of another field"),
        ({"fields": with_field(id=3), "retired_ids": [3]}, "'New' has the id 3 of another field"),
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
        (["ActorEmail", "ActionType", "When"], "audit_logs"),
        (["ActorEmail", "ActorIP", "ResourceID"], "audit_logs"),
        (["ActorEmail", "ActionType", "ActionTimestamp"], "audit_logs_v2"),
        (["ActorEmail", "ActorIPAddress", "ResourceID"], "audit_logs_v2"),
        (["Email", "PostureCheckName", "Timestamp"], "device_posture_results"),
        (["ClientIP", "ClientRequestHost", "Datetime"], "firewall_events"),
        (["ClientIP", "ClientRequestHost", "RayID", "Kind"], "firewall_events"),
        (["Action", "ClientIP", "RayID", "Datetime", "New", "Newer"], "firewall_events"),
        (["Datetime", "Email", "QueryName"], "gateway_dns"),
        (["Datetime", "Email", "URL"], "gateway_http"),
        (["Datetime", "Email", "SNI"], "gateway_network"),
        (["Email", "OriginIP", "SessionStartTime"], "zero_trust_network_sessions"),
        (["Email", "OriginIP", "SessionEndTime"], "zero_trust_network_sessions"),
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
        ["Datetime"],
        ["Email", "CreatedAt"],
        ["ClientIP", "ClientRequestHost", "RayID"],
        ["ClientIP", "ClientRequestHost", "RayID", "Sort"],
        ["Datetime", "DeviceID", "Email", "PolicyID"],
        ["ActionType", "ActorEmail", "ResourceID"],
        ["EdgeStartTimestamp", "ClientIP", "RayID", "a", "b", "c", "d"],
        ["ColoCode", "QueryName", "QueryType", "ResponseCode", "Timestamp"],
    ],
)
def test_a_record_that_would_be_a_guess_is_not_recognised(keys: list[str]) -> None:
    assert recognise(keys) is None


def test_any_half_of_a_datasets_own_fields_with_its_time_is_recognised() -> None:
    for dataset in pushed_datasets():
        names = [field.name for field in dataset.fields]
        assert recognise([dataset.event_time[0], *names[::2]]) is dataset
        assert recognise([dataset.event_time[0], *names[1::2]]) is dataset


@pytest.mark.parametrize("dataset", pushed_datasets(), ids=lambda dataset: dataset.name)
@given(data=st.data())
def test_fields_of_one_dataset_are_never_taken_for_another(
    dataset: Dataset, data: st.DataObject
) -> None:
    names = [field.name for field in dataset.fields]

    keys = data.draw(st.lists(st.sampled_from(names), unique=True))

    assert recognise(keys) in {dataset, None}


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
