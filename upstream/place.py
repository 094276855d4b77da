"""An account or zone at Cloudflare, found by its id or name."""

import re
from dataclasses import dataclass

from upstream.connection import Connection
from upstream.errors import NotThere
from upstream.permissions import ACCOUNT_READ, ZONE_READ
from upstream.rest_result import all_pages, result

ID = re.compile(r"[0-9a-f]{32}")

# The largest documented page of accounts.
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str

    @property
    def path(self) -> str:
        """What every REST path about it begins with."""
        return f"/accounts/{self.id}"


@dataclass(frozen=True, slots=True)
class Zone:
    id: str
    name: str
    account: Account

    @property
    def path(self) -> str:
        return f"/zones/{self.id}"


Place = Account | Zone


def find_zone(connection: Connection, name_or_id: str) -> Zone:
    """The zone with this id or name. Raises NotThere where the token cannot see it."""
    if ID.fullmatch(name_or_id):
        found = [result(connection.get(f"/zones/{name_or_id}", ZONE_READ))]
    else:
        found = result(connection.get("/zones", ZONE_READ, name=name_or_id.lower()))
    if not found:
        raise NotThere(f"the token sees no zone {name_or_id!r}; check the name, or use its id")
    zone = found[0]
    account = zone.get("account") or {}
    return Zone(zone["id"], zone["name"], Account(account.get("id", ""), account.get("name", "")))


def find_account(connection: Connection, name_or_id: str = "") -> Account:
    """The account with this id or name; without one, the only account that the token sees."""
    if ID.fullmatch(name_or_id):
        return Account(name_or_id, name_or_id)
    listed = all_pages(connection, "/accounts", ACCOUNT_READ, PAGE_ROWS)
    found = [Account(each["id"], each["name"]) for each in listed]
    matching = [each for each in found if not name_or_id or each.name == name_or_id]
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise NotThere(f"the token sees no account {name_or_id!r}; check the name, or use its id")
    names = ", ".join(sorted(each.name for each in matching))
    raise NotThere(f"the token sees several accounts: {names}; set RAYTRAIL_CLOUDFLARE_ACCOUNT")
