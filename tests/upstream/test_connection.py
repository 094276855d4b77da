"""Refusals of Cloudflare become helpful errors; temporary errors are retried."""

import pytest

from tests.cloudflare_api.world import ACCOUNT_ID, TOKEN, ZONE_ID, ZONE_NAME, Trouble, World
from upstream.connection import Connection
from upstream.errors import (
    ApiChanged,
    ApiRefused,
    ApiUnavailable,
    EndpointNotReady,
    NotEntitled,
    NotThere,
)
from upstream.options import ApiOptions
from upstream.permissions import AUDIT_LOGS_READ, ZONE_READ
from upstream.place import find_account, find_zone
from upstream.refusals import refusal

SETTINGS = """query($accountTag: string!) { viewer { accounts(filter: {accountTag: $accountTag}) {
  settings { accessLoginRequestsAdaptiveGroups { enabled maxPageSize } } } } }"""


def connected(url: str, token: str = TOKEN) -> Connection:
    return Connection(ApiOptions(token=token, url=url, tries=3, pause=0.0))


def test_a_zone_is_found_by_name_and_by_id(api_url: str) -> None:
    with connected(api_url) as connection:
        by_name = find_zone(connection, ZONE_NAME)

        assert by_name == find_zone(connection, ZONE_ID)
        assert (by_name.id, by_name.account.id) == (ZONE_ID, ACCOUNT_ID)


def test_an_unknown_zone_is_an_error(api_url: str) -> None:
    with connected(api_url) as connection, pytest.raises(NotThere, match=r"other\.example"):
        find_zone(connection, "other.example")


def test_one_of_several_accounts_must_be_named(world: World, api_url: str) -> None:
    with connected(api_url) as connection:
        assert find_account(connection).id == ACCOUNT_ID
        world.accounts["0" * 32] = "Another Corp"
        with pytest.raises(NotThere, match="Another Corp, Widget Corp"):
            find_account(connection)
        assert find_account(connection, "Another Corp").id == "0" * 32
        with pytest.raises(NotThere, match="no account 'Nobody'"):
            find_account(connection, "Nobody")


def test_a_wrong_token_is_refused_and_not_shown(api_url: str) -> None:
    with (
        connected(api_url, "a-secret-that-nobody-may-see") as connection,
        pytest.raises(ApiRefused) as refused,
    ):
        find_zone(connection, ZONE_NAME)

    assert ZONE_READ in str(refused.value)
    assert "a-secret-that-nobody-may-see" not in str(refused.value)
    assert "a-secret-that-nobody-may-see" not in repr(ApiOptions(token="a-secret-that-nobody-may"))


def test_a_temporary_error_is_retried(world: World, api_url: str) -> None:
    world.troubles += [Trouble("/accounts", 503), Trouble("/accounts", 429)]
    world.troubles += [Trouble("/graphql", 503), Trouble("/graphql", 429)]

    with connected(api_url) as connection:
        assert find_account(connection).id == ACCOUNT_ID
        answer = connection.graphql(SETTINGS, {"accountTag": ACCOUNT_ID}, AUDIT_LOGS_READ)

    assert b'"maxPageSize":10000' in answer
    assert not world.troubles


def test_a_lasting_error_is_raised_after_the_retries(world: World, api_url: str) -> None:
    world.troubles += [Trouble("/graphql", 503)] * 3

    with connected(api_url) as connection, pytest.raises(ApiUnavailable, match="try again later"):
        connection.graphql(SETTINGS, {"accountTag": ACCOUNT_ID}, AUDIT_LOGS_READ)


def test_an_unreachable_address_is_named() -> None:
    with connected("http://127.0.0.1:9") as connection:
        with pytest.raises(ApiUnavailable, match=r"127\.0\.0\.1:9"):
            find_account(connection)
        with pytest.raises(ApiUnavailable, match=r"127\.0\.0\.1:9: ConnectError"):
            connection.graphql(SETTINGS, {}, AUDIT_LOGS_READ)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (200, "cannot request data older than 2678400s", NotEntitled),
        (400, "query time range is too large", NotEntitled),
        (403, "does not have access to the path", NotEntitled),
        (200, "rate limiter budget depleted, try again after 5 minutes", ApiUnavailable),
        (403, "not authorized for that account", ApiRefused),
        (400, "Unable to authenticate request", ApiRefused),
        (404, "Invalid zone identifier", NotThere),
        (409, "conflict", ApiUnavailable),
        (403, "reading job for product 'access' is not allowed", ApiRefused),
        (403, "creating a new job is not allowed: exceeded max jobs allowed", NotEntitled),
        (400, "error validating destination: error uploading: status:503", EndpointNotReady),
        (400, "error parsing args for the field", ApiChanged),
    ],
)
def test_each_refusal_of_cloudflare_becomes_its_own_error(
    status: int, message: str, kind: type[Exception]
) -> None:
    error = refusal(status, (message,), "Some: Read")

    assert type(error) is kind
    assert message in str(error)
