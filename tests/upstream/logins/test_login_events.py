"""A query of login events keeps to the limits of the account's plan."""

from tests.cloudflare_api.world import ACCOUNT_ID, World
from upstream.connection import Connection
from upstream.logins.login_events import open_events
from upstream.options import ApiOptions


def test_a_small_plan_gets_the_most_important_fields(world: World, api_url: str) -> None:
    world.access.fields_max = 5
    world.access.available = tuple(name for name in world.access.available if name != "cfRayId")

    with Connection(ApiOptions(token=world.token, url=api_url, tries=1)) as connection:
        limits = open_events(connection, ACCOUNT_ID).limits

    assert limits.dimensions == ("datetime", "isSuccessfulLogin", "approvingPolicyId")
