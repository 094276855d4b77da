"""The account or zone that something is asked of, found by its id or its name."""

import re
from dataclasses import dataclass
from typing import Any

from cloudflare import Cloudflare

from upstream.connection import Connection
from upstream.errors import NotThere
from upstream.permissions import ACCOUNT_READ, ZONE_READ

ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Zone:
    id: str
    name: str
    account: Account


Place = Account | Zone


def keys(place: Place) -> dict[str, Any]:
    """How the SDK is told which it is."""
    return {"zone_id" if isinstance(place, Zone) else "account_id": place.id}


def find_zone(connection: Connection, name_or_id: str) -> Zone:
    """The zone of that id or name. Raises NotThere where the token sees none."""

    def look(sdk: Cloudflare) -> Zone | None:
        if ID.fullmatch(name_or_id):
            found = sdk.zones.get(zone_id=name_or_id)
        else:
            found = next(iter(sdk.zones.list(name=name_or_id.lower())), None)
        if found is None:
            return None
        account = Account(found.account.id or "", found.account.name or "")
        return Zone(found.id, found.name, account)

    zone = connection.rest(ZONE_READ, look)
    if zone is None:
        raise NotThere(f"no zone {name_or_id!r}, as far as the token sees; name it by its id")
    return zone


def find_account(connection: Connection, name_or_id: str = "") -> Account:
    """The account of that id or name, or the only one the token sees."""
    if ID.fullmatch(name_or_id):
        return Account(name_or_id, name_or_id)
    found = connection.rest(
        ACCOUNT_READ,
        lambda sdk: [Account(each.id, each.name) for each in sdk.accounts.list()],
    )
    matching = [each for each in found if not name_or_id or each.name == name_or_id]
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise NotThere(f"no account {name_or_id!r}, as far as the token sees; name it by its id")
    names = ", ".join(sorted(each.name for each in matching))
    raise NotThere(f"the token sees several accounts: {names}; set RAYTRAIL_CLOUDFLARE_ACCOUNT")
